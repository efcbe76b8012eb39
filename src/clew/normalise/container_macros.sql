-- Macros of the mappings of container engines and Kubernetes.

-- A part of a JSON text; null where there is none, or the text is no JSON.
CREATE OR REPLACE MACRO clew_json(x, path) AS
    try(json_extract_string(x, path));

-- Words of a column that holds several; a blank within one is written as in a URL.
CREATE OR REPLACE MACRO clew_joined(texts) AS
    nullif(array_to_string(list_transform(list_filter(texts, lambda word: word <> ''),
        lambda word: replace(word, ' ', '%20')), ' '), '');

-- The parts of an image's reference: registry/name:tag@digest. An image that is named by its digest alone has no name.
-- https://github.com/distribution/reference
CREATE OR REPLACE MACRO clew_image_digest(image) AS
    nullif(regexp_extract(image, '(?:^|@)(sha256:[0-9a-f]{64})$', 1), '');

CREATE OR REPLACE MACRO clew_image_name(image) AS
    CASE WHEN NOT starts_with(image, 'sha256:') THEN clew_text(image) END;

CREATE OR REPLACE MACRO clew_image_tag(image) AS
    CASE WHEN clew_image_name(image) IS NOT NULL THEN coalesce(
        nullif(regexp_extract(split_part(image, '@', 1), ':([A-Za-z0-9_][A-Za-z0-9_.-]{0,127})$', 1), ''),
        CASE WHEN NOT contains(image, '@') THEN 'latest' END) END;

-- An id as 12 digits, whatever stands before it: docker://86eb9e29a77d...
CREATE OR REPLACE MACRO clew_container_id(id) AS
    nullif(lower(regexp_extract(id, '(?:^|[/:-])([0-9A-Fa-f]{12})(?:[0-9A-Fa-f]{12}|[0-9A-Fa-f]{52})?(?:\.scope)?$', 1)), '');

-- The runtime that stands before an id.
CREATE OR REPLACE MACRO clew_runtime(id) AS
    nullif(regexp_extract(id, '^([a-z-]+)://', 1), '');

-- Parameters of a query, which may come again: command=cat&command=%2Fetc%2Fresolv.conf
CREATE OR REPLACE MACRO clew_parameters(uri, key) AS
    nullif(array_to_string(list_transform(regexp_extract_all(uri, '[?&]' || key || '=([^&#]*)', 1),
        lambda value: coalesce(try(url_decode(replace(value, '+', ' '))), value)), ' '), '');

CREATE OR REPLACE MACRO clew_parameter(uri, key) AS
    CASE WHEN contains(uri, key || '=') THEN
        nullif(coalesce(try(url_decode(regexp_extract(uri, '[?&]' || key || '=([^&#]*)', 1))),
            regexp_extract(uri, '[?&]' || key || '=([^&#]*)', 1)), '') END;

-- A path of the host without what ends it.
CREATE OR REPLACE MACRO clew_host_path(path) AS
    CASE WHEN path <> '' THEN coalesce(nullif(rtrim(path, '/'), ''), '/') END;

-- The cluster, as a collector calls it; the records of a cluster that nobody names are of one.
CREATE OR REPLACE MACRO clew_cluster(cluster_name, clusterName, cluster) AS
    lower(coalesce(clew_text(cluster_name), clew_text(clusterName),
        CASE WHEN NOT starts_with(cluster, '{') THEN clew_text(cluster) END, 'kubernetes'));

-- The owner that controls a resource, else the first one.
CREATE OR REPLACE MACRO clew_owners(list) AS
    try(from_json(list, '[{"kind":"VARCHAR","name":"VARCHAR","uid":"VARCHAR","controller":"BOOLEAN"}]'));

CREATE OR REPLACE MACRO clew_owner(list) AS
    coalesce(list_filter(clew_owners(list), lambda owner: owner.controller)[1], clew_owners(list)[1]);

-- The specification of a pod: of the pod itself, of what makes pods, of what makes jobs.
-- https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/
CREATE OR REPLACE MACRO clew_pod_spec(spec) AS
    try(from_json(coalesce(clew_json(spec, '$.jobTemplate.spec.template.spec'), clew_json(spec, '$.template.spec'), spec), '{
        "nodeName":"VARCHAR", "serviceAccountName":"VARCHAR", "serviceAccount":"VARCHAR",
        "hostPID":"BOOLEAN", "hostIPC":"BOOLEAN", "hostNetwork":"BOOLEAN",
        "securityContext":{"runAsUser":"VARCHAR", "seccompProfile":{"type":"VARCHAR"}, "appArmorProfile":{"type":"VARCHAR"},
            "windowsOptions":{"hostProcess":"BOOLEAN"}},
        "volumes":[{"name":"VARCHAR", "hostPath":{"path":"VARCHAR"}}],
        "containers":[{"name":"VARCHAR", "image":"VARCHAR", "command":["VARCHAR"], "args":["VARCHAR"],
            "volumeMounts":[{"name":"VARCHAR"}],
            "securityContext":{"privileged":"BOOLEAN", "runAsUser":"VARCHAR", "procMount":"VARCHAR",
                "capabilities":{"add":["VARCHAR"]}, "seccompProfile":{"type":"VARCHAR"}, "appArmorProfile":{"type":"VARCHAR"},
                "windowsOptions":{"hostProcess":"BOOLEAN"}}}],
        "initContainers":[{"name":"VARCHAR", "image":"VARCHAR", "command":["VARCHAR"], "args":["VARCHAR"],
            "volumeMounts":[{"name":"VARCHAR"}],
            "securityContext":{"privileged":"BOOLEAN", "runAsUser":"VARCHAR", "procMount":"VARCHAR",
                "capabilities":{"add":["VARCHAR"]}, "seccompProfile":{"type":"VARCHAR"}, "appArmorProfile":{"type":"VARCHAR"},
                "windowsOptions":{"hostProcess":"BOOLEAN"}}}],
        "ephemeralContainers":[{"name":"VARCHAR", "image":"VARCHAR", "command":["VARCHAR"], "args":["VARCHAR"],
            "volumeMounts":[{"name":"VARCHAR"}],
            "securityContext":{"privileged":"BOOLEAN", "runAsUser":"VARCHAR", "procMount":"VARCHAR",
                "capabilities":{"add":["VARCHAR"]}, "seccompProfile":{"type":"VARCHAR"}, "appArmorProfile":{"type":"VARCHAR"},
                "windowsOptions":{"hostProcess":"BOOLEAN"}}}]}'));

-- A capability without its prefix: CAP_SYS_ADMIN, SYS_ADMIN, sys_admin.
CREATE OR REPLACE MACRO clew_capability(x) AS
    'cap=' || regexp_replace(upper(x), '^CAP_', '');

-- Flags as one text; one that has none says so, since null is what nobody recorded.
CREATE OR REPLACE MACRO clew_flags(flags) AS
    coalesce(clew_joined(flags), 'none');

-- What a container of a pod is given of its host. Its own profile counts before its pod's.
CREATE OR REPLACE MACRO clew_pod_flags(pod, one) AS
    clew_flags(list_concat([
        CASE WHEN one.securityContext.privileged THEN 'privileged' END,
        CASE WHEN pod.hostPID THEN 'pid=host' END,
        CASE WHEN pod.hostNetwork THEN 'network=host' END,
        CASE WHEN pod.hostIPC THEN 'ipc=host' END,
        CASE WHEN coalesce(one.securityContext.seccompProfile.type, pod.securityContext.seccompProfile.type) = 'Unconfined'
            THEN 'seccomp=unconfined' END,
        CASE WHEN coalesce(one.securityContext.appArmorProfile.type, pod.securityContext.appArmorProfile.type) = 'Unconfined'
            THEN 'apparmor=unconfined' END,
        CASE WHEN one.securityContext.procMount = 'Unmasked' THEN 'proc=unmasked' END,
        CASE WHEN coalesce(one.securityContext.windowsOptions.hostProcess, pod.securityContext.windowsOptions.hostProcess)
            THEN 'host_process' END,
        CASE WHEN coalesce(one.securityContext.runAsUser, pod.securityContext.runAsUser) = '0' THEN 'user=0' END],
        list_transform(coalesce(one.securityContext.capabilities.add, []), lambda cap: clew_capability(cap)),
        list_transform(list_filter(coalesce(pod.volumes, []), lambda volume: volume.hostPath.path <> ''
                AND list_contains(list_transform(one.volumeMounts, lambda mount: mount.name), volume.name)),
            lambda volume: 'mount=' || clew_host_path(volume.hostPath.path))));

CREATE OR REPLACE MACRO clew_containers(pod, list, called) AS
    list_transform(coalesce(list, []), lambda one: {
        name: clew_text(one.name), image: one.image, image_id: NULL::VARCHAR, id: NULL::VARCHAR,
        privileged: coalesce(one.securityContext.privileged, false), flags: clew_pod_flags(pod, one), type: called::VARCHAR,
        command: nullif(array_to_string(list_concat(coalesce(one.command, []), coalesce(one.args, [])), ' '), '')});

-- The containers that a report of a pod's status says were started just before: it tells of the others again and again.
CREATE OR REPLACE MACRO clew_running(list, called, reported) AS
    list_transform(list_filter(coalesce(list, []), lambda one:
            coalesce(clew_time(one.state.running.startedAt) BETWEEN reported - INTERVAL 1 MINUTE AND reported + INTERVAL 2 SECOND, false)),
        lambda one: {name: clew_text(one.name), image: one.image, image_id: one.imageID, id: one.containerID,
            privileged: NULL::BOOLEAN, flags: NULL::VARCHAR, type: called::VARCHAR, command: NULL::VARCHAR});

CREATE OR REPLACE MACRO clew_pod_status(status) AS
    try(from_json(status, '{
        "containerStatuses":[{"name":"VARCHAR", "image":"VARCHAR", "imageID":"VARCHAR", "containerID":"VARCHAR",
            "state":{"running":{"startedAt":"VARCHAR"}}}],
        "initContainerStatuses":[{"name":"VARCHAR", "image":"VARCHAR", "imageID":"VARCHAR", "containerID":"VARCHAR",
            "state":{"running":{"startedAt":"VARCHAR"}}}],
        "ephemeralContainerStatuses":[{"name":"VARCHAR", "image":"VARCHAR", "imageID":"VARCHAR", "containerID":"VARCHAR",
            "state":{"running":{"startedAt":"VARCHAR"}}}]}'));

CREATE OR REPLACE MACRO clew_started(status, reported) AS
    list_concat(clew_running(clew_pod_status(status).containerStatuses, 'container', reported),
        clew_running(clew_pod_status(status).initContainerStatuses, 'init', reported),
        clew_running(clew_pod_status(status).ephemeralContainerStatuses, 'ephemeral', reported));

-- The host of an engine, as a collector calls it; the records of an engine that nobody names are of one.
CREATE OR REPLACE MACRO clew_engine_host(host) AS
    coalesce(CASE WHEN starts_with(host, '{') THEN clew_text(clew_json(host, '$.name')) ELSE clew_text(host) END, 'localhost');

-- What a container of an engine was asked to be given of its host.
CREATE OR REPLACE MACRO clew_host_config(config) AS
    try(from_json(config, '{
        "Privileged":"BOOLEAN", "PidMode":"VARCHAR", "NetworkMode":"VARCHAR", "IpcMode":"VARCHAR", "UTSMode":"VARCHAR",
        "UsernsMode":"VARCHAR", "CapAdd":["VARCHAR"], "SecurityOpt":["VARCHAR"], "Binds":["VARCHAR"],
        "Mounts":[{"Type":"VARCHAR", "Source":"VARCHAR"}], "Devices":[{"PathOnHost":"VARCHAR"}]}'));

-- A security option, in the words of clew.container.flags: seccomp=unconfined, also seccomp:unconfined.
CREATE OR REPLACE MACRO clew_security_option(x) AS
    CASE replace(lower(x), ':', '=') WHEN 'seccomp=unconfined' THEN 'seccomp=unconfined'
        WHEN 'apparmor=unconfined' THEN 'apparmor=unconfined' WHEN 'label=disable' THEN 'label=disable'
        WHEN 'systempaths=unconfined' THEN 'proc=unmasked' END;

-- The same words as of a pod. A bind that begins with no slash is a volume of the engine's own.
CREATE OR REPLACE MACRO clew_engine_flags(given, account) AS
    CASE WHEN given IS NOT NULL THEN clew_flags(list_concat([
        CASE WHEN given.Privileged THEN 'privileged' END,
        CASE WHEN given.PidMode = 'host' THEN 'pid=host' END,
        CASE WHEN given.NetworkMode = 'host' THEN 'network=host' END,
        CASE WHEN given.IpcMode = 'host' THEN 'ipc=host' END,
        CASE WHEN given.UTSMode = 'host' THEN 'uts=host' END,
        CASE WHEN given.UsernsMode = 'host' THEN 'userns=host' END,
        CASE WHEN account IN ('0', 'root') THEN 'user=0' END],
        list_transform(coalesce(given.CapAdd, []), lambda cap: clew_capability(cap)),
        list_transform(coalesce(given.SecurityOpt, []), lambda option: clew_security_option(option)),
        list_transform(list_filter(coalesce(given.Binds, []), lambda bind: starts_with(bind, '/')),
            lambda bind: 'mount=' || clew_host_path(split_part(bind, ':', 1))),
        list_transform(list_filter(coalesce(given.Mounts, []), lambda mount: mount."Type" = 'bind'),
            lambda mount: 'mount=' || clew_host_path(mount.Source)),
        list_transform(coalesce(given.Devices, []), lambda device: 'device=' || device.PathOnHost))) END;

-- What a request to an engine is about: the part of the path between containers or images and what is to be done.
CREATE OR REPLACE MACRO clew_asked_of(uri) AS
    coalesce(try(url_decode(nullif(regexp_extract(uri, '/(?:containers|images)/(.+)/\w+(?:\?|$)', 1), ''))),
        nullif(regexp_extract(uri, '/(?:containers|images)/(.+)/\w+(?:\?|$)', 1), ''));

-- The image that a request names, but for one to make a container.
CREATE OR REPLACE MACRO clew_asked_image(code, uri) AS
    CASE code WHEN 'image_build' THEN clew_parameter(uri, 't')
        WHEN 'image_push' THEN clew_asked_of(uri) || coalesce(':' || clew_parameter(uri, 'tag'), '')
        WHEN 'image_create' THEN coalesce(clew_parameter(uri, 'fromImage'), clew_parameter(uri, 'repo'))
            || coalesce(':' || clew_parameter(uri, 'tag'), '')
        WHEN 'image_tag' THEN clew_parameter(uri, 'repo') || coalesce(':' || clew_parameter(uri, 'tag'), '')
        WHEN 'commit' THEN clew_parameter(uri, 'repo') || coalesce(':' || clew_parameter(uri, 'tag'), '') END;

-- The container that it names, by name or id.
CREATE OR REPLACE MACRO clew_asked_container(code, uri) AS
    CASE code WHEN 'container_create' THEN clew_parameter(uri, 'name') WHEN 'commit' THEN clew_parameter(uri, 'container')
        WHEN 'container_start' THEN clew_asked_of(uri) WHEN 'exec_create' THEN clew_asked_of(uri) END;

-- Whom a certificate names, in either way to write its subject: CN=kim,O=dev and /O=dev/CN=kim.
CREATE OR REPLACE MACRO clew_common_name(subject) AS
    nullif(regexp_extract(subject, '(?:^|[,/+]) *CN *= *([^,/+]+)', 1), '');

-- The time of access logs: 24/Nov/2026:02:32:17 +0100.
CREATE OR REPLACE MACRO clew_local_moment(x) AS
    try_strptime(x, '%d/%b/%Y:%H:%M:%S %z')::TIMESTAMP;

-- Falco writes <NA> where it knows nothing.
CREATE OR REPLACE MACRO clew_told(x) AS
    nullif(clew_text(x), '<NA>');

CREATE OR REPLACE MACRO clew_falco(fields) AS
    try(from_json(fields, '{"container.id":"VARCHAR", "container.name":"VARCHAR", "container.image.repository":"VARCHAR",
        "container.image.tag":"VARCHAR", "k8s.pod.name":"VARCHAR", "k8s.ns.name":"VARCHAR", "user.name":"VARCHAR",
        "user.uid":"VARCHAR", "proc.pid":"VARCHAR", "proc.name":"VARCHAR", "proc.exepath":"VARCHAR", "proc.cmdline":"VARCHAR",
        "proc.cwd":"VARCHAR", "proc.ppid":"VARCHAR", "proc.pname":"VARCHAR", "proc.pexepath":"VARCHAR",
        "proc.pcmdline":"VARCHAR", "fd.name":"VARCHAR", "fd.rip":"VARCHAR", "fd.rport":"VARCHAR", "fd.l4proto":"VARCHAR",
        "evt.arg.flags":"VARCHAR", "evt.arg[1]":"VARCHAR"}'));

-- An event of Tetragon: a process and its parent, and what the kind has beside them.
CREATE OR REPLACE MACRO clew_tetragon(event) AS
    try(from_json(event, '{
        "process":{"exec_id":"VARCHAR", "pid":"VARCHAR", "uid":"VARCHAR", "cwd":"VARCHAR", "binary":"VARCHAR",
            "arguments":"VARCHAR", "start_time":"VARCHAR", "docker":"VARCHAR", "parent_exec_id":"VARCHAR",
            "pod":{"namespace":"VARCHAR", "name":"VARCHAR",
                "container":{"id":"VARCHAR", "name":"VARCHAR", "image":{"id":"VARCHAR", "name":"VARCHAR"}}}},
        "parent":{"exec_id":"VARCHAR", "pid":"VARCHAR", "binary":"VARCHAR", "arguments":"VARCHAR"},
        "status":"VARCHAR", "destination_ip":"VARCHAR", "destination_port":"VARCHAR",
        "args":[{"sock_arg":{"daddr":"VARCHAR", "dport":"VARCHAR"}, "sockaddr_arg":{"addr":"VARCHAR", "port":"VARCHAR"}}]}'));

-- The arguments of an event of Tracee: value stands in the flat form, else the name of a type.
CREATE OR REPLACE MACRO clew_tracee_arguments(list) AS
    try(from_json(list, '[{"name":"VARCHAR", "value":"VARCHAR", "str":"VARCHAR", "int32":"VARCHAR", "int64":"VARCHAR",
        "u_int32":"VARCHAR", "u_int64":"VARCHAR", "str_array":{"value":"VARCHAR"}, "sockaddr":"VARCHAR"}]'));

CREATE OR REPLACE MACRO clew_argued(arguments, key) AS
    list_transform(list_filter(arguments, lambda one: one.name = key), lambda one:
        coalesce(one.value, one.str, one.int32, one.int64, one.u_int32, one.u_int64, one.str_array.value, one.sockaddr))[1];

-- The name of a program by what the kernel calls its file. runc runs from a sealed copy of itself in memory, under the
-- name of its stage: runc:[2:INIT]. https://github.com/opencontainers/runc/tree/main/libcontainer/dmz
-- Of one file that is many programs the first argument says which one it was called as, else the kernel's short name.
CREATE OR REPLACE MACRO clew_audit_name(image, comm, command) AS
    CASE WHEN starts_with(comm, 'runc:[') OR contains(image, 'runc_cloned') THEN 'runc'
        WHEN clew_base(image) IN ('busybox', 'toybox', 'coreutils') 
            THEN coalesce(clew_text(clew_base(ltrim(split_part(command, ' ', 1), '-'))), clew_text(comm), clew_base(image))
        ELSE regexp_replace(clew_base(image), ' \(deleted\)$', '') END;
