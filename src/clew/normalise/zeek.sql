/*
log_source: NSM:Flow
provider: Zeek
specification: https://docs.zeek.org/en/master/logs/index.html
channels:
  - {code: conn, channel: conn.log, component: network_traffic_flow}
  - {code: dns, channel: dns.log, component: network_traffic_content, tells: names}
  - {code: ssl, channel: ssl.log, component: network_traffic_content, tells: names}
  - {code: http, channel: http.log, component: network_traffic_content}
  - {code: files, channel: files.log, component: network_traffic_content}
  - {code: x509, channel: x509.log, component: network_traffic_content}
reads:
  [uid, id.orig_h, id.orig_p, id.resp_h, id.resp_p, proto, service, duration, orig_bytes, resp_bytes, conn_state,
   local_orig, local_resp, orig_pkts, resp_pkts, community_id, "@system", _system_name,
   query, qtype_name, rcode_name, rejected, answers,
   version, cipher, server_name, next_protocol, established, ja3, ja3s, subject, issuer, issuer_subject, client_subject,
   client_issuer, client_issuer_subject, not_valid_before, not_valid_after, cert_hash, cert_chain_fps,
   resp_certificate_sha1, validation_status,
   method, host, uri, referrer, user_agent, username, request_body_len, response_body_len, status_code,
   resp_mime_types,
   tx_hosts, rx_hosts, conn_uids, source, is_orig, mime_type, filename, seen_bytes, total_bytes, md5, sha1, sha256,
   fingerprint, certificate.serial, certificate.subject, certificate.issuer, certificate.not_valid_before,
   certificate.not_valid_after, certificate.key_alg, certificate.sig_alg, certificate.key_length, san.dns]
cannot:
  host.id, host.name: a sensor sees addresses; which host had one is learned elsewhere. The sensor is observer.name
  process.*, user.name: a sensor sees neither; user.name is only what a client told in HTTP's basic authentication
  destination.domain of conn: the record has addresses only
  destination.ip of dns: it is the server that was asked, not what was found; that stands in dns.resolved_ip
  source.*, destination.* of x509: a certificate is logged once for many connections; ssl and files have their uid
  clew.network.session, source.* of files: Zeek before 5.1 lists all connections of a file, the first is taken; no ports
  network.transport of ssl and files: the record does not tell (DTLS and QUIC are UDP)
  file.path: what a transfer calls a file is no path on a host; its last part is file.name
  event.duration of dns, ssl, http: their records have none; that of their connection is in conn, by the session
  tls.server.hash.*: in ssl where it has fingerprints (Zeek 4.1 and later, or a script); else in files, by the session
  tls.server.not_before, tls.server.not_after, tls.server.x509.serial_number: from Zeek 2.3 on they stand in x509
  network.community_id, tls.client.ja3, tls.server.ja3s: where the sensor's scripts write them
*/
-- Zeek writes a connection when it ends, but its time is when it began.
WITH plain AS (
    SELECT
        origin, code, proto, duration, orig_bytes, resp_bytes, orig_pkts, resp_pkts, cipher, next_protocol,
        established, ja3, ja3s, subject, issuer, issuer_subject, client_subject, client_issuer, client_issuer_subject,
        not_valid_before, not_valid_after, cert_hash, resp_certificate_sha1, validation_status, method, referrer,
        user_agent, username, request_body_len, response_body_len, status_code, mime_type, seen_bytes,
        total_bytes, md5, sha1, sha256, fingerprint, conn_state, community_id, qtype_name, rcode_name, answers,
        "certificate.serial", "certificate.subject", "certificate.issuer", "certificate.not_valid_before",
        "certificate.not_valid_after", "certificate.key_alg", "certificate.sig_alg", "certificate.key_length",
        "id.orig_p", "id.resp_p", rejected,
        clew_moment(written)                          AS happened,
        coalesce(clew_text("@system"), clew_text(_system_name)) AS sensor,
        coalesce(clew_text(uid), clew_first(conn_uids)) AS session,
        -- Of a file Zeek tells who sent it, and whether that is who opened the connection.
        clew_address(coalesce("id.orig_h", clew_first(CASE clew_boolean(is_orig)
            WHEN true THEN tx_hosts WHEN false THEN rx_hosts END))) AS source_ip,
        clew_address(coalesce("id.resp_h", clew_first(CASE clew_boolean(is_orig)
            WHEN true THEN rx_hosts WHEN false THEN tx_hosts END))) AS destination_ip,
        clew_boolean(local_orig)                      AS source_inside,
        clew_boolean(local_resp)                      AS destination_inside,
        CASE code WHEN 'http' THEN 'tcp' ELSE lower(clew_text(proto)) END AS transport,
        CASE code WHEN 'dns' THEN 'dns' WHEN 'ssl' THEN 'tls' WHEN 'http' THEN 'http' WHEN 'files' THEN source
            ELSE service END                          AS protocol,
        clew_text(query)                              AS question,
        clew_text(server_name)                        AS sni,
        CASE code WHEN 'http' THEN clew_asked_host(host) END AS asked,
        CASE code WHEN 'http' THEN clew_text(uri) END AS url,
        CASE code WHEN 'http' THEN version END        AS http_version,
        CASE code WHEN 'ssl' THEN version END         AS tls_version,
        clew_first(resp_mime_types)                   AS answered_type,
        clew_first(cert_chain_fps)                    AS server_print,
        clew_base(clew_text(filename))                AS file_name,
        clew_listed("san.dns", '$[*]')                AS names
    FROM record
), named AS (
    SELECT *, coalesce(question, clew_domain(sni), clew_domain(asked)) AS domain FROM plain
)
SELECT
    origin,
    happened                                  AS "@timestamp",
    code                                      AS "event.code",
    clew_duration(duration)                   AS "event.duration",
    sensor                                    AS "observer.name",
    NULL::VARCHAR                             AS "host.name",
    clew_text(username)                       AS "user.name",

    clew_direction(source_inside, destination_inside, source_ip, destination_ip) AS "network.direction",
    transport                                 AS "network.transport",
    clew_protocol(protocol)                   AS "network.protocol",
    clew_text(community_id)                   AS "network.community_id",
    session                                   AS "clew.network.session",
    clew_text(conn_state)                     AS "clew.network.state",
    source_ip                                 AS "source.ip",
    clew_port("id.orig_p", transport)         AS "source.port",
    try_cast(orig_bytes AS BIGINT)            AS "source.bytes",
    try_cast(orig_pkts AS BIGINT)             AS "source.packets",
    destination_ip                            AS "destination.ip",
    clew_port("id.resp_p", transport)         AS "destination.port",
    try_cast(resp_bytes AS BIGINT)            AS "destination.bytes",
    try_cast(resp_pkts AS BIGINT)             AS "destination.packets",
    domain                                    AS "destination.domain",
    coalesce(domain, destination_ip)          AS "destination.address",
    clew_public(destination_ip)               AS "clew.destination.public",
    clew_own(source_ip, destination_ip, domain, code = 'dns') AS "clew.destination.own",

    question                                  AS "dns.question.name",
    clew_text(qtype_name)                     AS "dns.question.type",
    CASE WHEN code = 'dns' THEN CASE WHEN rcode_name IS NULL THEN 'query' ELSE 'answer' END END AS "dns.type",
    clew_resolved(clew_listed(answers, '$[*]')) AS "dns.resolved_ip",
    clew_text(rcode_name)                     AS "dns.response_code",

    clew_tls_version(tls_version)             AS "tls.version",
    clew_tls_protocol(tls_version)            AS "tls.version_protocol",
    clew_text(cipher)                         AS "tls.cipher",
    clew_boolean(established)                 AS "tls.established",
    clew_text(next_protocol)                  AS "tls.next_protocol",
    sni                                       AS "tls.client.server_name",
    clew_text(ja3)                            AS "tls.client.ja3",
    clew_text(client_subject)                 AS "tls.client.subject",
    clew_text(coalesce(client_issuer, client_issuer_subject)) AS "tls.client.issuer",
    clew_text(ja3s)                           AS "tls.server.ja3s",
    clew_text(subject)                        AS "tls.server.subject",
    clew_text(coalesce(issuer, issuer_subject)) AS "tls.server.issuer",
    clew_date(not_valid_before)               AS "tls.server.not_before",
    clew_date(not_valid_after)                AS "tls.server.not_after",
    clew_digest(cert_hash, 32)                AS "tls.server.hash.md5",
    coalesce(clew_digest(server_print, 40), clew_digest(resp_certificate_sha1, 40)) AS "tls.server.hash.sha1",
    clew_digest(server_print, 64)             AS "tls.server.hash.sha256",
    clew_text(validation_status)              AS "clew.tls.validation",

    url                                       AS "url.original",
    clew_url(coalesce(asked, destination_ip), url) AS "url.full",
    asked                                     AS "url.domain",
    clew_url_path(url)                        AS "url.path",
    clew_url_query(url)                       AS "url.query",
    clew_text(http_version)                   AS "http.version",
    clew_text(method)                         AS "http.request.method",
    clew_text(referrer)                       AS "http.request.referrer",
    try_cast(request_body_len AS BIGINT)      AS "http.request.body.bytes",
    try_cast(status_code AS BIGINT)           AS "http.response.status_code",
    try_cast(response_body_len AS BIGINT)     AS "http.response.body.bytes",
    answered_type                             AS "http.response.mime_type",
    clew_text(user_agent)                     AS "user_agent.original",

    file_name                                 AS "file.name",
    clew_extension(file_name)                 AS "file.extension",
    try_cast(coalesce(total_bytes, seen_bytes) AS BIGINT) AS "file.size",
    clew_text(mime_type)                      AS "file.mime_type",
    clew_digest(md5, 32)                      AS "file.hash.md5",
    coalesce(clew_digest(sha1, 40), clew_digest(fingerprint, 40)) AS "file.hash.sha1",
    coalesce(clew_digest(sha256, 64), clew_digest(fingerprint, 64)) AS "file.hash.sha256",
    clew_text("certificate.subject")          AS "file.x509.subject",
    clew_text("certificate.issuer")           AS "file.x509.issuer",
    clew_serial("certificate.serial")         AS "file.x509.serial_number",
    clew_date("certificate.not_valid_before") AS "file.x509.not_before",
    clew_date("certificate.not_valid_after")  AS "file.x509.not_after",
    nullif(array_to_string(names, ' '), '')   AS "file.x509.alternative_names",
    clew_text("certificate.sig_alg")          AS "file.x509.signature_algorithm",
    clew_text("certificate.key_alg")          AS "file.x509.public_key_algorithm",
    try_cast("certificate.key_length" AS BIGINT) AS "file.x509.public_key_size"
FROM named
