/*
log_source: docker:daemon
provider: dockerd
specification: https://docs.docker.com/reference/api/engine/
os: linux
channels:
  - {code: container_create, channel: container_create, component: container_creation}
  - {code: container_start, channel: container_start, component: container_start}
  - {code: exec_create, channel: docker exec, component: command_execution}
  - {code: commit, channel: docker commit, component: image_creation}
  - {code: image_create, channel: docker pull, component: image_creation}
  - {code: image_build, channel: docker build, component: image_creation}
  - {code: image_tag, channel: docker tag, component: image_modification}
  - {code: image_push, channel: docker push, component: image_modification}
reads: [host, method, uri, form]
cannot:
  host.id, host.name: the daemon does not write its host; a collector may, as host. Others are of one, localhost
  user.name, source.ip: the daemon does not write who asked
  event.outcome: a request is written before it is answered, so it may have been refused
  container.id of container_create: the answer has it, and is not written; requests by name have none either
  container.name of container_create: where the engine was left to find one
*/
WITH plain AS (
    SELECT
        origin, code, host, method, uri, clew_time(clew_cut(origin.written)) AS happened,
        clew_host_config(clew_json(form, '$.HostConfig')) AS given, clew_json(form, '$.User') AS account,
        clew_json(form, '$.Image') AS wanted, clew_json(form, '$.Cmd') AS command, clew_json(form, '$.Entrypoint') AS entry
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
    clew_engine_host(host)                    AS "host.name",
    'docker'                                  AS "container.runtime",
    method                                    AS "http.request.method",
    clew_text(uri)                            AS "url.original",
    clew_url_path(uri)                        AS "url.path",
    clew_url_query(uri)                       AS "url.query",
    clew_container_id(called)                 AS "container.id",
    CASE WHEN clew_container_id(called) IS NULL THEN clew_text(ltrim(called, '/')) END AS "container.name",
    clew_image_name(image)                    AS "container.image.name",
    clew_image_tag(image)                     AS "container.image.tag",
    clew_image_digest(image)                  AS "container.image.hash.all",
    given.Privileged                          AS "container.security_context.privileged",
    clew_engine_flags(given, account)         AS "clew.container.flags",
    CASE code WHEN 'container_create' THEN clew_text(arguments) END AS "clew.container.command",
    CASE code WHEN 'exec_create' THEN clew_text(arguments) END AS "process.command_line"
FROM told
