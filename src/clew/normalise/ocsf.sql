/*
log_source: OCSF
provider: OCSF
specification: https://schema.ocsf.io/1.5.0/
producers:
  sysmon: WinEventLog:Sysmon
  microsoft-windows-sysmon: WinEventLog:Sysmon
  microsoft windows security auditing: WinEventLog:Security
  microsoft-windows-security-auditing: WinEventLog:Security
  zeek: NSM:Flow
  suricata: NSM:Flow
# https://schema.ocsf.io/1.5.0/classes/file_activity and its neighbours; classes 2010xx are of the extension for Windows.
channels:
  - {code: 1001/1, channel: "File System Activity: Create", component: file_creation}
  - {code: 1001/2, channel: "File System Activity: Read", component: file_access}
  - {code: 1001/3, channel: "File System Activity: Update", component: file_modification}
  - {code: 1001/4, channel: "File System Activity: Delete", component: file_deletion}
  - {code: 1001/5, channel: "File System Activity: Rename", component: file_modification}
  - {code: 1001/6, channel: "File System Activity: Set Attributes", component: file_metadata}
  - {code: 1001/7, channel: "File System Activity: Set Security", component: file_metadata}
  - {code: 1001/10, channel: "File System Activity: Encrypt", component: file_modification}
  - {code: 1001/14, channel: "File System Activity: Open", component: file_access}
  - {code: 1002/1, channel: "Kernel Extension Activity: Load", component: driver_load}
  - {code: 1005/1, channel: "Module Activity: Load", component: module_load}
  - {code: 1007/1, channel: "Process Activity: Launch", component: process_creation}
  - {code: 1007/1/fork, channel: "Process Activity: Launch", component: os_api_execution, tells: forks}
  - {code: 1007/2, channel: "Process Activity: Terminate", component: process_termination}
  - {code: 1007/3, channel: "Process Activity: Open", component: process_access}
  - {code: 1007/4, channel: "Process Activity: Inject", component: process_modification}
  - {code: 201001/1, channel: "Registry Key Activity: Create", component: windows_registry_key_creation}
  - {code: 201001/2, channel: "Registry Key Activity: Read", component: windows_registry_key_access}
  - {code: 201001/3, channel: "Registry Key Activity: Modify", component: windows_registry_key_modification}
  - {code: 201001/4, channel: "Registry Key Activity: Delete", component: windows_registry_key_deletion}
  - {code: 201001/5, channel: "Registry Key Activity: Rename", component: windows_registry_key_modification}
  - {code: 201002/1, channel: "Registry Value Activity: Get", component: windows_registry_key_access}
  - {code: 201002/2, channel: "Registry Value Activity: Set", component: windows_registry_key_modification}
  - {code: 201002/3, channel: "Registry Value Activity: Modify", component: windows_registry_key_modification}
  - {code: 201002/4, channel: "Registry Value Activity: Delete", component: windows_registry_key_modification}
  - {code: 4001/1, channel: "Network Activity: Open", component: network_connection_creation}
  - {code: 4001/1/sensor, channel: "Network Activity: Open", component: network_traffic_flow}
  - {code: 4001/2, channel: "Network Activity: Close", component: network_traffic_flow}
  - {code: 4001/2/sensor, channel: "Network Activity: Close", component: network_traffic_flow}
  - {code: 4001/6, channel: "Network Activity: Traffic", component: network_traffic_flow}
  - {code: 4001/6/sensor, channel: "Network Activity: Traffic", component: network_traffic_flow}
  - {code: 4002/1, channel: "HTTP Activity: Connect", component: network_traffic_content}
  - {code: 4002/2, channel: "HTTP Activity: Delete", component: network_traffic_content}
  - {code: 4002/3, channel: "HTTP Activity: Get", component: network_traffic_content}
  - {code: 4002/4, channel: "HTTP Activity: Head", component: network_traffic_content}
  - {code: 4002/5, channel: "HTTP Activity: Options", component: network_traffic_content}
  - {code: 4002/6, channel: "HTTP Activity: Post", component: network_traffic_content}
  - {code: 4002/7, channel: "HTTP Activity: Put", component: network_traffic_content}
  - {code: 4002/8, channel: "HTTP Activity: Trace", component: network_traffic_content}
  - {code: 4003/1, channel: "DNS Activity: Query", component: network_connection_creation}
  - {code: 4003/2, channel: "DNS Activity: Response", component: network_connection_creation}
  - {code: 4003/1/sensor, channel: "DNS Activity: Query", component: network_traffic_content}
  - {code: 4003/2/sensor, channel: "DNS Activity: Response", component: network_traffic_content}
reads:
  [activity_name, status, status_id, metadata.product.name, metadata.sequence, duration, device.os.type, device.os.name, device.ip,
   actor.user.name, actor.user.domain, actor.user.uid, actor.process.uid, actor.process.pid, actor.process.name,
   actor.process.cmd_line, actor.process.file.path, actor.process.created_time, actor.process.created_time_dt,
   actor.process.tid, actor.process.user.name, actor.process.user.domain, actor.process.user.uid,
   process.uid, process.pid, process.name, process.cmd_line, process.file.path, process.file.hashes,
   process.file.internal_name, process.file.company_name, process.file.product.name, process.file.desc, process.file.version,
   process.working_directory, process.integrity, process.created_time, process.created_time_dt, process.user.name,
   process.user.domain, process.user.uid,
   process.parent_process.uid, process.parent_process.pid, process.parent_process.name, process.parent_process.cmd_line,
   process.parent_process.file.path, process.parent_process.created_time, process.parent_process.created_time_dt,
   process.parent_process.user.name, exit_code, actual_permissions,
   file.path, file.name, file.parent_folder, file.created_time, file.created_time_dt, file.size, file.mime_type, file.hashes, file.internal_name, file.product.name,
   file.desc, file.version, file_result.path,
   module.file.path, module.file.name, module.file.hashes, module.file.internal_name, module.file.company_name,
   module.file.product.name, module.file.desc, module.file.version, module.file.signature.state, module.file.signature.state_id,
   module.file.signature.certificate.subject, module.file.signature.digest.value,
   driver.file.path, driver.file.name, driver.file.hashes, driver.file.signature.state, driver.file.signature.state_id,
   driver.file.signature.certificate.subject, driver.file.signature.digest.value,
   reg_key.path, prev_reg_key.path, reg_value.path, reg_value.name, reg_value.data, reg_value.type,
   src_endpoint.ip, src_endpoint.port, src_endpoint.hostname, dst_endpoint.ip, dst_endpoint.port, dst_endpoint.hostname,
   dst_endpoint.domain, connection_info.direction_id, connection_info.protocol_name, connection_info.uid,
   connection_info.community_uid, app_name, traffic.bytes, traffic.bytes_out, traffic.bytes_in, traffic.packets_out,
   traffic.packets_in, tls.sni, tls.version, tls.cipher, tls.ja3_hash.value, tls.ja3s_hash.value,
   query.hostname, query.type, answers, rcode,
   http_request.http_method, http_request.user_agent, http_request.referrer, http_request.version, http_request.length,
   http_request.url.url_string, http_request.url.text, http_request.url.hostname, http_request.url.path,
   http_request.url.query_string, http_response.code, http_response.length, http_response.content_type]
cannot:
  classes of findings, of identity and of applications: the schema of events has no place for them yet
  4001 Fail, Refuse, Reset and Listen: no connection came about
  process_creation of forks: where launch_type_id tells them, they are an os_api_execution
  process.entity_id: where the producer gives no uid, it is host, pid and created_time, if that is told
  process.pe.*, process.hash.* but of a launch: other classes tell of the actor only what names it
  process.pe.original_file_name: from OCSF 1.3 on, as internal_name
  dll.code_signature.status: from OCSF 1.3 on, as state; before that only that there is a signature
  host.name of events of sensors: the device is the sensor unless one end has its address
  unmapped, enrichments, observables: not read
*/
WITH plain AS (
    SELECT *,
        clew_moment(written)                              AS happened,
        code IN ('1007/1', '1007/1/fork', '1007/2')       AS of_subject,
        code IN ('1007/3', '1007/4')                      AS acts_on_another,
        code IN ('1007/1', '1007/1/fork')                 AS launches,
        clew_entity(CASE WHEN of_subject THEN "process.uid" ELSE "actor.process.uid" END) AS told_process,
        try_cast(CASE WHEN of_subject THEN "process.pid" ELSE "actor.process.pid" END AS BIGINT) AS pid,
        clew_text(CASE WHEN of_subject THEN "process.file.path" ELSE "actor.process.file.path" END) AS image,
        coalesce(clew_base(image), clew_text(CASE WHEN of_subject THEN "process.name" ELSE "actor.process.name" END)) AS image_name,
        clew_text(CASE WHEN of_subject THEN "process.cmd_line" ELSE "actor.process.cmd_line" END) AS command_line,
        clew_moment(CASE WHEN of_subject THEN coalesce("process.created_time", "process.created_time_dt")
            ELSE coalesce("actor.process.created_time", "actor.process.created_time_dt") END) AS made,
        -- Where a process tells no parent, the one that launched it is that.
        "process.parent_process.uid" IS NULL AND "process.parent_process.pid" IS NULL AS by_actor,
        clew_entity(CASE WHEN NOT of_subject THEN NULL WHEN by_actor AND launches THEN "actor.process.uid"
            ELSE "process.parent_process.uid" END)        AS told_parent,
        try_cast(CASE WHEN NOT of_subject THEN NULL WHEN by_actor AND launches THEN "actor.process.pid"
            ELSE "process.parent_process.pid" END AS BIGINT) AS parent_pid,
        clew_text(CASE WHEN NOT of_subject THEN NULL WHEN by_actor AND launches THEN "actor.process.file.path"
            ELSE "process.parent_process.file.path" END)  AS parent_image,
        clew_text(CASE WHEN NOT of_subject THEN NULL WHEN by_actor AND launches THEN "actor.process.name"
            ELSE "process.parent_process.name" END)       AS parent_name,
        clew_text(CASE WHEN NOT of_subject THEN NULL WHEN by_actor AND launches THEN "actor.process.cmd_line"
            ELSE "process.parent_process.cmd_line" END)   AS parent_command,
        clew_moment(CASE WHEN NOT of_subject THEN NULL
            WHEN by_actor AND launches THEN coalesce("actor.process.created_time", "actor.process.created_time_dt")
            ELSE coalesce("process.parent_process.created_time", "process.parent_process.created_time_dt") END) AS parent_made,
        clew_text("process.working_directory")            AS folder,
        clew_text("process.file.internal_name")           AS original,
        clew_text("process.file.path")                    AS target_image,
        coalesce(clew_text("file_result.path"), clew_text("file.path"),
            clew_text("file.parent_folder") || '\' || clew_text("file.name")) AS file,
        starts_with(code, '1002/')                        AS of_driver,
        clew_text(CASE WHEN of_driver THEN "driver.file.path" ELSE "module.file.path" END) AS module,
        CASE WHEN of_driver THEN "driver.file.hashes" ELSE "module.file.hashes" END AS module_hashes,
        clew_text(CASE WHEN of_driver THEN "driver.file.signature.certificate.subject"
            ELSE "module.file.signature.certificate.subject" END) AS signer,
        clew_text(CASE WHEN of_driver THEN "driver.file.signature.state" ELSE "module.file.signature.state" END) AS state,
        CASE WHEN of_driver THEN "driver.file.signature.state_id" ELSE "module.file.signature.state_id" END AS state_id,
        CASE WHEN of_driver THEN "driver.file.signature.digest.value" ELSE "module.file.signature.digest.value" END AS signed_digest,
        clew_text("reg_value.name")                       AS value,
        clew_short_hive(clew_text(coalesce("reg_value.path", "reg_key.path"))) AS key_path,
        clew_address("src_endpoint.ip")                   AS source_ip,
        clew_address("dst_endpoint.ip")                   AS destination_ip,
        clew_text("query.hostname")                       AS question,
        clew_text("tls.sni")                              AS sni,
        clew_text("http_request.url.hostname")            AS asked,
        coalesce(question, clew_domain(sni), clew_domain(asked),
            clew_domain(clew_text(coalesce("dst_endpoint.hostname", "dst_endpoint.domain")))) AS domain,
        lower(clew_text("connection_info.protocol_name")) AS transport,
        starts_with(code, '4')                            AS of_network,
        of_network AND coalesce("actor.process.uid", "actor.process.pid", image_name) IS NULL AS of_sensor,
        of_sensor AND NOT coalesce(clew_address("device.ip") = source_ip OR clew_address("device.ip") = destination_ip, false)
                                                          AS elsewhere,
        clew_os(coalesce("device.os.type", "device.os.name"), coalesce(image, "file.path")) AS os
    FROM record
), keyed AS (
    -- The path of a value is that of its key, and in some producers has the value's name behind it.
    SELECT *,
        CASE WHEN ends_with(lower(key_path), '\' || lower(value)) THEN left(key_path, length(key_path) - length(value) - 1)
            ELSE key_path END                             AS key
    FROM plain
)
SELECT
    origin,
    happened                                  AS "@timestamp",
    code                                      AS "event.code",
    coalesce(clew_text("metadata.product.name"), 'OCSF') AS "event.provider",
    try_cast("metadata.sequence" AS BIGINT)   AS "event.sequence",
    CASE code WHEN '1007/1/fork' THEN 'fork' ELSE clew_text("activity_name") END AS "event.action",
    CASE WHEN status_id = '2' OR lower(status) = 'failure' THEN 'failure'
         WHEN status_id = '1' OR lower(status) = 'success' THEN 'success' END AS "event.outcome",
    try_cast("duration" AS BIGINT) * 1000000  AS "event.duration",
    CASE WHEN NOT elsewhere THEN clew_text(computer) END AS "host.name",
    CASE WHEN elsewhere THEN clew_text(computer) END AS "observer.name",
    os                                        AS "host.os.type",
    CASE WHEN of_subject THEN clew_account("process.user.domain", "process.user.name")
        ELSE coalesce(clew_account("actor.user.domain", "actor.user.name"),
            clew_account("actor.process.user.domain", "actor.process.user.name")) END AS "user.name",
    CASE WHEN of_subject THEN clew_text("process.user.uid")
        ELSE clew_text(coalesce("actor.user.uid", "actor.process.user.uid")) END AS "user.id",

    coalesce(told_process, clew_process(computer, pid::VARCHAR, CASE code WHEN '1007/1' THEN coalesce(made, happened) ELSE made END))
                                              AS "process.entity_id",
    pid                                       AS "process.pid",
    image                                     AS "process.executable",
    image_name                                AS "process.name",
    command_line                              AS "process.command_line",
    CASE WHEN of_subject THEN folder END      AS "process.working_directory",
    CASE WHEN launches THEN clew_fingerprint("process.file.hashes", '1', 'MD5') END AS "process.hash.md5",
    CASE WHEN launches THEN clew_fingerprint("process.file.hashes", '2', 'SHA1') END AS "process.hash.sha1",
    CASE WHEN launches THEN clew_fingerprint("process.file.hashes", '3', 'SHA256') END AS "process.hash.sha256",
    CASE WHEN launches THEN clew_fingerprint("process.file.hashes", '', 'IMPHASH') END AS "process.pe.imphash",
    CASE WHEN launches THEN original END      AS "process.pe.original_file_name",
    CASE WHEN launches THEN clew_text("process.file.company_name") END AS "process.pe.company",
    CASE WHEN launches THEN clew_text("process.file.product.name") END AS "process.pe.product",
    CASE WHEN launches THEN clew_text("process.file.desc") END AS "process.pe.description",
    CASE WHEN launches THEN clew_text("process.file.version") END AS "process.pe.file_version",
    CASE WHEN acts_on_another THEN try_cast("actor.process.tid" AS BIGINT) END AS "process.thread.id",
    try_cast(exit_code AS BIGINT)             AS "process.exit_code",
    coalesce(told_parent, clew_process(computer, parent_pid::VARCHAR, parent_made)) AS "process.parent.entity_id",
    parent_pid                                AS "process.parent.pid",
    parent_image                              AS "process.parent.executable",
    coalesce(clew_base(parent_image), parent_name) AS "process.parent.name",
    parent_command                            AS "process.parent.command_line",
    CASE WHEN of_subject THEN clew_text("process.parent_process.user.name") END AS "process.parent.user.name",
    CASE WHEN launches AND (clew_interpreter(image_name) OR clew_interpreter(original))
        THEN clew_absolute(clew_argument(command_line), folder) END AS "clew.process.script",
    CASE WHEN launches THEN clew_stem(image_name) <> clew_stem(original) END AS "clew.process.renamed",
    CASE WHEN of_subject THEN clew_text("process.integrity") END AS "clew.process.integrity_level",
    CASE WHEN acts_on_another THEN printf('0x%x', try_cast(actual_permissions AS BIGINT)) END AS "clew.process.granted_access",

    CASE WHEN acts_on_another THEN clew_entity("process.uid") END AS "clew.target.process.entity_id",
    CASE WHEN acts_on_another THEN try_cast("process.pid" AS BIGINT) END AS "clew.target.process.pid",
    CASE WHEN acts_on_another THEN target_image END AS "clew.target.process.executable",
    CASE WHEN acts_on_another THEN coalesce(clew_base(target_image), clew_text("process.name")) END
                                              AS "clew.target.process.name",

    file                                      AS "file.path",
    coalesce(clew_base(file), clew_text("file.name")) AS "file.name",
    clew_folder(file)                         AS "file.directory",
    coalesce(clew_extension(file), clew_extension("file.name")) AS "file.extension",
    try_cast("file.size" AS BIGINT)           AS "file.size",
    clew_text("file.mime_type")               AS "file.mime_type",
    clew_fingerprint("file.hashes", '1', 'MD5') AS "file.hash.md5",
    clew_fingerprint("file.hashes", '2', 'SHA1') AS "file.hash.sha1",
    clew_fingerprint("file.hashes", '3', 'SHA256') AS "file.hash.sha256",
    strftime(clew_moment(coalesce("file.created_time", "file.created_time_dt")), '%Y-%m-%d %H:%M:%S.%g') AS "file.created",
    clew_text("file.internal_name")           AS "file.pe.original_file_name",
    clew_text("file.product.name")            AS "file.pe.product",
    clew_text("file.desc")                    AS "file.pe.description",
    clew_text("file.version")                 AS "file.pe.file_version",

    module                                    AS "dll.path",
    coalesce(clew_base(module), clew_text(CASE WHEN of_driver THEN "driver.file.name" ELSE "module.file.name" END))
                                              AS "dll.name",
    clew_fingerprint(module_hashes, '1', 'MD5') AS "dll.hash.md5",
    clew_fingerprint(module_hashes, '2', 'SHA1') AS "dll.hash.sha1",
    clew_fingerprint(module_hashes, '3', 'SHA256') AS "dll.hash.sha256",
    clew_fingerprint(module_hashes, '', 'IMPHASH') AS "dll.pe.imphash",
    clew_text("module.file.internal_name")    AS "dll.pe.original_file_name",
    clew_text("module.file.company_name")     AS "dll.pe.company",
    clew_text("module.file.product.name")     AS "dll.pe.product",
    clew_text("module.file.desc")             AS "dll.pe.description",
    clew_text("module.file.version")          AS "dll.pe.file_version",
    CASE WHEN coalesce(signer, state, state_id, signed_digest) IS NOT NULL THEN true END AS "dll.code_signature.exists",
    CASE state_id WHEN '1' THEN 'Valid' WHEN '2' THEN 'Expired' WHEN '3' THEN 'Revoked' ELSE state END
                                              AS "dll.code_signature.status",
    signer                                    AS "dll.code_signature.subject_name",
    CASE WHEN NOT of_driver THEN lower(module) = lower(image) END AS "clew.dll.is_program",

    key || coalesce('\' || value, '')         AS "registry.path",
    key                                       AS "registry.key",
    value                                     AS "registry.value",
    nullif("reg_value.data", '')              AS "registry.data.strings",
    clew_text("reg_value.type")               AS "registry.data.type",
    clew_registry_program(nullif("reg_value.data", '')) AS "clew.registry.executable",

    CASE "connection_info.direction_id" WHEN '1' THEN 'ingress' WHEN '2' THEN 'egress' WHEN '3' THEN 'internal'
        ELSE CASE WHEN of_sensor THEN clew_direction(NULL, NULL, source_ip, destination_ip) END END AS "network.direction",
    transport                                 AS "network.transport",
    CASE WHEN starts_with(code, '4003/') THEN 'dns' WHEN starts_with(code, '4002/') THEN 'http'
        WHEN of_network THEN clew_protocol(app_name) END AS "network.protocol",
    clew_text("connection_info.community_uid") AS "network.community_id",
    clew_text("connection_info.uid")          AS "clew.network.session",
    try_cast("traffic.bytes" AS BIGINT)       AS "network.bytes",
    source_ip                                 AS "source.ip",
    clew_port("src_endpoint.port", transport) AS "source.port",
    try_cast("traffic.bytes_out" AS BIGINT)   AS "source.bytes",
    try_cast("traffic.packets_out" AS BIGINT) AS "source.packets",
    clew_text("src_endpoint.hostname")        AS "source.domain",
    destination_ip                            AS "destination.ip",
    clew_port("dst_endpoint.port", transport) AS "destination.port",
    try_cast("traffic.bytes_in" AS BIGINT)    AS "destination.bytes",
    try_cast("traffic.packets_in" AS BIGINT)  AS "destination.packets",
    domain                                    AS "destination.domain",
    coalesce(domain, destination_ip)          AS "destination.address",
    question                                  AS "dns.question.name",
    clew_text("query.type")                   AS "dns.question.type",
    CASE WHEN starts_with(code, '4003/1') THEN 'query' WHEN starts_with(code, '4003/2') THEN 'answer' END AS "dns.type",
    clew_resolved(clew_listed(answers, '$[*].rdata')) AS "dns.resolved_ip",
    upper(clew_text(rcode))                   AS "dns.response_code",
    clew_public(destination_ip)               AS "clew.destination.public",
    CASE WHEN of_sensor THEN clew_own(source_ip, destination_ip, domain, question IS NOT NULL)
         WHEN of_network THEN clew_own_of_host(source_ip, destination_ip, domain, computer) END AS "clew.destination.own",

    sni                                       AS "tls.client.server_name",
    clew_text("tls.version")                  AS "tls.version",
    clew_text("tls.cipher")                   AS "tls.cipher",
    clew_text("tls.ja3_hash.value")           AS "tls.client.ja3",
    clew_text("tls.ja3s_hash.value")          AS "tls.server.ja3s",
    coalesce(clew_text("http_request.url.url_string"), clew_text("http_request.url.text")) AS "url.full",
    asked                                     AS "url.domain",
    clew_text("http_request.url.path")        AS "url.path",
    clew_text("http_request.url.query_string") AS "url.query",
    regexp_replace(clew_text("http_request.version"), '^HTTP/', '') AS "http.version",
    clew_text("http_request.http_method")     AS "http.request.method",
    clew_text("http_request.referrer")        AS "http.request.referrer",
    try_cast("http_request.length" AS BIGINT) AS "http.request.body.bytes",
    try_cast("http_response.code" AS BIGINT)  AS "http.response.status_code",
    try_cast("http_response.length" AS BIGINT) AS "http.response.body.bytes",
    clew_text("http_response.content_type")   AS "http.response.mime_type",
    clew_text("http_request.user_agent")      AS "user_agent.original"
FROM keyed
