/*
log_source: Application Vetting
provider: clew vet
specification: https://attack.mitre.org/datacomponents/DC0112/
os: linux
channels:
  - {code: execute, channel: execute, component: process_creation}
  - {code: exit, channel: exit, component: process_termination}
  - {code: run_code, channel: run_code, component: api_calls}
  - {code: read, channel: read, component: file_access}
  - {code: write, channel: write, component: file_creation}
  - {code: link, channel: link, component: file_creation}
  - {code: delete, channel: delete, component: file_deletion}
  - {code: rename, channel: rename, component: file_modification}
  - {code: change_mode, channel: change_mode, component: file_metadata}
  - {code: load_library, channel: load_library, component: module_load}
  - {code: make_memory_file, channel: make_memory_file, component: os_api_execution}
  - {code: trace_process, channel: trace_process, component: os_api_execution}
  - {code: read_environment, channel: read_environment, component: api_calls}
  - {code: wait, channel: wait, component: api_calls}
  - {code: resolve, channel: resolve, component: network_connection_creation}
  - {code: connect, channel: connect, component: network_connection_creation}
  - {code: handshake, channel: handshake, component: network_connection_creation}
  - {code: request, channel: request, component: network_connection_creation}
  - {code: send, channel: send, component: network_connection_creation}
  - {code: exfiltrate, channel: exfiltrate, component: api_calls}
  - {code: find_unchanged, channel: find_unchanged, component: api_calls}
  - {code: find_deleted, channel: find_deleted, component: api_calls}
  - {code: find_changed, channel: find_changed, component: api_calls}
  - {code: find_added, channel: find_added, component: api_calls}
  - {code: bypass, channel: bypass, component: api_calls}
  - {code: reach_limit, channel: reach_limit, component: api_calls}
scopes: [package.id]
reads: [sequence, package, digest, platform, phase, witness, pid, parent_pid, executable, arguments, directory, status, layer,
  parent_layer, made_by, size, stack, path, target, mode, name, type, seconds, address, port, transport, method, body,
  user_agent, decoy, what]
cannot:
  host.id, host.name: a trace is of a sandbox, which is no host of the site; its scope is package.id
  process.parent.executable, process.parent.name: a line has its parent's pid only
  user.name: the sandbox has one account
  destination.ip of resolve: what the sinkhole answers is nobody's address
*/
-- A run is a purl with the digest of the archive and the platform that the package was told: its qualifiers. A pid is
-- used anew in another phase, which has a pid namespace of its own.
WITH plain AS (
    SELECT *,
        clew_time(clew_cut(origin.written)) AS happened,
        clew_text(package) AS purl,
        regexp_extract(package, '^pkg:([^/]+)/(.+?)(?:@([^@?#]*))?(?:[?#].*)?$', ['type', 'name', 'version']) AS named,
        left(digest, 12) || '/' || platform || '/' || phase || '/' AS run,
        clew_texts(arguments) AS words,
        CASE WHEN code IN ('resolve', 'handshake', 'request', 'exfiltrate') THEN clew_text("name") END AS host,
        clew_address(clew_text(address)) AS ip,
        try_cast(port AS BIGINT) AS server_port
    FROM record
), told AS (
    SELECT *,
        coalesce(array_to_string(words, ' '), CASE code WHEN 'execute' THEN clew_text(executable) END) AS command,
        CASE WHEN code = 'request' AND host IS NOT NULL THEN
            CASE WHEN server_port = 443 THEN 'https://' ELSE 'http://' END || host
            || CASE WHEN server_port IN (80, 443) THEN '' ELSE coalesce(':' || server_port, '') END
            || coalesce(path, '/') END AS url,
        CASE WHEN code NOT IN ('request', 'exfiltrate', 'load_library', 'make_memory_file') THEN clew_text(path) END AS file
    FROM plain
)
SELECT
    origin,
    happened                                  AS "@timestamp",
    try_cast("sequence" AS BIGINT)            AS "event.sequence",
    code                                      AS "event.code",
    code                                      AS "event.action",
    NULL::VARCHAR                             AS "host.name",
    purl || '?checksum=sha256:' || digest || '&platform=' || platform AS "package.id",
    url_decode(nullif(named.name, ''))        AS "package.name",
    url_decode(nullif(named.version, ''))     AS "package.version",
    nullif(named."type", '')                  AS "package.type",
    clew_digest(digest, 64)                   AS "package.checksum",
    code                                      AS "clew.api.call",
    clew_text(witness)                        AS "clew.api.witness",
    clew_text(phase)                          AS "clew.api.phase",
    clew_text(platform)                       AS "clew.api.platform",
    clew_text(layer)                          AS "clew.api.layer",
    clew_text(parent_layer)                   AS "clew.api.parent_layer",
    clew_text(made_by)                        AS "clew.api.origin",
    try_cast("size" AS BIGINT)                AS "clew.api.size",
    array_to_string(clew_texts(stack), ' < ') AS "clew.api.stack",
    CASE WHEN code IN ('read_environment', 'make_memory_file') THEN coalesce(clew_text("name"), clew_text(path)) END
                                              AS "clew.api.name",
    clew_text("target")                       AS "clew.api.target",
    round(try_cast("seconds" AS DOUBLE))::BIGINT AS "clew.api.seconds",
    clew_text(decoy)                          AS "clew.api.decoy",
    clew_text(what)                           AS "clew.api.what",
    run || pid                                AS "process.entity_id",
    try_cast(pid AS BIGINT)                   AS "process.pid",
    clew_text(executable)                     AS "process.executable",
    clew_base(clew_text(executable))          AS "process.name",
    command                                   AS "process.command_line",
    clew_text(directory)                      AS "process.working_directory",
    CASE WHEN clew_interpreter(clew_base(executable)) THEN clew_absolute(clew_argument(command), directory) END
                                              AS "clew.process.script",
    run || parent_pid                         AS "process.parent.entity_id",
    try_cast(parent_pid AS BIGINT)            AS "process.parent.pid",
    CASE code WHEN 'exit' THEN try_cast(status AS BIGINT) END AS "process.exit_code",
    file                                      AS "file.path",
    clew_base(file)                           AS "file.name",
    clew_extension(file)                      AS "file.extension",
    clew_folder(file)                         AS "file.directory",
    clew_text("mode")                         AS "file.mode",
    CASE code WHEN 'load_library' THEN clew_text(path) END AS "dll.path",
    CASE code WHEN 'load_library' THEN clew_base(clew_text(path)) END AS "dll.name",
    ip                                        AS "destination.ip",
    server_port                               AS "destination.port",
    clew_domain(host)                         AS "destination.domain",
    coalesce(host, ip)                        AS "destination.address",
    clew_public(ip)                           AS "clew.destination.public",
    CASE WHEN coalesce(host, ip) IS NOT NULL
        THEN coalesce(clew_own_address(ip), false) OR coalesce(clew_own_name(clew_domain(host), 'localhost'), false) END
                                              AS "clew.destination.own",
    clew_text(transport)                      AS "network.transport",
    CASE code WHEN 'resolve' THEN 'dns' WHEN 'handshake' THEN 'tls' WHEN 'request' THEN 'http' END AS "network.protocol",
    CASE WHEN coalesce(host, ip) IS NOT NULL THEN 'egress' END AS "network.direction",
    CASE code WHEN 'resolve' THEN clew_domain(host) END AS "dns.question.name",
    CASE code WHEN 'resolve' THEN clew_text("type") END AS "dns.question.type",
    CASE code WHEN 'resolve' THEN 'query' END AS "dns.type",
    CASE code WHEN 'handshake' THEN host END  AS "tls.client.server_name",
    clew_text("method")                       AS "http.request.method",
    url                                       AS "url.full",
    CASE code WHEN 'request' THEN host END    AS "url.domain",
    CASE code WHEN 'request' THEN clew_url_path(path) END AS "url.path",
    CASE code WHEN 'request' THEN clew_url_query(path) END AS "url.query",
    clew_text(body)                           AS "http.request.body.content",
    clew_text(user_agent)                     AS "user_agent.original"
FROM told
