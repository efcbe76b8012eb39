/*
log_source: NSM:Flow
provider: Suricata
specification: https://docs.suricata.io/en/latest/output/eve/eve-json-format.html
channels:
  - {code: flow, channel: flow records, component: network_traffic_flow}
  - {code: dns, channel: dns.log, component: network_traffic_content, tells: names}
  - {code: tls, channel: ssl.log, component: network_traffic_content, tells: names}
  - {code: http, channel: http.log, component: network_traffic_content}
  - {code: fileinfo, channel: files.log, component: network_traffic_content}
  - {code: alert, channel: alert log, component: network_traffic_flow}
reads:
  [flow_id, host, community_id, src_ip, src_port, dest_ip, dest_port, proto, app_proto, direction,
   flow.src_ip, flow.src_port, flow.pkts_toserver, flow.pkts_toclient, flow.bytes_toserver, flow.bytes_toclient,
   flow.start, flow.end, flow.state,
   dns.type, dns.rrname, dns.rrtype, dns.rcode, dns.rdata, dns.answers, dns.queries, dns.query, dns.answer,
   tls.sni, tls.version, tls.subject, tls.issuerdn, tls.serial, tls.fingerprint, tls.notbefore, tls.notafter,
   tls.ja3.hash, tls.ja3s.hash,
   http.hostname, http.url, http.http_user_agent, http.http_refer, http.http_method, http.protocol, http.status,
   http.length, http.http_content_type,
   fileinfo.filename, fileinfo.size, fileinfo.md5, fileinfo.sha1, fileinfo.sha256,
   alert.action, alert.signature_id, alert.rev, alert.signature, alert.category, alert.severity]
cannot:
  host.id, host.name: a sensor sees addresses; which host had one is learned elsewhere. The sensor is observer.name
  process.*, user.name: a sensor sees neither
  destination.domain of flow: the record has addresses only
  destination.ip of dns: it is the server that was asked, not what was found; that stands in dns.resolved_ip
  dns.question.name of an answer of version 1: Suricata before 5 writes a record for each answer, with that answer's name
  source.*, destination.* of alert and fileinfo: Suricata names the sender first; it is turned by `flow` or `direction`
    (Suricata 7), before that where only the sender's port is below 1024
  source.bytes, event.duration of alert: the flow goes on; its own record has the sums, by the session
  file.path: what a transfer calls a file is no path on a host; its last part is file.name
  file.mime_type: Suricata has a description of the content (magic), where it is told to
  file.hash.*: where Suricata is told to hash files
  tls.cipher, tls.established: not among what Suricata writes
  tls.client.ja3, tls.server.ja3s, network.community_id: where Suricata is told to write them
  tls.server.*: TLS 1.3 sends certificates encrypted
*/
-- A flow is written when it ends, often minutes later; its time is when it began, as a connection's of Zeek.
WITH plain AS (
    SELECT
        origin, code, flow_id, host, community_id, "flow.pkts_toserver", "flow.pkts_toclient", "flow.bytes_toserver",
        "flow.bytes_toclient", "flow.state", "dns.rcode", "tls.version", "tls.subject", "tls.issuerdn",
        "tls.serial", "tls.fingerprint", "tls.notbefore", "tls.notafter", "tls.ja3.hash", "tls.ja3s.hash",
        "http.http_user_agent", "http.http_refer", "http.http_method", "http.protocol", "http.status", "http.length",
        "http.http_content_type", "fileinfo.size", "fileinfo.md5", "fileinfo.sha1", "fileinfo.sha256",
        "alert.action", "alert.signature_id", "alert.rev", "alert.signature", "alert.category", "alert.severity",
        clew_time(clew_cut(CASE code WHEN 'flow' THEN coalesce("flow.start", written) ELSE written END)) AS happened,
        clew_time(clew_cut(CASE code WHEN 'flow' THEN "flow.end" END)) AS ended,
        code <> 'flow' AND coalesce("flow.src_ip" <> src_ip OR "flow.src_port" <> src_port, direction = 'to_client',
            try_cast(src_port AS BIGINT) < 1024 AND try_cast(dest_port AS BIGINT) >= 1024, false) AS reversed,
        clew_address(CASE WHEN reversed THEN dest_ip ELSE src_ip END) AS source_ip,
        CASE WHEN reversed THEN dest_port ELSE src_port END AS source_port,
        clew_address(CASE WHEN reversed THEN src_ip ELSE dest_ip END) AS destination_ip,
        CASE WHEN reversed THEN src_port ELSE dest_port END AS destination_port,
        lower(clew_text(proto))                       AS transport,
        CASE code WHEN 'dns' THEN 'dns' WHEN 'tls' THEN 'tls' WHEN 'http' THEN 'http'
            ELSE nullif(nullif(app_proto, 'failed'), 'unknown') END AS protocol,
        "dns.type"                                    AS dns_type,
        -- In an alert version 2 has the query as a list, and the answer beside it.
        clew_text(coalesce("dns.rrname", clew_listed("dns.queries", '$[0].rrname'),
            clew_listed("dns.query", '$[0].rrname'), clew_listed("dns.answer", '$.rrname'))) AS question,
        clew_text(coalesce("dns.rrtype", clew_listed("dns.queries", '$[0].rrtype'),
            clew_listed("dns.query", '$[0].rrtype'), clew_listed("dns.answer", '$.rrtype'))) AS question_type,
        coalesce(clew_listed("dns.answers", '$[*].rdata'), clew_listed("dns.answer", '$.answers[*].rdata'),
            ["dns.rdata"])                            AS found,
        clew_text("tls.sni")                          AS sni,
        clew_asked_host("http.hostname")                    AS asked,
        clew_text("http.url")                         AS url,
        clew_base(clew_text("fileinfo.filename"))     AS file_name
    FROM record
), named AS (
    SELECT *, coalesce(question, clew_domain(sni), clew_domain(asked)) AS domain FROM plain
)
SELECT
    origin,
    happened                                  AS "@timestamp",
    code                                      AS "event.code",
    CASE WHEN ended >= happened THEN try((epoch_us(ended) - epoch_us(happened)) * 1000) END AS "event.duration",
    clew_text("alert.action")                 AS "event.action",
    CASE "alert.action" WHEN 'blocked' THEN 'failure' END AS "event.outcome",
    try_cast("alert.severity" AS BIGINT)      AS "event.severity",
    clew_text("alert.signature_id")           AS "rule.id",
    clew_text("alert.signature")              AS "rule.name",
    clew_text("alert.rev")                    AS "rule.version",
    clew_text("alert.category")               AS "rule.category",
    clew_text(host)                           AS "observer.name",
    NULL::VARCHAR                             AS "host.name",

    clew_direction(NULL, NULL, source_ip, destination_ip) AS "network.direction",
    transport                                 AS "network.transport",
    clew_protocol(protocol)                   AS "network.protocol",
    clew_text(community_id)                   AS "network.community_id",
    clew_text(flow_id)                        AS "clew.network.session",
    CASE code WHEN 'flow' THEN clew_text("flow.state") END AS "clew.network.state",
    source_ip                                 AS "source.ip",
    clew_port(source_port, transport)         AS "source.port",
    CASE code WHEN 'flow' THEN try_cast("flow.bytes_toserver" AS BIGINT) END AS "source.bytes",
    CASE code WHEN 'flow' THEN try_cast("flow.pkts_toserver" AS BIGINT) END AS "source.packets",
    destination_ip                            AS "destination.ip",
    clew_port(destination_port, transport)    AS "destination.port",
    CASE code WHEN 'flow' THEN try_cast("flow.bytes_toclient" AS BIGINT) END AS "destination.bytes",
    CASE code WHEN 'flow' THEN try_cast("flow.pkts_toclient" AS BIGINT) END AS "destination.packets",
    domain                                    AS "destination.domain",
    coalesce(domain, destination_ip)          AS "destination.address",
    clew_public(destination_ip)               AS "clew.destination.public",
    clew_own(source_ip, destination_ip, domain, question IS NOT NULL) AS "clew.destination.own",

    question                                  AS "dns.question.name",
    question_type                             AS "dns.question.type",
    CASE dns_type WHEN 'request' THEN 'query' WHEN 'response' THEN 'answer' ELSE dns_type END AS "dns.type",
    clew_resolved(found)                      AS "dns.resolved_ip",
    clew_text("dns.rcode")                    AS "dns.response_code",

    clew_tls_version("tls.version")           AS "tls.version",
    clew_tls_protocol("tls.version")          AS "tls.version_protocol",
    sni                                       AS "tls.client.server_name",
    clew_text("tls.ja3.hash")                 AS "tls.client.ja3",
    clew_text("tls.ja3s.hash")                AS "tls.server.ja3s",
    clew_text("tls.subject")                  AS "tls.server.subject",
    clew_text("tls.issuerdn")                 AS "tls.server.issuer",
    clew_date("tls.notbefore")                AS "tls.server.not_before",
    clew_date("tls.notafter")                 AS "tls.server.not_after",
    clew_serial("tls.serial")                 AS "tls.server.x509.serial_number",
    clew_digest("tls.fingerprint", 40)        AS "tls.server.hash.sha1",

    url                                       AS "url.original",
    clew_url(coalesce(asked, destination_ip), url) AS "url.full",
    asked                                     AS "url.domain",
    clew_url_path(url)                        AS "url.path",
    clew_url_query(url)                       AS "url.query",
    regexp_replace(clew_text("http.protocol"), '^HTTP/', '') AS "http.version",
    clew_text("http.http_method")             AS "http.request.method",
    clew_text("http.http_refer")              AS "http.request.referrer",
    try_cast("http.status" AS BIGINT)         AS "http.response.status_code",
    try_cast("http.length" AS BIGINT)         AS "http.response.body.bytes",
    clew_text("http.http_content_type")       AS "http.response.mime_type",
    clew_text("http.http_user_agent")         AS "user_agent.original",

    file_name                                 AS "file.name",
    clew_extension(file_name)                 AS "file.extension",
    try_cast("fileinfo.size" AS BIGINT)       AS "file.size",
    clew_digest("fileinfo.md5", 32)           AS "file.hash.md5",
    clew_digest("fileinfo.sha1", 40)          AS "file.hash.sha1",
    clew_digest("fileinfo.sha256", 64)        AS "file.hash.sha256"
FROM named
