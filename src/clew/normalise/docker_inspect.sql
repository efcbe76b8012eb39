/*
log_source: docker:inspect
provider: docker inspect
specification: https://docs.docker.com/reference/api/engine/version/v1.47/#tag/Container/operation/ContainerInspect
os: linux
channels:
  - {code: inspect, channel: docker inspect, component: container_creation, tells: containers}
reads: [host, Id, Name, Image, Config.Image, Config.Entrypoint, Config.Cmd, Config.User, HostConfig, State.Pid, State.StartedAt]
cannot:
  host.id, host.name: not said on which engine; a collector may, as host. Others are of one, localhost
  user.name: not said who made it
  container.image.hash.all: the image's id is given, which is no digest of a registry
*/
WITH plain AS (
    SELECT *, clew_time(clew_cut(origin.written)) AS happened,
        clew_host_config(HostConfig) AS given, "Config.User" AS account
    FROM record
)
SELECT
    origin,
    happened                                  AS "@timestamp",
    code                                      AS "event.code",
    code                                      AS "event.action",
    clew_engine_host(host)                    AS "host.name",
    clew_container_id(Id)                     AS "container.id",
    clew_text(ltrim(Name, '/'))               AS "container.name",
    clew_image_name("Config.Image")           AS "container.image.name",
    clew_image_tag("Config.Image")            AS "container.image.tag",
    coalesce(clew_image_digest("Config.Image"), clew_image_digest(Image)) AS "container.image.hash.all",
    given.Privileged                          AS "container.security_context.privileged",
    clew_engine_flags(given, account)         AS "clew.container.flags",
    nullif(try_cast("State.Pid" AS BIGINT), 0) AS "clew.container.pid",
    CASE WHEN try_cast("State.Pid" AS BIGINT) > 0 THEN clew_text("State.StartedAt") END AS "clew.container.started",
    'container'                               AS "clew.container.type",
    clew_text(array_to_string(list_concat(clew_texts("Config.Entrypoint"), clew_texts("Config.Cmd")), ' '))
                                              AS "clew.container.command"
FROM plain
