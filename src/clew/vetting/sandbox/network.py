"""A network that ends in this namespace: only loopback, every address is local, everything lands in the sinkhole.

Packets to any address but loopback's own come in by lo and are handed to the sinkhole's sockets with their
addresses as they are (transparent proxying, https://docs.kernel.org/networking/tproxy.html): getsockname() of an
accepted connection is where the package wanted to go.
"""

from __future__ import annotations

import subprocess

from clew.errors import SandboxError

#: The sinkhole's ports; nobody inside can tell them from any other.
TCP, UDP = 9, 9

_LINKS = """\
link set lo up
route add local 0.0.0.0/0 dev lo
"""
_LINKS_6 = "route add local ::/0 dev lo\n"

_RULES = f"""\
table inet sink {{
 chain arriving {{
  type filter hook prerouting priority mangle; policy accept;
  ip daddr 127.0.0.0/8 accept
  ip6 daddr ::1 accept
  meta nfproto ipv4 meta l4proto tcp tproxy ip to 127.0.0.1:{TCP} accept
  meta nfproto ipv4 meta l4proto udp tproxy ip to 127.0.0.1:{UDP} accept
  meta nfproto ipv6 meta l4proto tcp tproxy ip6 to [::1]:{TCP} accept
  meta nfproto ipv6 meta l4proto udp tproxy ip6 to [::1]:{UDP} accept
 }}
}}
"""


def raise_network(programs: dict[str, str]) -> bool:
    """Sets up this process's network namespace. True where IPv6 is there as well.

    Raises SandboxError with what the program said.
    """
    _run([programs["ip"], "-batch", "-"], _LINKS)
    _run([programs["nft"], "-f", "-"], _RULES)
    try:
        _run([programs["ip"], "-6", "-batch", "-"], _LINKS_6)
    except SandboxError:
        return False  # a kernel without IPv6 has no way out by it either
    return True


def _run(command: list[str], text: str) -> None:
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False, timeout=10)
    if done.returncode:
        said = (done.stderr or done.stdout).strip()[:300]
        raise SandboxError(
            f"{' '.join(command)} failed in a network namespace of its own: {said}; "
            "the kernel needs nf_tables with nft_tproxy (Debian's kernels have both)"
        )
