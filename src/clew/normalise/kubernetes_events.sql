/*
log_source: kubernetes:events
provider: Kubernetes
specification: https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/
channels:
  - {code: Pulled, channel: Pulled, component: image_creation}
  - {code: Created, channel: Created, component: container_creation}
  - {code: Started, channel: ContainerStarted, component: container_start}
reads:
  [message, note, source.host, reportingInstance, deprecatedSource.host, cluster, cluster_name, clusterName,
   involvedObject.kind, involvedObject.name, involvedObject.namespace, involvedObject.uid, involvedObject.fieldPath,
   regarding.kind, regarding.name, regarding.namespace, regarding.uid, regarding.fieldPath]
cannot:
  user.name: an event says what a kubelet did, not for whom; the audit log does
  container.id: a kubelet names the container and its pod only
  container.image.name: of Pulled only, whose message has it
  clew.container.flags: an event has nothing of the pod's specification
  orchestrator.cluster.name: not written; a collector may, as cluster, cluster_name or clusterName
*/
-- An event that comes again is counted in one record; its time is the first.
WITH plain AS (
    SELECT
        origin, code, cluster, cluster_name, clusterName,
        clew_time(clew_cut(origin.written))            AS happened,
        coalesce(message, note)                        AS said,
        coalesce(clew_text("source.host"), clew_text("deprecatedSource.host"), clew_text(reportingInstance)) AS node,
        coalesce("involvedObject.kind", "regarding.kind")           AS kind,
        coalesce("involvedObject.name", "regarding.name")           AS named,
        coalesce("involvedObject.namespace", "regarding.namespace") AS namespace,
        coalesce("involvedObject.uid", "regarding.uid")             AS uid,
        coalesce("involvedObject.fieldPath", "regarding.fieldPath") AS place
    FROM record
), pulled AS (
    SELECT *, CASE code WHEN 'Pulled' THEN nullif(regexp_extract(said, '[Ii]mage "([^"]+)"', 1), '') END AS image FROM plain
)
SELECT
    origin,
    happened                                  AS "@timestamp",
    code                                      AS "event.code",
    code                                      AS "event.action",
    node                                      AS "host.name",
    'kubernetes'                              AS "orchestrator.type",
    clew_cluster(cluster_name, clusterName, cluster) AS "orchestrator.cluster.name",
    clew_text(namespace)                      AS "orchestrator.namespace",
    clew_text(named)                          AS "orchestrator.resource.name",
    CASE kind WHEN 'Pod' THEN 'pods' ELSE lower(kind) || 's' END AS "orchestrator.resource.type",
    clew_text(uid)                            AS "orchestrator.resource.id",
    node                                      AS "clew.pod.node",
    nullif(regexp_extract(place, '\{(.+)\}', 1), '') AS "container.name",
    CASE WHEN starts_with(place, 'spec.initContainers') THEN 'init' WHEN starts_with(place, 'spec.ephemeralContainers') THEN 'ephemeral'
         WHEN starts_with(place, 'spec.containers') THEN 'container' END AS "clew.container.type",
    clew_image_name(image)                    AS "container.image.name",
    clew_image_tag(image)                     AS "container.image.tag",
    clew_image_digest(image)                  AS "container.image.hash.all"
FROM pulled
