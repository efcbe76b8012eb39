"""`clew record`: what a live source tells, written down as a log that a hunt reads."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.console import Console
from rich.text import Text

from clew.cli.exit import Exit
from clew.report.text import plain


def record(
    source: Annotated[str, Parameter(help="docker://, docker:///path/docker.sock, docker://host:2376")],
    *,
    output: Annotated[Path, Parameter(name=["--output", "-o"])],
    host: str = "",
) -> int:
    """Record what a container engine tells, until Ctrl-C: its events, and what each container is given of its host.

    docker:// is the engine of this machine, or the one that DOCKER_HOST names. TCP goes with TLS where DOCKER_CERT_PATH
    names the folder of ca.pem, cert.pem and key.pem.

    Parameters
    ----------
    output
        Add the records to this file, as JSON lines; "clew hunt" reads it.
    host
        What the engine's host is called in other logs of it; by default a local one is not named, as in the audit log.
    """
    from clew.read.engine import endpoint
    from clew.runner.record import Recorder

    talk = Console(stderr=True, soft_wrap=True, highlight=False)
    recorder = Recorder(endpoint(source), output, lambda text: talk.print(Text(plain(text))), host)
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        recorder.run()
    except KeyboardInterrupt:
        pass  # that is how it ends
    finally:
        signal.signal(signal.SIGTERM, before)
    done = recorder.done
    talk.print(
        Text(
            f"Recorded {done.events:,} events and {done.inspected:,} answers about containers"
            + (f"; {done.gone:,} were gone before they could be asked about" if done.gone else "")
            + (f"; events may be missing from {done.gaps:,} times" if done.gaps else "")
            + "."
        )
    )
    return Exit.INCOMPLETE if done.gaps else Exit.OK
