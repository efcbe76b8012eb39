/*
log_source: ECS
provider: ECS
specification: https://www.elastic.co/docs/reference/ecs/ecs-category-field-values-reference
# What Elastic Defend has beyond ECS: https://github.com/elastic/endpoint-package, custom_documentation/doc/endpoint
producers:
  microsoft-windows-sysmon: WinEventLog:Sysmon
  microsoft-windows-security-auditing: WinEventLog:Security
  microsoft-windows-powershell: WinEventLog:PowerShell
  auditd: auditd:SYSCALL
  zeek: NSM:Flow
  suricata: NSM:Flow
  packetbeat: NSM:Flow
# Category and type as the specification defines them (#ecs-event-category-process and its neighbours).
channels:
  - {code: process/start, channel: process/start, component: process_creation}
  - {code: process/fork, channel: process/start, component: os_api_execution, tells: forks}
  - {code: process/end, channel: process/end, component: process_termination}
  - {code: process/access, channel: process/access, component: process_access}
  - {code: process/change, channel: process/change, component: process_modification}
  - {code: file/creation, channel: file/creation, component: file_creation}
  - {code: file/change, channel: file/change, component: file_modification}
  - {code: file/deletion, channel: file/deletion, component: file_deletion}
  - {code: file/access, channel: file/access, component: file_access}
  - {code: library/start, channel: library/start, component: module_load}
  - {code: driver/start, channel: driver/start, component: driver_load}
  - {code: registry/creation, channel: registry/creation, component: windows_registry_key_creation}
  - {code: registry/change, channel: registry/change, component: windows_registry_key_modification}
  - {code: registry/deletion, channel: registry/deletion, component: windows_registry_key_deletion}
  - {code: registry/access, channel: registry/access, component: windows_registry_key_access}
  - {code: network/start, channel: network/start, component: network_connection_creation}
  - {code: network/dns, channel: network/dns, component: network_connection_creation}
  - {code: network/start/sensor, channel: network/start, component: network_traffic_flow}
  - {code: network/end, channel: network/end, component: network_traffic_flow}
  - {code: network/dns/sensor, channel: network/dns, component: network_traffic_content}
  - {code: network/protocol, channel: network/protocol, component: network_traffic_content}
  - {code: session/start, channel: session/start, component: logon_session_creation}
  - {code: authentication/start, channel: authentication/start, component: user_account_authentication}
  - {code: authentication/info, channel: authentication/info, component: user_account_authentication}
  - {code: iam/user/creation, channel: iam/creation, component: user_account_creation}
  - {code: iam/user/change, channel: iam/change, component: user_account_modification}
  - {code: iam/user/deletion, channel: iam/deletion, component: user_account_deletion}
  - {code: iam/group/change, channel: iam/change, component: group_modification}
reads:
  [event.action, event.outcome, event.code, event.provider, event.module, event.sequence, event.duration, event.severity,
   agent.type, rule.name, rule.id, host.os.type, host.os.family, host.os.platform, host.ip, observer.name, observer.hostname,
   user.name, user.domain, user.id,
   process.entity_id, process.pid, process.executable, process.name, process.command_line, process.args,
   process.working_directory, process.start, process.exit_code, process.thread.id,
   process.hash.md5, process.hash.sha1, process.hash.sha256, process.pe.imphash, process.pe.original_file_name,
   process.pe.company, process.pe.product, process.pe.description, process.pe.file_version, process.ppid,
   process.Ext.token.integrity_level_name, process.Ext.token.elevation_level, process.Ext.authentication_id,
   process.parent.entity_id, process.parent.pid, process.parent.executable, process.parent.name,
   process.parent.command_line, process.parent.args, process.parent.start, process.parent.user.name,
   Target.process.entity_id, Target.process.pid, Target.process.executable, Target.process.name,
   file.path, file.name, file.extension, file.directory, file.size, file.mime_type, file.created,
   file.hash.md5, file.hash.sha1, file.hash.sha256, file.pe.imphash, file.pe.original_file_name, file.pe.company,
   file.pe.product, file.pe.description, file.pe.file_version, file.origin_url, file.origin_referrer_url,
   file.code_signature.exists, file.code_signature.status, file.code_signature.valid, file.code_signature.trusted,
   file.code_signature.subject_name,
   dll.path, dll.name, dll.hash.md5, dll.hash.sha1, dll.hash.sha256, dll.pe.original_file_name, dll.pe.company,
   dll.pe.product, dll.pe.description, dll.pe.file_version, dll.pe.imphash, dll.code_signature.exists,
   dll.code_signature.status, dll.code_signature.valid, dll.code_signature.trusted, dll.code_signature.subject_name,
   registry.path, registry.hive, registry.key, registry.value, registry.data.strings, registry.data.type,
   network.direction, network.transport, network.protocol, network.community_id, network.bytes,
   source.ip, source.port, source.bytes, source.packets, source.domain,
   destination.ip, destination.port, destination.bytes, destination.packets, destination.domain,
   dns.question.name, dns.question.type, dns.type, dns.resolved_ip, dns.response_code,
   tls.client.server_name, tls.client.ja3, tls.server.ja3s, tls.version, tls.version_protocol, tls.cipher, tls.established,
   tls.server.hash.sha1, tls.server.hash.sha256, tls.server.subject, tls.server.issuer,
   url.original, url.full, url.domain, url.path, url.query, http.version, http.request.method, http.request.referrer,
   http.request.body.bytes, http.response.status_code, http.response.body.bytes, http.response.mime_type,
   user_agent.original, container.id, container.name, container.image.name]
cannot:
  "documents of kind alert, signal, state, metric": a rule's finding or what was found to be there is no event of its own
  process_creation of forks: a fork has its parent's image, so it is an os_api_execution; process.* is the one that was made
  process.entity_id: where the producer has none, of a start it is host, pid and time; other events then have a pid only
  dll.* where the producer puts the module into file.*: taken from there for library and driver events
  clew.dll.is_program: where both paths are told
  registry.path: where the producer tells neither path nor hive, there is none
  windows_registry_key_deletion: ECS does not tell the deletion of a value from that of its key
  host.name of flows without a process: the document's host is the sensor unless one end has one of its addresses
  script_execution, command_execution: ECS has no category for them; winlogbeat's own form has the PowerShell log
  file.path of a rename: the new name; Elastic Defend's old name stands in file.Ext
  clew.process.renamed: where process.pe.original_file_name is told
*/
WITH plain AS (
    SELECT *,
        clew_moment(written)                              AS happened,
        clew_text(lower(coalesce("event.provider", "event.module", "agent.type"))) AS producer,
        clew_entity("process.entity_id")                  AS told_process,
        try_cast("process.pid" AS BIGINT)                 AS pid,
        clew_text("process.executable")                   AS image,
        coalesce(clew_base(image), clew_text("process.name")) AS image_name,
        coalesce(clew_text("process.command_line"),
            nullif(array_to_string(clew_texts("process.args"), ' '), '')) AS command_line,
        clew_text("process.working_directory")            AS folder,
        clew_text("process.pe.original_file_name")        AS original,
        clew_entity("process.parent.entity_id")           AS told_parent,
        try_cast(coalesce("process.parent.pid", "process.ppid") AS BIGINT) AS parent_pid,
        clew_text("process.parent.executable")            AS parent_image,
        clew_text("Target.process.executable")            AS target_image,
        clew_os(coalesce("host.os.type", "host.os.family", "host.os.platform"), coalesce("process.executable", "file.path")) AS os,
        code IN ('library/start', 'driver/start')         AS loads,
        CASE WHEN NOT loads OR "dll.path" IS NOT NULL THEN clew_text("file.path") END AS file,
        CASE WHEN loads THEN clew_text(coalesce("dll.path", "file.path")) END AS module,
        loads AND "dll.path" IS NULL                      AS by_file,
        coalesce(clew_short_hive(clew_text("registry.path")),
            clew_short_hive("registry.hive" || '\' || "registry.key" || coalesce('\' || "registry.value", ''))) AS object,
        clew_text("registry.value")                       AS value,
        clew_address("source.ip")                         AS source_ip,
        clew_address("destination.ip")                    AS destination_ip,
        clew_text("dns.question.name")                    AS question,
        coalesce(question, clew_domain(clew_text("tls.client.server_name")), clew_domain(clew_text("url.domain")),
            clew_domain(clew_text("destination.domain"))) AS domain,
        lower(clew_text("network.transport"))             AS transport,
        ends_with(code, '/sensor') OR code IN ('network/end', 'network/protocol')
            AND coalesce(told_process, "process.pid", image_name) IS NULL AS of_sensor,
        of_sensor AND NOT coalesce(list_contains(list_transform(clew_texts("host.ip"), lambda x: clew_address(x::VARCHAR)), source_ip)
            OR list_contains(list_transform(clew_texts("host.ip"), lambda x: clew_address(x::VARCHAR)), destination_ip), false) AS elsewhere
    FROM record
)
SELECT
    origin,
    happened                                  AS "@timestamp",
    code                                      AS "event.code",
    coalesce(clew_text("event.provider"), clew_text("event.module"), clew_text("agent.type"), 'ECS') AS "event.provider",
    try_cast("event.sequence" AS BIGINT)      AS "event.sequence",
    CASE code WHEN 'process/fork' THEN 'fork' ELSE clew_text("event.action") END AS "event.action",
    CASE WHEN "event.outcome" IN ('failure', 'success') THEN "event.outcome" END AS "event.outcome",
    try_cast("event.duration" AS BIGINT)      AS "event.duration",
    try_cast("event.severity" AS BIGINT)      AS "event.severity",
    clew_text("rule.name")                    AS "rule.name",
    clew_text("rule.id")                      AS "rule.id",
    CASE WHEN NOT elsewhere THEN clew_text(computer) END AS "host.name",
    CASE WHEN elsewhere THEN coalesce(clew_text("observer.name"), clew_text("observer.hostname"), clew_text(computer))
        ELSE clew_text("observer.name") END   AS "observer.name",
    os                                        AS "host.os.type",
    clew_account("user.domain", "user.name")  AS "user.name",
    clew_text("user.id")                      AS "user.id",
    clew_text("process.Ext.authentication_id") AS "clew.logon.id",

    coalesce(told_process, CASE WHEN code = 'process/start' OR "process.start" IS NOT NULL THEN
        clew_process(computer, pid::VARCHAR, coalesce(clew_moment("process.start"), happened)) END) AS "process.entity_id",
    pid                                       AS "process.pid",
    image                                     AS "process.executable",
    image_name                                AS "process.name",
    command_line                              AS "process.command_line",
    folder                                    AS "process.working_directory",
    clew_digest("process.hash.md5", 32)       AS "process.hash.md5",
    clew_digest("process.hash.sha1", 40)      AS "process.hash.sha1",
    clew_digest("process.hash.sha256", 64)    AS "process.hash.sha256",
    clew_digest("process.pe.imphash", 32)     AS "process.pe.imphash",
    original                                  AS "process.pe.original_file_name",
    clew_text("process.pe.company")           AS "process.pe.company",
    clew_text("process.pe.product")           AS "process.pe.product",
    clew_text("process.pe.description")       AS "process.pe.description",
    clew_text("process.pe.file_version")      AS "process.pe.file_version",
    try_cast("process.thread.id" AS BIGINT)   AS "process.thread.id",
    try_cast("process.exit_code" AS BIGINT)   AS "process.exit_code",
    coalesce(told_parent, CASE WHEN "process.parent.start" IS NOT NULL THEN
        clew_process(computer, parent_pid::VARCHAR, clew_moment("process.parent.start")) END) AS "process.parent.entity_id",
    parent_pid                                AS "process.parent.pid",
    parent_image                              AS "process.parent.executable",
    coalesce(clew_base(parent_image), clew_text("process.parent.name")) AS "process.parent.name",
    coalesce(clew_text("process.parent.command_line"),
        nullif(array_to_string(clew_texts("process.parent.args"), ' '), '')) AS "process.parent.command_line",
    clew_text("process.parent.user.name")     AS "process.parent.user.name",
    CASE WHEN code = 'process/start' AND (clew_interpreter(image_name) OR clew_interpreter(original))
        THEN clew_absolute(clew_argument(command_line), folder) END AS "clew.process.script",
    CASE WHEN code = 'process/start' THEN clew_stem(image_name) <> clew_stem(original) END AS "clew.process.renamed",
    clew_capital(clew_text("process.Ext.token.integrity_level_name")) AS "clew.process.integrity_level",
    clew_capital(clew_text("process.Ext.token.elevation_level")) AS "clew.process.token_elevation",

    clew_entity("Target.process.entity_id")   AS "clew.target.process.entity_id",
    try_cast("Target.process.pid" AS BIGINT)  AS "clew.target.process.pid",
    target_image                              AS "clew.target.process.executable",
    coalesce(clew_base(target_image), clew_text("Target.process.name")) AS "clew.target.process.name",

    file                                      AS "file.path",
    CASE WHEN NOT by_file THEN coalesce(clew_base(file), clew_text("file.name")) END AS "file.name",
    coalesce(clew_folder(file), CASE WHEN NOT by_file THEN clew_text("file.directory") END) AS "file.directory",
    CASE WHEN NOT by_file THEN coalesce(clew_extension(file), clew_extension("file.name")) END AS "file.extension",
    CASE WHEN NOT by_file THEN try_cast("file.size" AS BIGINT) END AS "file.size",
    CASE WHEN NOT by_file THEN clew_text("file.mime_type") END AS "file.mime_type",
    CASE WHEN NOT by_file THEN clew_digest("file.hash.md5", 32) END AS "file.hash.md5",
    CASE WHEN NOT by_file THEN clew_digest("file.hash.sha1", 40) END AS "file.hash.sha1",
    CASE WHEN NOT by_file THEN clew_digest("file.hash.sha256", 64) END AS "file.hash.sha256",
    CASE WHEN NOT by_file THEN clew_digest("file.pe.imphash", 32) END AS "file.pe.imphash",
    CASE WHEN NOT by_file THEN clew_text("file.pe.original_file_name") END AS "file.pe.original_file_name",
    CASE WHEN NOT by_file THEN clew_text("file.pe.product") END AS "file.pe.product",
    CASE WHEN NOT by_file THEN clew_text("file.pe.description") END AS "file.pe.description",
    CASE WHEN NOT by_file THEN clew_text("file.pe.file_version") END AS "file.pe.file_version",
    strftime(clew_moment("file.created"), '%Y-%m-%d %H:%M:%S.%g') AS "file.created",
    clew_text("file.origin_url")              AS "file.origin_url",
    clew_text("file.origin_referrer_url")     AS "file.origin_referrer_url",

    module                                    AS "dll.path",
    CASE WHEN loads THEN coalesce(clew_base(module), clew_text("dll.name")) END AS "dll.name",
    clew_digest(CASE WHEN by_file THEN "file.hash.md5" ELSE "dll.hash.md5" END, 32) AS "dll.hash.md5",
    clew_digest(CASE WHEN by_file THEN "file.hash.sha1" ELSE "dll.hash.sha1" END, 40) AS "dll.hash.sha1",
    clew_digest(CASE WHEN by_file THEN "file.hash.sha256" ELSE "dll.hash.sha256" END, 64) AS "dll.hash.sha256",
    clew_digest(CASE WHEN by_file THEN "file.pe.imphash" ELSE "dll.pe.imphash" END, 32) AS "dll.pe.imphash",
    clew_text(CASE WHEN by_file THEN "file.pe.original_file_name" ELSE "dll.pe.original_file_name" END)
                                              AS "dll.pe.original_file_name",
    clew_text(CASE WHEN by_file THEN "file.pe.company" ELSE "dll.pe.company" END) AS "dll.pe.company",
    clew_text(CASE WHEN by_file THEN "file.pe.product" ELSE "dll.pe.product" END) AS "dll.pe.product",
    clew_text(CASE WHEN by_file THEN "file.pe.description" ELSE "dll.pe.description" END) AS "dll.pe.description",
    clew_text(CASE WHEN by_file THEN "file.pe.file_version" ELSE "dll.pe.file_version" END) AS "dll.pe.file_version",
    clew_boolean(CASE WHEN by_file THEN "file.code_signature.exists" ELSE "dll.code_signature.exists" END)
                                              AS "dll.code_signature.exists",
    CASE WHEN by_file THEN clew_signature("file.code_signature.status",
            clew_boolean(coalesce("file.code_signature.valid", "file.code_signature.trusted")))
        ELSE clew_signature("dll.code_signature.status",
            clew_boolean(coalesce("dll.code_signature.valid", "dll.code_signature.trusted"))) END AS "dll.code_signature.status",
    clew_text(CASE WHEN by_file THEN "file.code_signature.subject_name" ELSE "dll.code_signature.subject_name" END)
                                              AS "dll.code_signature.subject_name",
    CASE code WHEN 'library/start' THEN lower(module) = lower(image) END AS "clew.dll.is_program",

    object                                    AS "registry.path",
    CASE WHEN value IS NOT NULL AND ends_with(lower(object), '\' || lower(value))
        THEN left(object, length(object) - length(value) - 1) ELSE object END AS "registry.key",
    value                                     AS "registry.value",
    nullif(array_to_string(clew_texts("registry.data.strings"), ' '), '') AS "registry.data.strings",
    regexp_replace(clew_text("registry.data.type"), '^SZ_', 'REG_') AS "registry.data.type",
    clew_registry_program(nullif(array_to_string(clew_texts("registry.data.strings"), ' '), '')) AS "clew.registry.executable",

    CASE WHEN regexp_matches("network.direction", '^(egress|out)') THEN 'egress'
         WHEN regexp_matches("network.direction", '^(ingress|in(bound|coming))') THEN 'ingress'
         WHEN of_sensor THEN clew_direction(NULL, NULL, source_ip, destination_ip) END AS "network.direction",
    transport                                 AS "network.transport",
    CASE WHEN starts_with(code, 'network/dns') THEN 'dns' ELSE clew_protocol("network.protocol") END AS "network.protocol",
    clew_text("network.community_id")         AS "network.community_id",
    try_cast("network.bytes" AS BIGINT)       AS "network.bytes",
    source_ip                                 AS "source.ip",
    clew_port("source.port", transport)       AS "source.port",
    try_cast("source.bytes" AS BIGINT)        AS "source.bytes",
    try_cast("source.packets" AS BIGINT)      AS "source.packets",
    clew_text("source.domain")                AS "source.domain",
    destination_ip                            AS "destination.ip",
    clew_port("destination.port", transport)  AS "destination.port",
    try_cast("destination.bytes" AS BIGINT)   AS "destination.bytes",
    try_cast("destination.packets" AS BIGINT) AS "destination.packets",
    domain                                    AS "destination.domain",
    coalesce(domain, destination_ip)          AS "destination.address",
    question                                  AS "dns.question.name",
    clew_text("dns.question.type")            AS "dns.question.type",
    clew_text("dns.type")                     AS "dns.type",
    clew_resolved(clew_texts("dns.resolved_ip")) AS "dns.resolved_ip",
    clew_text("dns.response_code")            AS "dns.response_code",
    clew_public(destination_ip)               AS "clew.destination.public",
    CASE WHEN of_sensor THEN clew_own(source_ip, destination_ip, domain, question IS NOT NULL)
         WHEN starts_with(code, 'network/') THEN clew_own_of_host(source_ip, destination_ip, domain, computer) END
                                              AS "clew.destination.own",

    clew_text("tls.client.server_name")       AS "tls.client.server_name",
    clew_text("tls.client.ja3")               AS "tls.client.ja3",
    clew_text("tls.server.ja3s")              AS "tls.server.ja3s",
    clew_text("tls.version")                  AS "tls.version",
    clew_text("tls.version_protocol")         AS "tls.version_protocol",
    clew_text("tls.cipher")                   AS "tls.cipher",
    clew_boolean("tls.established")           AS "tls.established",
    clew_text("tls.server.subject")           AS "tls.server.subject",
    clew_text("tls.server.issuer")            AS "tls.server.issuer",
    clew_digest("tls.server.hash.sha1", 40)   AS "tls.server.hash.sha1",
    clew_digest("tls.server.hash.sha256", 64) AS "tls.server.hash.sha256",
    clew_text("url.original")                 AS "url.original",
    clew_text("url.full")                     AS "url.full",
    clew_text("url.domain")                   AS "url.domain",
    clew_text("url.path")                     AS "url.path",
    clew_text("url.query")                    AS "url.query",
    clew_text("http.version")                 AS "http.version",
    clew_text("http.request.method")          AS "http.request.method",
    clew_text("http.request.referrer")        AS "http.request.referrer",
    try_cast("http.request.body.bytes" AS BIGINT) AS "http.request.body.bytes",
    try_cast("http.response.status_code" AS BIGINT) AS "http.response.status_code",
    try_cast("http.response.body.bytes" AS BIGINT) AS "http.response.body.bytes",
    clew_text("http.response.mime_type")      AS "http.response.mime_type",
    clew_text("user_agent.original")          AS "user_agent.original",

    left(regexp_replace(clew_text("container.id"), '^[a-z-]+://', ''), 12) AS "container.id",
    clew_text("container.name")               AS "container.name",
    clew_text("container.image.name")         AS "container.image.name"
FROM plain
