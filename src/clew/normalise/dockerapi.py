r"""Requests to a container engine, as those write them who stand between it and who asks: the principal is here.

An authorization plugin is given as JSON what it decides on; opa-docker-authz writes its decisions. A reverse proxy
writes an access log: nginx's `log_format` with `escape=json` whose keys are the names of its variables, Traefik's and
Caddy's JSON. A record is of an engine where its path is: /v1.41/containers/create; what else goes through a proxy is
nobody's. The code is what was asked for (`ASKED`), or `request`.

Of what a plugin is given there is a recording; the other shapes are built from documentation:

https://github.com/moby/moby/blob/v28.2.2/pkg/authorization/api.go
https://github.com/open-policy-agent/opa-docker-authz#logs
https://nginx.org/en/docs/http/ngx_http_log_module.html#log_format, https://nginx.org/en/docs/varindex.html
https://doc.traefik.io/traefik/observability/access-logs/#available-fields
https://caddyserver.com/docs/caddyfile/directives/log
"""

from __future__ import annotations

import msgspec

from clew.normalise.shape import Dialect, Part, Shape, merged

API_PROVIDER = "Docker API"

#: What is asked for: what of (nothing for /build), what is done, and whether what was sent along says the most of it.
ASKED = (
    ("container_create", "containers", "create", True),
    ("container_start", "containers", "start", False),
    ("container_start", "containers", "restart", False),
    ("exec_create", "containers", "exec", True),
    ("commit", "", "commit", False),
    ("image_create", "images", "create", False),
    ("image_create", "images", "load", False),
    ("image_build", "", "build", False),
    ("image_push", "images", "push", False),
    ("image_tag", "images", "tag", False),
)
_DONE = "|".join(dict.fromkeys(done for _, _, done, _ in ASKED))
_REQUEST = rf"^POST (?:/v[\d.]+)?/(?:(containers|images)/(?:[^?]+/)?)?({_DONE})(?:\?.*)?$"
#: How a path of an engine begins. One without a version could be another's, so of these only what no other has.
_ENGINE = "|".join(
    (
        r"^/v[0-9]+\.[0-9]+/[a-z_]+",
        r"^/containers/(?:create|json|[^/?]+/[a-z]+)",
        r"^/images/(?:create|load|json|[^?]+/(?:push|tag|json))",
        r"^/commit\?(?:.*&)?container=",
        r"^/build\?(?:.*&)?(?:t|remote|dockerfile)=",
    )
)


def asked(method: str, uri: str, *along: bool) -> str:
    """SQL that gives what a request asks for, of those kinds with which something is sent `along`, or is not.

    One search and one look-up: this stands in the statement once for each dialect, and a wide one is slow to plan.
    """
    names = ", ".join(f"'{of}/{done}': '{what}'" for what, of, done, sent in ASKED if sent in along)
    return f"coalesce(MAP {{{names}}}[regexp_replace({method} || ' ' || {uri}, '{_REQUEST}', '\\1/\\2')], 'request')"


class _Request(msgspec.Struct, frozen=True):
    """Where a request stands: what is read of a line, and its method and URI as SQL over the row {0}."""

    shape: Shape
    method: str
    uri: str

    def parts(self) -> dict[str, Part]:
        return {
            "method": Part(self.shape, self.method.format("b")),
            "uri": Part(self.shape, self.uri.format("b")),
        }


def _texts(*keys: str) -> Shape:
    return dict.fromkeys(keys, "VARCHAR")


def _read(key: str) -> Part:
    """The text under a key."""
    return Part(_texts(key), f'b."{key}"')


def _decoded(key: str) -> Part:
    """What stands under a key in base64."""
    return Part(_texts(key), f"try(decode(from_base64(b.{key})))")


def _within(key: str, path: str) -> Part:
    """A part of the object under a key."""
    return Part(_texts(key), f"try(json_extract_string(b.{key}, '$.{path}'))")


def _either(*parts: Part) -> Part:
    """The first of these that is there."""
    shape: Shape = {}
    for part in parts:
        shape = merged(shape, part.body)
    return Part(shape, f"coalesce({', '.join(f'clew_text({part.sql})' for part in parts)})")


def _dialect(  # noqa: PLR0913, PLR0917 - what it is called, how it is told, and where its parts stand
    name: str, mark: str, request: _Request, when: Part, parts: dict[str, Part], engine: str = _ENGINE
) -> Dialect:
    """`mark` is a key that all these records have, `engine` what the URI of those is that are an engine's.

    A text under `host` is the name by which a server was asked, and no host's own.
    """
    uri = request.uri.format("e")
    return Dialect(
        name=name,
        head={},
        apart=request.shape,
        signs=('"Request', '"request', '"Body"'),
        is_this=f"coalesce(regexp_matches({uri}, '{engine}'), false)",
        provider=f"'{API_PROVIDER}'",
        code=asked(request.method.format("e"), uri, True, False),
        codes=(),
        body=when.body,
        system={
            "channel": "'api'",
            "computer": "NULL::VARCHAR",
            "record_id": "NULL::VARCHAR",
            "written": when.sql,
        },
        data=(),
        taken={"host": Part(_texts("host"), "b.host IS NOT NULL AND NOT starts_with(b.host, '{')")},
        renamed={API_PROVIDER: request.parts() | parts},
        dots=None,
        marks={what: mark for what, *_ in ASKED},
        only=API_PROVIDER,
    )


_WHEN = ("time", "timestamp", "@timestamp")

AUTHORIZATION = _dialect(
    "docker authorization",
    "RequestUri",
    _Request(_texts("RequestMethod", "RequestUri"), "{0}.RequestMethod", "{0}.RequestUri"),
    _either(*map(_read, _WHEN)),
    {
        "form": _decoded("RequestBody"),
        "answer": _decoded("ResponseBody"),
        "principal": _read("User"),
        "status": _read("ResponseStatusCode"),
        "agent": _within("RequestHeaders", '"User-Agent"'),
    },
    engine="^/",
)
# What opa-docker-authz's page shows has the & of a path escaped twice.
OPA = _dialect(
    "opa-docker-authz",
    "Body",
    _Request(
        _texts("input"),
        """try(json_extract_string({0}."input", '$.Method'))""",
        r"""replace(try(json_extract_string({0}."input", '$.Path')), '\u0026', '&')""",
    ),
    _either(_read("timestamp"), _read("time")),
    {
        "form": _within('"input"', "Body"),
        "principal": _within('"input"', "User"),
        "verdict": _read("result"),
        "agent": _within('"input"', 'Headers."User-Agent"'),
    },
    engine="^/",
)
_NGINX_WHEN = _either(*map(_read, ("time_iso8601", "@timestamp", "timestamp", "time_local", "time", "msec")))
_NGINX = {
    "form": _read("request_body"),
    "principal": _either(
        _read("remote_user"), Part(_texts("ssl_client_s_dn"), "clew_common_name(b.ssl_client_s_dn)")
    ),
    "client": _read("remote_addr"),
    "subject": _read("ssl_client_s_dn"),
    "agent": _read("http_user_agent"),
}
NGINX = _dialect(
    "nginx",
    "request_uri",
    _Request(_texts("request_method", "request_uri"), "{0}.request_method", "{0}.request_uri"),
    _NGINX_WHEN,
    _NGINX,
)
NGINX_LINE = _dialect(
    "nginx, the request as one text",
    "request",
    _Request(_texts("request"), "split_part({0}.request, ' ', 1)", "split_part({0}.request, ' ', 2)"),
    _NGINX_WHEN,
    _NGINX,
)
TRAEFIK = _dialect(
    "traefik",
    "RequestPath",
    _Request(_texts("RequestMethod", "RequestPath"), "{0}.RequestMethod", "{0}.RequestPath"),
    _either(_read("StartUTC"), _read("time")),
    {
        "principal": _read("ClientUsername"),
        "client": _read("ClientHost"),
        "status": _read("DownstreamStatus"),
        "agent": _read("request_User-Agent"),
    },
)
CADDY = _dialect(
    "caddy",
    "request",
    _Request(
        _texts("request"),
        "try(json_extract_string({0}.request, '$.method'))",
        "try(json_extract_string({0}.request, '$.uri'))",
    ),
    _either(_read("ts")),
    {
        "principal": _either(_read("user_id"), _within("request", "tls.client_common_name")),
        "client": _either(_within("request", "client_ip"), _within("request", "remote_ip")),
        "agent": _within("request", 'headers."User-Agent"[0]'),
    },
)
API_DIALECTS = (AUTHORIZATION, OPA, NGINX, NGINX_LINE, TRAEFIK, CADDY)
