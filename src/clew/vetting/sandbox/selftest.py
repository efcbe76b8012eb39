"""The sandbox proves itself before each stay: a shell inside tries to get out, and may reach the sinkhole alone.

It runs in the same namespaces, with the same folders, filter and limits as the steps that follow. There is no way
around it: where it fails nothing of the package runs.
"""

from __future__ import annotations

import base64
import secrets
import shlex

import msgspec

from clew.vetting.sandbox.plan import Contact, Plan, Step

_PORT = 4444
_SCRIPT = """\
while read -r name _; do
  case $name in Inter-*|face) ;; lo:*) echo loopback ;; *) echo "interface $name" ;; esac
done < /proc/net/dev
for path in {hidden}; do [ -e "$path" ] && echo "visible $path"; done
for path in {masked}; do [ "$(echo "$path"/*)" = "$path/*" ] || echo "not empty $path"; done
for path in {readonly}; do (: > "$path/.{mark}") 2>/dev/null && echo "writable $path"; done
while read -r key value; do
  case $key in CapEff:|CapBnd:) [ "$value" = 0000000000000000 ] || echo "capabilities $value" ;;
    NoNewPrivs:) [ "$value" = 1 ] || echo "new privileges" ;; Seccomp:) [ "$value" -ge 2 ] || echo "no filter" ;;
  esac
done < /proc/self/status
for path in {home} /tmp /dev/shm; do (: > "$path/.{mark}") && rm "$path/.{mark}" || echo "closed $path"; done
exec 9<>/dev/tcp/{address}/{port} && echo {mark} >&9
echo done
"""
_READ_ONLY = ("/", "/usr", "/usr/bin", "/etc", "/opt", "/dev", "/var")
_WANTED = {"loopback", "done"}


class Test(msgspec.Struct, frozen=True):
    """One self-test: the step to run, and what must come of it."""

    step: Step
    mark: str
    address: str

    def landed(self, contacts: list[Contact]) -> bool:
        """Whether the sinkhole heard the mark."""
        said = [base64.b64decode(c.raw) for c in contacts if (c.address, c.port) == (self.address, _PORT)]
        return any(self.mark.encode() in raw for raw in said)

    def faults(self, printed: str, contacts: list[Contact]) -> list[str]:
        """What is wrong with the sandbox, in words; none where it holds."""
        lines = {line for line in printed.split("\n") if line}
        found = sorted(lines - _WANTED) + [f"no answer '{line}'" for line in sorted(_WANTED - lines)]
        if not self.landed(contacts):
            found.append(f"a call to {self.address} did not land in the sinkhole")
        return found


def test(plan: Plan, bash: str) -> Test:
    """A new one, with a mark and an address (of those for documentation, RFC 5737) that nobody else uses."""
    mark, address = secrets.token_hex(8), f"203.0.113.{secrets.randbelow(254) + 1}"
    hidden = [path for path in plan.hidden if not plan.home.startswith(path.rstrip("/") + "/")]
    script = _SCRIPT.format(
        hidden=" ".join(map(shlex.quote, hidden)),
        masked=" ".join(map(shlex.quote, plan.masked)),
        readonly=" ".join(_READ_ONLY),
        home=plan.home,
        mark=mark,
        address=address,
        port=_PORT,
    )
    step = Step(
        name="self-test", command=[bash, "-c", script], directory="/", environment={"PATH": "/usr/bin:/bin"}
    )
    return Test(step, mark, address)
