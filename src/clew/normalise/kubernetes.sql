/*
log_source: kubernetes:audit
provider: Kubernetes audit
specification: https://kubernetes.io/docs/reference/config-api/apiserver-audit.v1/
channels:
  - {code: pods/create, channel: "verb=create, resource=pods", component: container_creation}
  - {code: pods/patch/ephemeralcontainers, channel: "verb=patch, resource=pods/ephemeralcontainers", component: container_creation}
  - {code: pods/update/ephemeralcontainers, channel: "verb=update, resource=pods/ephemeralcontainers", component: container_creation}
  - {code: pods/patch/status, channel: "verb=patch, resource=pods/status", component: pod_modification}
  - {code: pods/patch/status, channel: "verb=patch, resource=pods/status", component: container_start, action: started}
  - {code: pods/update/status, channel: "verb=update, resource=pods/status", component: pod_modification}
  - {code: pods/update/status, channel: "verb=update, resource=pods/status", component: container_start, action: started}
  - {code: pods/create/exec, channel: "verb=create, resource=pods/exec", component: command_execution}
  - {code: pods/get/exec, channel: "verb=get, resource=pods/exec", component: command_execution}
  - {code: pods/create/attach, channel: "verb=create, resource=pods/attach", component: command_execution}
  - {code: pods/get/attach, channel: "verb=get, resource=pods/attach", component: command_execution}
  - {code: deployments/create, channel: "verb=create, resource=deployments", component: pod_creation}
  - {code: daemonsets/create, channel: "verb=create, resource=daemonsets", component: pod_creation}
  - {code: statefulsets/create, channel: "verb=create, resource=statefulsets", component: pod_creation}
  - {code: replicasets/create, channel: "verb=create, resource=replicasets", component: pod_creation}
  - {code: replicationcontrollers/create, channel: "verb=create, resource=replicationcontrollers", component: pod_creation}
  - {code: jobs/create, channel: "verb=create, resource=jobs", component: pod_creation}
  - {code: cronjobs/create, channel: "verb=create, resource=cronjobs", component: pod_creation}
  - {code: deployments/update, channel: "verb=update, resource=deployments", component: pod_modification}
  - {code: deployments/patch, channel: "verb=patch, resource=deployments", component: pod_modification}
  - {code: daemonsets/update, channel: "verb=update, resource=daemonsets", component: pod_modification}
  - {code: daemonsets/patch, channel: "verb=patch, resource=daemonsets", component: pod_modification}
  - {code: statefulsets/update, channel: "verb=update, resource=statefulsets", component: pod_modification}
  - {code: statefulsets/patch, channel: "verb=patch, resource=statefulsets", component: pod_modification}
  - {code: cronjobs/update, channel: "verb=update, resource=cronjobs", component: pod_modification}
  - {code: cronjobs/patch, channel: "verb=patch, resource=cronjobs", component: pod_modification}
  - {code: impersonation, channel: a request in another's name, component: application_log_content}
several: true
reads:
  [level, verb, requestURI, userAgent, sourceIPs, cluster, cluster_name, clusterName,
   user.username, user.uid, user.groups, impersonatedUser.username,
   objectRef.resource, objectRef.subresource, objectRef.namespace, objectRef.name, objectRef.uid, objectRef.apiVersion,
   responseStatus.code, responseStatus.reason, responseStatus.message, requestObject, responseObject]
cannot:
  host.id, host.name: the record names a node only where its kubelet asked
  orchestrator.cluster.name: the API server does not write it; a collector may, as cluster, cluster_name or clusterName
  clew.container.flags, container.image.*: at the level Metadata nothing of a pod is recorded
  orchestrator.resource.id: at the level Request the uid of what was made is not recorded
  container.id: a container that was asked for has none yet; a kubelet's report of its status has it
  container.image.hash.all: where the image is named by its digest, or a kubelet reports what it pulled
  clew.container.flags: hostPath volumes that no container of the pod mounts are none of theirs
  process.command_line: of an exec only; what an attached terminal is told is not recorded
*/
WITH plain AS (
    SELECT
        origin, code, level, verb, requestURI, userAgent, sourceIPs, cluster, cluster_name, clusterName,
        "user.username" AS username, "user.uid" AS uid, "user.groups" AS groups,
        "impersonatedUser.username" AS impersonated, "objectRef.apiVersion" AS api_version,
        "objectRef.resource" AS resource, "objectRef.subresource" AS subresource, "objectRef.namespace" AS namespace,
        "objectRef.name" AS named, "objectRef.uid" AS object_uid, try_cast("responseStatus.code" AS BIGINT) AS status,
        "responseStatus.reason" AS reason, "responseStatus.message" AS message, requestObject,
        -- The answer to what was refused is a Status.
        CASE WHEN clew_json(responseObject, '$.kind') IS DISTINCT FROM 'Status' THEN responseObject END AS answer,
        clew_time(clew_cut(origin.written)) AS happened
    FROM record
), told AS (
    SELECT *,
        coalesce(clew_json(answer, '$.metadata'), clew_json(requestObject, '$.metadata')) AS metadata,
        clew_pod_spec(coalesce(clew_json(answer, '$.spec'), clew_json(requestObject, '$.spec'))) AS pod,
        coalesce(subresource = 'status', false) AS of_status,
        coalesce(clew_json(answer, '$.status'), clew_json(requestObject, '$.status')) AS state
    FROM plain
), listed AS (
    SELECT *, clew_owner(clew_json(metadata, '$.ownerReferences')) AS owner,
        CASE WHEN of_status THEN clew_started(state, happened)
             WHEN subresource = 'ephemeralcontainers' THEN clew_containers(pod, pod.ephemeralContainers, 'ephemeral')
             WHEN subresource IS NULL THEN list_concat(clew_containers(pod, pod.containers, 'container'),
                clew_containers(pod, pod.initContainers, 'init'),
                clew_containers(pod, pod.ephemeralContainers, 'ephemeral')) END AS found
    FROM told
), counted AS (
    SELECT *, CASE WHEN len(found) > 0 THEN found ELSE [NULL] END AS containers FROM listed
), single AS (
    SELECT *, generate_subscripts(containers, 1) AS ordinal, unnest(containers) AS container FROM counted
)
SELECT
    origin,
    ordinal,
    happened                                      AS "@timestamp",
    code                                          AS "event.code",
    CASE WHEN of_status AND container IS NOT NULL THEN 'started' ELSE verb END AS "event.action",
    CASE WHEN status >= 400 THEN 'failure' WHEN status >= 100 THEN 'success' END AS "event.outcome",
    CASE WHEN status >= 400 THEN clew_text(reason) END  AS "error.code",
    CASE WHEN status >= 400 THEN clew_text(message) END AS "error.message",
    level                                         AS "clew.audit.level",
    nullif(regexp_extract(username, '^system:node:(.+)$', 1), '') AS "host.name",
    clew_text(username)                           AS "user.name",
    clew_text(uid)                                AS "user.id",
    clew_text(impersonated)                       AS "user.effective.name",
    clew_joined(clew_texts(groups))               AS "clew.user.groups",
    clew_address(clew_first(sourceIPs))           AS "source.ip",
    clew_text(userAgent)                          AS "user_agent.original",
    clew_text(requestURI)                         AS "url.original",
    clew_url_path(requestURI)                     AS "url.path",
    clew_url_query(requestURI)                    AS "url.query",
    status                                        AS "http.response.status_code",

    'kubernetes'                                  AS "orchestrator.type",
    clew_cluster(cluster_name, clusterName, cluster) AS "orchestrator.cluster.name",
    coalesce(clew_text(namespace), clew_text(clew_json(metadata, '$.namespace'))) AS "orchestrator.namespace",
    coalesce(clew_text(named), clew_text(clew_json(metadata, '$.name')),
        clew_text(clew_json(metadata, '$.generateName'))) AS "orchestrator.resource.name",
    clew_text(resource)                           AS "orchestrator.resource.type",
    coalesce(clew_text(object_uid), clew_json(metadata, '$.uid')) AS "orchestrator.resource.id",
    clew_text(api_version)                        AS "orchestrator.api_version",
    owner.kind                                    AS "orchestrator.resource.parent.type",
    owner.uid                                     AS "clew.owner.uid",
    owner.name                                    AS "clew.owner.name",
    clew_text(pod.nodeName)                       AS "clew.pod.node",
    clew_text(coalesce(pod.serviceAccountName, pod.serviceAccount)) AS "clew.pod.service_account",

    clew_container_id(container.id)               AS "container.id",
    coalesce(container.name, clew_parameter(requestURI, 'container')) AS "container.name",
    clew_image_name(container.image)              AS "container.image.name",
    clew_image_tag(container.image)               AS "container.image.tag",
    coalesce(clew_image_digest(container.image), clew_image_digest(container.image_id)) AS "container.image.hash.all",
    clew_runtime(container.id)                    AS "container.runtime",
    container.privileged                          AS "container.security_context.privileged",
    container.flags                               AS "clew.container.flags",
    container.type                                AS "clew.container.type",
    container.command                             AS "clew.container.command",
    CASE subresource WHEN 'exec' THEN clew_parameters(requestURI, 'command') END AS "process.command_line"
FROM single
