"""Logs of container engines: dockerd's, containerd's and CRI-O's own, and the events that containerd's client prints.

Their readers say whose an entry is, and what: see `read.engineentry` and `read.ctrevents`. The code is that; of a
request to dockerd it is what was asked for (see `dockerapi`), once: of one with a form, the form.

https://docs.docker.com/engine/daemon/logs/
https://github.com/containerd/containerd/blob/v2.1.0/internal/cri/instrument/instrumented_service.go
https://github.com/cri-o/cri-o/blob/v1.31.0/server/container_start.go
"""

from __future__ import annotations

from collections.abc import Mapping

from clew.normalise.dockerapi import ASKED, asked
from clew.normalise.shape import Dialect, Part

DAEMON_PROVIDER, CONTAINERD_PROVIDER, CRIO_PROVIDER = "dockerd", "containerd", "cri-o"
CTR_PROVIDER = "containerd events"

#: Behind a syslog header the host is known.
_HOST = {"host": Part({"#syslog": {"hostname": "VARCHAR"}}, 'b."#syslog".hostname')}


def _log(
    provider: str, code: str, codes: tuple[str, ...] = (), marks: Mapping[str, str] | None = None
) -> Dialect:
    """The dialect of one engine, which goes by its provider's name."""
    return Dialect(
        name=provider,
        head={},
        apart=dict.fromkeys(("engine", "entry", "method", "uri"), "VARCHAR"),
        signs=('"engine"',),
        is_this=f"e.engine = '{provider}' AND e.entry IS NOT NULL",
        provider=f"'{provider}'",
        code=code,
        codes=codes,
        body={"time": "VARCHAR"},
        system={
            "channel": "'log'",
            "computer": "NULL::VARCHAR",
            "record_id": "NULL::VARCHAR",
            "written": "b.time",
        },
        data=(),
        renamed={provider: _HOST},
        dots=None,
        marks=marks or {},
        only=provider,
    )


DAEMON = _log(
    DAEMON_PROVIDER,
    f"CASE e.entry WHEN 'form' THEN {asked('e.method', 'e.uri', True)} "
    f"WHEN 'request' THEN {asked('e.method', 'e.uri', False)} ELSE e.entry END",
    marks={what: "entry" for what, *_ in ASKED},
)
CONTAINERD, CRIO, CTR = (
    _log(provider, "e.entry", ("entry",)) for provider in (CONTAINERD_PROVIDER, CRIO_PROVIDER, CTR_PROVIDER)
)
ENGINE_LOGS = (DAEMON, CONTAINERD, CRIO, CTR)
