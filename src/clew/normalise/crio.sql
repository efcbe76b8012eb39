/*
log_source: cri-o:runtime
provider: cri-o
specification: https://github.com/cri-o/cri-o/blob/v1.31.0/server/container_start.go
os: linux
channels:
  - {code: CreateContainer, channel: CRI CreateContainer, component: container_creation}
  - {code: StartContainer, channel: CRI StartContainer, component: container_start, tells: containers}
  - {code: Exec, channel: CRI Exec, component: command_execution}
  - {code: ExecSync, channel: CRI ExecSync, component: command_execution}
  - {code: PullImage, channel: CRI PullImage, component: image_creation}
reads: [host, container, container_name, pod, pod_uid, pod_namespace, image, image_id, command, outcome, pid, cluster, cluster_name, clusterName]
cannot:
  host.id, host.name: not written; behind a syslog header, or as a collector says it, as host. Others are of one, localhost
  user.name: a kubelet asks for everything; who asked for the pod, kubernetes:audit knows
  clew.container.flags: not written; what a pod is given, kubernetes:audit knows
  container.image.name of a container: not written with it
  orchestrator.resource.id: not written
  command_execution: at the level debug
  event.outcome: what failed has no entry of its own kind
*/
SELECT
    origin,
    clew_time(clew_cut(origin.written))       AS "@timestamp",
    code                                      AS "event.code",
    code                                      AS "event.action",
    outcome                                   AS "event.outcome",
    clew_engine_host(host)                    AS "host.name",
    'cri-o'                              AS "container.runtime",
    clew_container_id(container)              AS "container.id",
    clew_text(container_name)                 AS "container.name",
    clew_image_name(clew_text(image))         AS "container.image.name",
    clew_image_tag(clew_text(image))          AS "container.image.tag",
    coalesce(clew_image_digest(image), clew_image_digest(image_id)) AS "container.image.hash.all",
    nullif(try_cast(pid AS BIGINT), 0)        AS "clew.container.pid",
    clew_text(command)                        AS "process.command_line",
    'kubernetes'                              AS "orchestrator.type",
    clew_cluster(cluster_name, clusterName, cluster) AS "orchestrator.cluster.name",
    clew_text(pod_namespace)                  AS "orchestrator.namespace",
    clew_text(pod)                            AS "orchestrator.resource.name",
    CASE WHEN clew_text(pod) IS NOT NULL THEN 'pods' END AS "orchestrator.resource.type",
    clew_text(pod_uid)                        AS "orchestrator.resource.id"
FROM record
