/*
log_source: ebpf:syscalls
provider: Tetragon
specification: https://tetragon.io/docs/reference/grpc-api/
os: linux
channels:
  - {code: process_exec, channel: process_exec, component: process_creation}
  - {code: process_exit, channel: process_exit, component: process_termination}
  - {code: process_connect, channel: process_connect, component: network_connection_creation}
  - {code: process_kprobe/tcp_connect, channel: tcp_connect, component: network_connection_creation}
  - {code: process_kprobe/security_socket_connect, channel: security_socket_connect, component: network_connection_creation}
  - {code: process_kprobe/mount, channel: mount, component: os_api_execution}
  - {code: process_kprobe/setns, channel: setns, component: os_api_execution}
  - {code: process_kprobe/unshare, channel: unshare, component: os_api_execution}
  - {code: process_kprobe/keyctl, channel: keyctl, component: os_api_execution}
  - {code: process_kprobe/ptrace, channel: ptrace, component: os_api_execution}
  - {code: process_kprobe/init_module, channel: init_module, component: kernel_module_load}
  - {code: process_kprobe/finit_module, channel: finit_module, component: kernel_module_load}
reads: [node_name, process_exec, process_exit, process_connect, process_kprobe, cluster, cluster_name, clusterName]
cannot:
  user.name: Tetragon has the number of the account only
  process.command_line: its arguments are one text, so a blank in one of them is not told from one between two
  destination.*: of a probe where its policy has the socket among its arguments
  container.*, orchestrator.*: of a process of the host there are none
  clew.container.flags: what the container was given; of its process Tetragon has the capabilities
*/
-- Times of what happened to a process stand in `time`; old exports have that of the process itself only.
WITH plain AS (
    SELECT
        origin, code, node_name, cluster, cluster_name, clusterName,
        clew_tetragon(coalesce(process_exec, process_exit, process_connect, process_kprobe)) AS t
    FROM record
), told AS (
    SELECT *,
        coalesce(clew_time(clew_cut(origin.written)), clew_time(clew_cut(t.process.start_time))) AS happened,
        coalesce(clew_container_id(t.process.pod.container.id), clew_container_id(left(t.process.docker, 12))) AS container,
        clew_text(t.process.pod."name") AS pod,
        coalesce(t.destination_ip, list_filter(t.args, lambda one: one.sock_arg IS NOT NULL)[1].sock_arg.daddr,
            list_filter(t.args, lambda one: one.sockaddr_arg IS NOT NULL)[1].sockaddr_arg.addr) AS address,
        coalesce(t.destination_port, list_filter(t.args, lambda one: one.sock_arg IS NOT NULL)[1].sock_arg.dport,
            list_filter(t.args, lambda one: one.sockaddr_arg IS NOT NULL)[1].sockaddr_arg.port) AS port
    FROM plain
)
SELECT
    origin,
    happened                                  AS "@timestamp",
    code                                      AS "event.code",
    split_part(code, '/', -1)                 AS "event.action",
    clew_text(node_name)                      AS "host.name",
    clew_text(t.process.uid)                  AS "user.id",
    clew_text(t.process.exec_id)              AS "process.entity_id",
    try_cast(t.process.pid AS BIGINT)         AS "process.pid",
    clew_text(t.process.binary)               AS "process.executable",
    clew_base(clew_text(t.process.binary))    AS "process.name",
    t.process.binary || coalesce(' ' || clew_text(t.process.arguments), '') AS "process.command_line",
    clew_text(t.process.cwd)                  AS "process.working_directory",
    coalesce(clew_text(t.process.parent_exec_id), clew_text(t.parent.exec_id)) AS "process.parent.entity_id",
    try_cast(t.parent.pid AS BIGINT)          AS "process.parent.pid",
    clew_text(t.parent.binary)                AS "process.parent.executable",
    clew_base(clew_text(t.parent.binary))     AS "process.parent.name",
    t.parent.binary || coalesce(' ' || clew_text(t.parent.arguments), '') AS "process.parent.command_line",
    CASE code WHEN 'process_exit' THEN coalesce(try_cast(t.status AS BIGINT), 0) END AS "process.exit_code",
    clew_address(address)                     AS "destination.ip",
    clew_address(address)                     AS "destination.address",
    try_cast(port AS BIGINT)                  AS "destination.port",
    CASE WHEN address IS NOT NULL THEN 'egress' END AS "network.direction",
    clew_public(clew_address(address))        AS "clew.destination.public",
    clew_own_address(clew_address(address))   AS "clew.destination.own",
    container                                 AS "container.id",
    clew_text(t.process.pod.container."name") AS "container.name",
    clew_text(t.process.pod.container.image."name") AS "container.image.name",
    clew_image_tag(t.process.pod.container.image."name") AS "container.image.tag",
    clew_image_digest(t.process.pod.container.image.id) AS "container.image.hash.all",
    clew_runtime(t.process.pod.container.id)  AS "container.runtime",
    CASE WHEN pod IS NOT NULL THEN 'kubernetes' END AS "orchestrator.type",
    CASE WHEN pod IS NOT NULL THEN clew_cluster(cluster_name, clusterName, cluster) END AS "orchestrator.cluster.name",
    clew_text(t.process.pod.namespace)        AS "orchestrator.namespace",
    pod                                       AS "orchestrator.resource.name",
    CASE WHEN pod IS NOT NULL THEN 'pods' END AS "orchestrator.resource.type"
FROM told
