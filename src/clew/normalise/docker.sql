/*
log_source: docker:events
provider: Docker
specification: https://docs.docker.com/reference/cli/docker/system/events/
os: linux
channels:
  - {code: create/container, channel: container create, component: container_creation}
  - {code: start/container, channel: container start, component: container_start, tells: containers}
  - {code: exec_create/container, channel: exec_create, component: command_execution}
  - {code: exec/container, channel: exec, component: command_execution}
  - {code: commit/container, channel: commit, component: image_creation}
  - {code: import/image, channel: image import, component: image_creation}
  - {code: load/image, channel: image load, component: image_creation}
  - {code: pull/image, channel: image pull, component: image_creation}
  - {code: build/image, channel: image build, component: image_creation}
  - {code: tag/image, channel: image tag, component: image_modification}
  - {code: push/image, channel: image push, component: image_modification}
reads: [host, cluster, Action, Actor.ID, Actor.Attributes, ID, Image, Name, Attributes, State.Pid, State.StartedAt]
cannot:
  host.id, host.name: an event does not say on which engine; a collector may, as host. Others are of one, localhost
  user.name: no event says who asked; docker:daemon and docker:api may
  clew.container.flags, container.security_context.privileged: no event says what a container is given of its host; what
    docker inspect shows, and dockerd's debug log, do
  clew.container.pid, clew.container.started: what clew record adds to a start, out of the answer to inspect
  process.command_line of exec: podman's events have none; exec_create of Docker has it
  container.image.tag of commit: where the new image was given no name
*/
WITH plain AS (
    SELECT
        origin, code, host, clew_time(clew_cut(origin.written)) AS happened,
        split_part(code, '/', 1) AS action, split_part(code, '/', 2) AS kind,
        coalesce("Actor.ID", ID) AS actor, coalesce("Actor.Attributes", Attributes) AS attributes,
        "Actor.ID" IS NULL AS podman,
        nullif(regexp_extract("Action", '^exec_\w+: (.*)$', 1, 's'), '') AS command, Image, Name, "State.Pid", "State.StartedAt"
    FROM record
), told AS (
    SELECT *,
        CASE WHEN podman THEN Image ELSE clew_json(attributes, '$.image') END AS of_image,
        CASE WHEN podman THEN Name ELSE clew_json(attributes, '$.name') END AS called
    FROM plain
), named AS (
    -- A pull and a push are of `app:2`, with `app` as name; a tag is of the image's id, with `app:2` as name.
    SELECT *, CASE WHEN kind = 'image' AND NOT podman AND NOT starts_with(actor, 'sha256:') THEN actor
        WHEN kind = 'image' THEN coalesce(called, actor) WHEN action = 'commit'
        THEN coalesce(clew_json(attributes, '$.imageRef'), clew_json(attributes, '$.imageID')) ELSE of_image END AS reference
    FROM told
)
SELECT
    origin,
    happened                                  AS "@timestamp",
    code                                      AS "event.code",
    action                                    AS "event.action",
    clew_engine_host(host)                    AS "host.name",
    CASE WHEN podman THEN 'podman' ELSE 'docker' END AS "container.runtime",
    CASE kind WHEN 'container' THEN clew_container_id(actor) END AS "container.id",
    CASE kind WHEN 'container' THEN clew_text(called) END AS "container.name",
    clew_image_name(reference)                   AS "container.image.name",
    clew_image_tag(reference)                    AS "container.image.tag",
    coalesce(clew_image_digest(reference), CASE kind WHEN 'image' THEN clew_image_digest(actor) END,
        clew_image_digest(clew_json(attributes, '$.imageID'))) AS "container.image.hash.all",
    nullif(try_cast("State.Pid" AS BIGINT), 0) AS "clew.container.pid",
    CASE WHEN try_cast("State.Pid" AS BIGINT) > 0 THEN clew_text("State.StartedAt") END AS "clew.container.started",
    clew_text(trim(command))                  AS "process.command_line"
FROM named
