/*
log_source: ebpf:syscalls
provider: Falco
specification: https://falco.org/docs/reference/rules/supported-fields/
os: linux
channels:
  - {code: execve, channel: execve, component: process_creation}
  - {code: execveat, channel: execveat, component: process_creation}
  - {code: connect, channel: connect, component: network_connection_creation}
  - {code: sendto, channel: sendto, component: network_connection_creation}
  - {code: accept, channel: accept, component: network_connection_creation}
  - {code: accept4, channel: accept4, component: network_connection_creation}
  - {code: open, channel: open, component: file_access}
  - {code: open, channel: open, component: file_modification, action: write}
  - {code: openat, channel: openat, component: file_access}
  - {code: openat, channel: openat, component: file_modification, action: write}
  - {code: openat2, channel: openat2, component: file_access}
  - {code: openat2, channel: openat2, component: file_modification, action: write}
  - {code: symlink, channel: symlink, component: file_creation}
  - {code: symlinkat, channel: symlinkat, component: file_creation}
  - {code: link, channel: link, component: file_creation}
  - {code: linkat, channel: linkat, component: file_creation}
  - {code: rename, channel: rename, component: file_modification}
  - {code: renameat, channel: renameat, component: file_modification}
  - {code: renameat2, channel: renameat2, component: file_modification}
  - {code: unlink, channel: unlink, component: file_deletion}
  - {code: unlinkat, channel: unlinkat, component: file_deletion}
  - {code: mount, channel: mount, component: os_api_execution}
  - {code: setns, channel: setns, component: os_api_execution}
  - {code: unshare, channel: unshare, component: os_api_execution}
  - {code: keyctl, channel: keyctl, component: os_api_execution}
  - {code: ptrace, channel: ptrace, component: os_api_execution}
  - {code: bpf, channel: bpf, component: os_api_execution}
  - {code: socket, channel: socket, component: os_api_execution}
  - {code: init_module, channel: init_module, component: kernel_module_load}
  - {code: finit_module, channel: finit_module, component: kernel_module_load}
reads: [hostname, rule, output_fields, cluster, cluster_name, clusterName]
cannot:
  process.entity_id: an alert is one system call, without the start of its process
  process.*, container.*, orchestrator.*, file.*, destination.*: where the rule's output names them
  host.id, host.name: Falco's own name of the host, which is that of its container where it runs in one
  all columns: of what no rule is about there is no event, so a program that is not there may have run
*/
WITH plain AS (
    SELECT
        origin, code, hostname, rule, clew_time(clew_cut(origin.written)) AS happened, cluster, cluster_name, clusterName,
        clew_falco(output_fields) AS f
    FROM record
), told AS (
    SELECT *,
        CASE WHEN clew_told(f."container.id") <> 'host' THEN clew_container_id(f."container.id") END AS container,
        clew_told(f."k8s.pod.name") AS pod,
        clew_told(f."proc.exepath") AS image,
        regexp_extract(f."fd.name", '->(.+):(\d+)$', ['address', 'port']) AS server,
        coalesce(f."evt.arg.flags", f."evt.arg[1]", '') AS flags
    FROM plain
)
SELECT
    origin,
    happened                                  AS "@timestamp",
    code                                      AS "event.code",
    CASE WHEN starts_with(code, 'open') AND regexp_matches(flags, 'O_(WRONLY|RDWR|CREAT|TRUNC)') THEN 'write' ELSE code END
                                              AS "event.action",
    clew_text(rule)                           AS "rule.name",
    clew_text(hostname)                       AS "host.name",
    clew_told(f."user.name")                  AS "user.name",
    clew_told(f."user.uid")                   AS "user.id",
    try_cast(f."proc.pid" AS BIGINT)          AS "process.pid",
    coalesce(clew_told(f."proc.name"), clew_text(clew_base(image))) AS "process.name",
    image                                     AS "process.executable",
    clew_told(f."proc.cmdline")               AS "process.command_line",
    clew_told(f."proc.cwd")                   AS "process.working_directory",
    try_cast(f."proc.ppid" AS BIGINT)         AS "process.parent.pid",
    clew_told(f."proc.pname")                 AS "process.parent.name",
    clew_told(f."proc.pexepath")              AS "process.parent.executable",
    clew_told(f."proc.pcmdline")              AS "process.parent.command_line",
    CASE WHEN starts_with(f."fd.name", '/') THEN f."fd.name" END AS "file.path",
    CASE WHEN starts_with(f."fd.name", '/') THEN clew_base(f."fd.name") END AS "file.name",
    CASE WHEN server.address <> '' THEN clew_address(server.address) ELSE clew_address(clew_told(f."fd.rip")) END AS "destination.ip",
    coalesce(try_cast(server.port AS BIGINT), try_cast(f."fd.rport" AS BIGINT)) AS "destination.port",
    CASE WHEN server.address <> '' THEN clew_address(server.address) ELSE clew_address(clew_told(f."fd.rip")) END AS "destination.address",
    clew_told(f."fd.l4proto")                 AS "network.transport",
    CASE WHEN starts_with(code, 'accept') THEN 'ingress' WHEN code IN ('connect', 'sendto') THEN 'egress' END AS "network.direction",
    container                                 AS "container.id",
    CASE WHEN container IS NOT NULL THEN clew_told(f."container.name") END AS "container.name",
    CASE WHEN container IS NOT NULL THEN clew_told(f."container.image.repository")
        || coalesce(':' || clew_told(f."container.image.tag"), '') END AS "container.image.name",
    CASE WHEN container IS NOT NULL THEN clew_told(f."container.image.tag") END AS "container.image.tag",
    CASE WHEN pod IS NOT NULL THEN 'kubernetes' END AS "orchestrator.type",
    CASE WHEN pod IS NOT NULL THEN clew_cluster(cluster_name, clusterName, cluster) END AS "orchestrator.cluster.name",
    clew_told(f."k8s.ns.name")                AS "orchestrator.namespace",
    pod                                       AS "orchestrator.resource.name",
    CASE WHEN pod IS NOT NULL THEN 'pods' END AS "orchestrator.resource.type"
FROM told
