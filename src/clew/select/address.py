"""IP addresses in SQL as regular expressions, exact for every spelling (RFC 4291, 2.2).

DuckDB's `inet` extension would have to be fetched from the network, and arithmetic on addresses makes plans so
large that planning them takes longer than running them.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence
from typing import TypeAlias

#: A number of which only the leading bits are fixed: (value with all other bits zero, how many are fixed).
_Fixed: TypeAlias = "tuple[int, int]"

_ANY_OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_ZERO: _Fixed = (0, 16)
_MAPPED: tuple[_Fixed, ...] = (_ZERO, _ZERO, _ZERO, _ZERO, _ZERO, (0xFFFF, 16))


def network_pattern(networks: Iterable[str]) -> str:
    """A regular expression (RE2) for the addresses of any of the networks, in any spelling.

    IPv4-mapped IPv6 addresses lie in IPv4 networks too; zones (`%eth0`) are ignored.
    """
    parsed = [ipaddress.ip_network(network) for network in networks]
    four = [_split(network, 32, 16) for network in parsed if network.version == 4]
    six = [_split(network, 128, 16) for network in parsed if network.version == 6]
    dotted = [_dotted(high, low) for high, low in four]
    colons = [_six(groups[:6], [(groups[6], groups[7])]) for groups in six]
    if four:
        colons.append(_six(_MAPPED, [(high, low) for high, low in four]))
    return rf"(?i)^(?:{'|'.join([*dotted, _either(colons) + '(?:%[^%]+)?'])})\z"


def _split(network: ipaddress.IPv4Network | ipaddress.IPv6Network, width: int, size: int) -> list[_Fixed]:
    """The address of `width` bits cut into numbers of `size` bits."""
    return _cut((int(network.network_address), network.prefixlen), width, size)


def _cut(number: _Fixed, width: int, size: int) -> list[_Fixed]:
    value, fixed = number
    starts = range(0, width, size)
    return [
        (value >> (width - start - size) & (1 << size) - 1, min(max(fixed - start, 0), size))
        for start in starts
    ]


def _either(ways: Sequence[str]) -> str:
    return ways[0] if len(ways) == 1 and "|" not in ways[0] else f"(?:{'|'.join(ways)})"


def _octet(octet: _Fixed) -> str:
    value, fixed = octet
    if fixed == 0:
        return _ANY_OCTET
    return _either([str(number) for number in range(value, value + (1 << (8 - fixed)))])


def _dotted(high: _Fixed, low: _Fixed) -> str:
    """IPv4, from two numbers of 16 bits."""
    return r"\.".join(_octet(octet) for half in (high, low) for octet in _cut(half, 16, 8))


def _group(group: _Fixed) -> str:
    """One group of IPv6, its leading zeros written or not."""
    if group[1] == 0:
        return "[0-9a-f]{1,4}"
    digits = _cut(group, 16, 4)
    ways = []
    for start in range(4):
        ways.append("".join(_digit(digit) for digit in digits[start:]))
        if digits[start][0] != 0:
            break
    return _either(ways)


def _digit(digit: _Fixed) -> str:
    value, fixed = digit
    found = "".join(f"{number:x}" for number in range(value, value + (1 << (4 - fixed))))
    return found if len(found) == 1 else f"[{found}]"


def _six(head: Sequence[_Fixed], tails: Sequence[tuple[_Fixed, _Fixed]]) -> str:
    """IPv6: six groups, then one of the tails of two, which may be written as IPv4; zeros may be `::`."""
    groups = [_group(group) + ":" for group in head]
    gaps = ["".join(groups[:left]) + ("" if left else ":") + ":" for left in range(7)]
    before = ["".join(groups)]
    before += [gaps[left] + _rest(head, left) for left in range(6) if _may_be_zero(head[left])]
    ways = [
        _either(before)
        + _either([f"{_group(high)}:{_group(low)}|{_dotted(high, low)}" for high, low in tails])
    ]
    lasts = [_group(low) for high, low in tails if _may_be_zero(high)]
    if any(_may_be_zero(high) and _may_be_zero(low) for high, low in tails):
        lasts.append("")
    if lasts:
        reaching = [gaps[left] for left in range(7) if all(map(_may_be_zero, head[left:]))]
        ways.append(_either(reaching) + _either(lasts))
    firsts = [_group(high) for high, low in tails if _may_be_zero(low)]
    if firsts:
        ways.append("".join(groups) + _either(firsts) + "::")
    return _either(ways)


def _may_be_zero(number: _Fixed) -> bool:
    return number[0] == 0


def _rest(head: Sequence[_Fixed], left: int) -> str:
    """The groups of the head that may follow a `::` at group `left`: the more, the fewer it stands for."""
    chain, zeros = "", True
    for group in head[left + 1 :]:
        zeros = zeros and _may_be_zero(group)
        chain = f"(?:{chain}{_group(group)}:){'?' if zeros else ''}"
    return chain
