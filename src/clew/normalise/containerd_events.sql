/*
log_source: containerd:events
provider: containerd events
specification: https://github.com/containerd/containerd/tree/v1.7.0/api/events
os: linux
channels:
  - {code: /containers/create, channel: create, component: container_creation}
  - {code: /tasks/start, channel: start, component: container_start, tells: containers}
  - {code: /tasks/exec-added, channel: exec-added, component: command_execution}
  - {code: /images/create, channel: image pull, component: image_creation}
  - {code: /images/update, channel: image update, component: image_modification}
reads: [host, namespace, event, cluster, cluster_name, clusterName]
cannot:
  host.id, host.name: not said which containerd; a collector may, as host. Others are of one, localhost
  user.name: no event says who asked
  clew.container.flags: no event says what a container is given of its host
  container.name: no event has it; in Kubernetes and Docker their own records do
  container.image.name of Docker's containers: Docker keeps that to itself
  container.image.name of a start: told when the container was made
  process.command_line: an event has the id of the command only
*/
WITH plain AS (
    SELECT *, clew_time(clew_cut(origin.written)) AS happened, namespace = 'k8s.io' AS orchestrated,
        clew_json(event, '$.image') AS of_image, clew_json(event, '$.name') AS image_name,
        coalesce(clew_json(event, '$.container_id'), clew_json(event, '$.id')) AS container
    FROM record
), named AS (
    SELECT *, CASE WHEN starts_with(code, '/images/') THEN image_name ELSE of_image END AS reference FROM plain
)
SELECT
    origin,
    happened                                  AS "@timestamp",
    code                                      AS "event.code",
    split_part(code, '/', -1)                 AS "event.action",
    clew_engine_host(host)                    AS "host.name",
    CASE namespace WHEN 'moby' THEN 'docker' ELSE 'containerd' END AS "container.runtime",
    clew_container_id(container)              AS "container.id",
    clew_image_name(clew_text(reference))     AS "container.image.name",
    clew_image_tag(clew_text(reference))      AS "container.image.tag",
    clew_image_digest(clew_text(reference))   AS "container.image.hash.all",
    CASE code WHEN '/tasks/start' THEN nullif(try_cast(clew_json(event, '$.pid') AS BIGINT), 0) END AS "clew.container.pid",
    CASE WHEN orchestrated THEN 'kubernetes' END AS "orchestrator.type",
    CASE WHEN orchestrated THEN clew_cluster(cluster_name, clusterName, cluster) END AS "orchestrator.cluster.name"
FROM named
