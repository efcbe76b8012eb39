/*
log_source: containerd:runtime
provider: containerd
specification: https://github.com/containerd/containerd/blob/v2.1.0/internal/cri/instrument/instrumented_service.go
os: linux
channels:
  - {code: CreateContainer, channel: CRI CreateContainer, component: container_creation}
  - {code: StartContainer, channel: CRI StartContainer, component: container_start}
  - {code: Exec, channel: CRI Exec, component: command_execution}
  - {code: ExecSync, channel: CRI ExecSync, component: command_execution}
  - {code: PullImage, channel: CRI PullImage, component: image_creation}
reads: [host, container, container_name, pod, pod_uid, pod_namespace, image, image_id, command, outcome, cluster, cluster_name, clusterName]
cannot:
  host.id, host.name: not written; behind a syslog header, or as a collector says it, as host. Others are of one, localhost
  user.name: a kubelet asks for everything; who asked for the pod, kubernetes:audit knows
  clew.container.flags: not written; what a pod is given, kubernetes:audit knows
  container.name, orchestrator.*: where the log has the entries in which its sandbox and container were made
  container.image.name of a container: not written with it
  command_execution: at the level debug; Exec is what kubectl exec asks for, ExecSync mostly a probe's
  container.id of a creation that failed: there is none
*/
SELECT
    origin,
    clew_time(clew_cut(origin.written))       AS "@timestamp",
    code                                      AS "event.code",
    code                                      AS "event.action",
    outcome                                   AS "event.outcome",
    clew_engine_host(host)                    AS "host.name",
    'containerd'                              AS "container.runtime",
    clew_container_id(container)              AS "container.id",
    clew_text(container_name)                 AS "container.name",
    clew_image_name(clew_text(image))         AS "container.image.name",
    clew_image_tag(clew_text(image))          AS "container.image.tag",
    coalesce(clew_image_digest(image), clew_image_digest(image_id)) AS "container.image.hash.all",
    clew_text(command)                        AS "process.command_line",
    'kubernetes'                              AS "orchestrator.type",
    clew_cluster(cluster_name, clusterName, cluster) AS "orchestrator.cluster.name",
    clew_text(pod_namespace)                  AS "orchestrator.namespace",
    clew_text(pod)                            AS "orchestrator.resource.name",
    CASE WHEN clew_text(pod) IS NOT NULL THEN 'pods' END AS "orchestrator.resource.type",
    clew_text(pod_uid)                        AS "orchestrator.resource.id"
FROM record
