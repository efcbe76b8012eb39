/*
log_source: ebpf:syscalls
provider: Tracee
specification: https://aquasecurity.github.io/tracee/dev/docs/outputs/event-structure
os: linux
channels:
  - {code: sched_process_exec, channel: execve, component: process_creation}
  - {code: sched_process_exit, channel: exit_group, component: process_termination}
  - {code: security_socket_connect, channel: socket connect, component: network_connection_creation}
  - {code: net_tcp_connect, channel: socket connect, component: network_connection_creation}
  - {code: security_file_open, channel: open, component: file_access}
  - {code: security_file_open, channel: open, component: file_modification, action: write}
  - {code: magic_write, channel: write, component: file_modification}
  - {code: file_modification, channel: write, component: file_modification}
  - {code: security_inode_unlink, channel: unlink, component: file_deletion}
  - {code: security_inode_rename, channel: rename, component: file_modification}
  - {code: security_inode_symlink, channel: symlink, component: file_creation}
  - {code: security_sb_mount, channel: mount, component: os_api_execution}
  - {code: mount, channel: mount, component: os_api_execution}
  - {code: setns, channel: setns, component: os_api_execution}
  - {code: unshare, channel: unshare, component: os_api_execution}
  - {code: keyctl, channel: keyctl, component: os_api_execution}
  - {code: ptrace, channel: ptrace, component: os_api_execution}
  - {code: bpf, channel: bpf, component: os_api_execution}
  - {code: init_module, channel: init_module, component: kernel_module_load}
  - {code: finit_module, channel: finit_module, component: kernel_module_load}
  - {code: module_load, channel: module_load, component: kernel_module_load}
  - {code: container_create, channel: container_create, component: container_start}
reads:
  [host, args, processName, executable.path, userId, hostProcessId, hostParentProcessId, processEntityId, parentEntityId,
   containerId, containerName, containerImage, podName, podNamespace, podUID, container.id, container.name, container.image,
   container.imageDigest, kubernetes.podName, kubernetes.podNamespace, kubernetes.podUID, cluster, cluster_name, clusterName]
cannot:
  host.id, host.name: Tracee's hostName is that of the process's own namespace, in a container the container's; a collector
    may tell it, as host. Others are of one, localhost
  user.name: the number of the account only
  process.entity_id: older versions have none; of a program that starts there it is host, pid and time
  process.parent.executable, process.parent.name: a record has its parent's number only
  process lineage of forks: not read; who forked and never called exec is no parent of what its child ran
  source.*: what was accepted is not read
  container.name, container.image.name, orchestrator.*: where Tracee was told by the engine (containers enrichment)
  clew.container.flags: what the container was given
  container_creation: what Tracee calls container_create is that its cgroup was made, which an engine does at its start
*/
WITH plain AS (
    SELECT
        origin, code, cluster, cluster_name, clusterName, clew_engine_host(host) AS host,
        clew_time(clew_cut(origin.written)) AS happened,
        clew_tracee_arguments(args) AS given, clew_text(processName) AS comm, "executable.path" AS image, userId AS uid,
        try_cast(hostProcessId AS BIGINT) AS pid, try_cast(hostParentProcessId AS BIGINT) AS parent,
        nullif(clew_text(processEntityId), '0') AS entity, nullif(clew_text(parentEntityId), '0') AS parent_entity,
        coalesce(clew_text("container.id"), containerId) AS container,
        coalesce(clew_text("container.name"), clew_text(containerName)) AS container_name,
        coalesce(clew_text("container.image"), clew_text(containerImage)) AS container_image,
        "container.imageDigest" AS container_digest,
        coalesce(clew_text("kubernetes.podName"), clew_text(podName)) AS pod_name,
        coalesce(clew_text("kubernetes.podNamespace"), clew_text(podNamespace)) AS pod_namespace,
        coalesce(clew_text("kubernetes.podUID"), clew_text(podUID)) AS pod_uid
    FROM record
), made AS (
    SELECT * REPLACE (
        -- A container that is being made has no process yet: what it is stands among the arguments.
        coalesce(clew_container_id(clew_argued(given, 'container_id')), clew_container_id(container)) AS container,
        coalesce(clew_text(clew_argued(given, 'container_name')), container_name) AS container_name,
        coalesce(clew_text(clew_argued(given, 'container_image')), container_image) AS container_image,
        coalesce(clew_text(clew_argued(given, 'container_image_digest')), container_digest) AS container_digest,
        coalesce(clew_text(clew_argued(given, 'pod_name')), pod_name) AS pod_name,
        coalesce(clew_text(clew_argued(given, 'pod_namespace')), pod_namespace) AS pod_namespace,
        coalesce(clew_text(clew_argued(given, 'pod_uid')), pod_uid) AS pod_uid,
        CASE code WHEN 'sched_process_exec' THEN coalesce(clew_text(clew_argued(given, 'pathname')), image) ELSE image END AS image
    ), code = 'sched_process_exec' AS makes, code = 'container_create' AS engine
    FROM plain
), told AS (
    SELECT *,
        clew_text(array_to_string(clew_texts(clew_argued(given, 'argv')), ' ')) AS command,
        CASE WHEN NOT makes THEN coalesce(clew_text(clew_argued(given, 'new_path')), clew_text(clew_argued(given, 'linkpath')),
            clew_text(clew_argued(given, 'file_path')), clew_text(clew_argued(given, 'pathname'))) END AS file,
        clew_address(coalesce(clew_text(clew_json(clew_argued(given, 'remote_addr'), '$.sin_addr')),
            clew_text(clew_json(clew_argued(given, 'remote_addr'), '$.sin6_addr')), clew_text(clew_argued(given, 'dst')))) AS address,
        try_cast(coalesce(clew_json(clew_argued(given, 'remote_addr'), '$.sin_port'),
            clew_json(clew_argued(given, 'remote_addr'), '$.sin6_port'), clew_argued(given, 'dst_port')) AS BIGINT) AS port,
        clew_argued(given, 'flags') AS flags
    FROM made
)
SELECT
    origin,
    happened                                  AS "@timestamp",
    code                                      AS "event.code",
    CASE code WHEN 'security_file_open' THEN
            CASE WHEN regexp_matches(flags, 'O_(WRONLY|RDWR|CREAT|TRUNC)') OR try_cast(flags AS BIGINT) & 579 > 0 THEN 'write' ELSE 'open' END
        WHEN 'security_sb_mount' THEN 'mount' WHEN 'sched_process_exec' THEN 'exec' ELSE code END AS "event.action",
    host                                      AS "host.name",
    CASE WHEN NOT engine THEN clew_text(uid) END AS "user.id",
    CASE WHEN engine THEN NULL WHEN makes THEN coalesce(entity, clew_process(host, pid, happened)) ELSE entity END AS "process.entity_id",
    CASE WHEN NOT engine THEN pid END         AS "process.pid",
    CASE WHEN NOT engine THEN clew_text(image) END AS "process.executable",
    CASE WHEN NOT engine THEN coalesce(clew_text(clew_audit_name(image, comm, CASE WHEN makes THEN command END)), comm) END AS "process.name",
    command                                   AS "process.command_line",
    CASE WHEN NOT engine THEN parent_entity END AS "process.parent.entity_id",
    CASE WHEN NOT engine THEN parent END      AS "process.parent.pid",
    file                                      AS "file.path",
    clew_base(file)                           AS "file.name",
    address                                   AS "destination.ip",
    address                                   AS "destination.address",
    port                                      AS "destination.port",
    CASE WHEN address IS NOT NULL THEN 'egress' END AS "network.direction",
    clew_public(address)                      AS "clew.destination.public",
    clew_own_address(address)                 AS "clew.destination.own",
    container                                 AS "container.id",
    CASE WHEN container IS NOT NULL THEN container_name END AS "container.name",
    CASE WHEN container IS NOT NULL THEN clew_image_name(container_image) END AS "container.image.name",
    CASE WHEN container IS NOT NULL THEN clew_image_tag(container_image) END AS "container.image.tag",
    CASE WHEN container IS NOT NULL THEN clew_image_digest(container_digest) END AS "container.image.hash.all",
    CASE WHEN pod_name IS NOT NULL THEN 'kubernetes' END AS "orchestrator.type",
    CASE WHEN pod_name IS NOT NULL THEN clew_cluster(cluster_name, clusterName, cluster) END AS "orchestrator.cluster.name",
    pod_namespace                             AS "orchestrator.namespace",
    pod_name                                  AS "orchestrator.resource.name",
    CASE WHEN pod_name IS NOT NULL THEN 'pods' END AS "orchestrator.resource.type",
    pod_uid                                   AS "orchestrator.resource.id"
FROM told
