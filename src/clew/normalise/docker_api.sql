/*
log_source: docker:api
provider: Docker API
specification: https://docs.docker.com/reference/api/engine/
os: linux
channels:
  - {code: container_create, channel: POST /containers/create, component: container_creation}
  - {code: container_start, channel: "POST /containers/{id}/start", component: container_start}
  - {code: exec_create, channel: "POST /containers/{id}/exec", component: command_execution}
  - {code: commit, channel: POST /commit, component: image_creation}
  - {code: image_create, channel: POST /images/create, component: image_creation}
  - {code: image_build, channel: POST /build, component: image_creation}
  - {code: image_tag, channel: "POST /images/{name}/tag", component: image_modification}
  - {code: image_push, channel: "POST /images/{name}/push", component: image_modification}
reads: [host, method, uri, form, answer, principal, client, status, verdict, subject, agent]
cannot:
  host.id, host.name: not said which engine was asked; a collector may, as host. Others are of one, localhost
  user.name: of requests by the engine's own socket there is none; else as who authenticated it calls the account
  source.ip: an authorization plugin is not told
  event.outcome: what a plugin was asked before the engine did it has none but the plugin's own verdict
  container.id of container_create: in the answer, which only an authorization plugin is given
  container.name of container_create: where the engine was left to find one
  clew.container.flags, container.image.name of container_create: in what was sent, which most proxies do not write
  all columns of podman's own interface (/libpod/): it asks in other words
*/
WITH plain AS (
    SELECT
        origin, code, host, method, uri, coalesce(clew_moment(origin.written), clew_local_moment(origin.written)) AS happened,
        clew_host_config(clew_json(form, '$.HostConfig')) AS given, clew_json(form, '$.User') AS account,
        clew_json(form, '$.Image') AS wanted, clew_json(form, '$.Cmd') AS command, clew_json(form, '$.Entrypoint') AS entry,
        clew_json(answer, '$.Id') AS made, principal, client, subject, agent, verdict, try_cast(status AS BIGINT) AS answered
    FROM record
), told AS (
    SELECT *,
        array_to_string(list_concat(clew_texts(entry), clew_texts(command)), ' ') AS arguments,
        CASE code WHEN 'container_create' THEN wanted ELSE clew_asked_image(code, uri) END AS image,
        clew_asked_container(code, uri) AS called
    FROM plain
)
SELECT
    origin,
    happened                                  AS "@timestamp",
    code                                      AS "event.code",
    code                                      AS "event.action",
    CASE WHEN answered >= 300 OR verdict = 'false' THEN 'failure' WHEN answered >= 200 THEN 'success' END AS "event.outcome",
    clew_engine_host(host)                    AS "host.name",
    clew_text(principal)                      AS "user.name",
    clew_address(clew_text(client))           AS "source.ip",
    clew_text(subject)                        AS "tls.client.subject",
    clew_text(agent)                          AS "user_agent.original",
    'docker'                                  AS "container.runtime",
    method                                    AS "http.request.method",
    answered                                  AS "http.response.status_code",
    clew_text(uri)                            AS "url.original",
    clew_url_path(uri)                        AS "url.path",
    clew_url_query(uri)                       AS "url.query",
    coalesce(clew_container_id(called), CASE code WHEN 'container_create' THEN clew_container_id(made) END)
                                              AS "container.id",
    CASE WHEN clew_container_id(called) IS NULL THEN clew_text(ltrim(called, '/')) END AS "container.name",
    clew_image_name(image)                    AS "container.image.name",
    clew_image_tag(image)                     AS "container.image.tag",
    coalesce(clew_image_digest(image), CASE code WHEN 'commit' THEN clew_image_digest(made) END)
                                              AS "container.image.hash.all",
    given.Privileged                          AS "container.security_context.privileged",
    clew_engine_flags(given, account)         AS "clew.container.flags",
    CASE code WHEN 'container_create' THEN clew_text(arguments) END AS "clew.container.command",
    CASE code WHEN 'exec_create' THEN clew_text(arguments) END AS "process.command_line"
FROM told
