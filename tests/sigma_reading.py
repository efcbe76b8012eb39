"""The Sigma specification and the types of mutable elements, read literally and slowly.

This is a third voice beside `clew.detection.matcher` (Python) and `clew.select.expression` (SQL), and shares no
code with them or with pySigma. Sources: SigmaHQ/sigma-specification, "Sigma Rules Specification" 2.0.0
(Escaping, String Wildcard, Special Field Values) and "Sigma Modifiers" 2.1.0; DESIGN R7 for the rest.
"""

from __future__ import annotations

import base64
import datetime
import itertools
import re

MANY, ONE = object(), object()


# -- strings


def tokens(text):
    """Sigma's escaping: a backslash escapes `*`, `?` and itself; before all else it is a backslash."""
    found, i = [], 0
    while i < len(text):
        if text[i] == "\\" and text[i + 1 : i + 2] in ("*", "?", "\\"):
            found.append(text[i + 1])
            i += 2
        else:
            found.append({"*": MANY, "?": ONE}.get(text[i], text[i]))
            i += 1
    return found


def wildcard_tokens(text):
    """The wildcards of mutable elements: `*` and `?`, the backslash literal."""
    return [{"*": MANY, "?": ONE}.get(c, c) for c in text]


def lower(text):
    """Character by character, so that lengths stay; Unicode's simple mapping."""
    return "".join("i" if c == "\u0130" else c.lower() for c in text)


def fits(pattern, text, cased=False):
    """Whether the whole text fits the tokens: the set of positions reached, token by token."""
    if not cased:
        text = lower(text)
        pattern = [lower(token) if isinstance(token, str) else token for token in pattern]
    reached = {0}
    for token in pattern:
        if token is MANY:
            reached = set(range(min(reached), len(text) + 1)) if reached else set()
        elif token is ONE:
            reached = {at + 1 for at in reached if at < len(text)}
        else:
            reached = {at + 1 for at in reached if at < len(text) and text[at] == token}
    return len(text) in reached


def dashes(pattern):
    """windash: each - or / before a word and not after one becomes each of - / en dash, em dash, bar."""

    def word(token):
        return isinstance(token, str) and re.fullmatch(r"\w", token) is not None

    choices = []
    for i, token in enumerate(pattern):
        before = pattern[i - 1] if i else None
        after = pattern[i + 1] if i + 1 < len(pattern) else None
        flag = token in ("-", "/") and not word(before) and word(after)
        choices.append("-/\u2013\u2014\u2015" if flag else [token])
    return [list(chosen) for chosen in itertools.product(*choices)]


def encoded(pattern, encoding, mark=b""):
    """The bytes of a text in that encoding, each as one character."""
    return list((mark + "".join(pattern).encode(encoding)).decode("latin-1"))


def base64_fragments(data):
    """base64offset: what stands for certain, whatever 0, 1 or 2 bytes (modulo 3) come before, and any after."""
    fragments = []
    for shift in range(3):
        text = base64.b64encode(b"\0" * shift + data + b"\0\0\0").decode()
        first = -(-shift * 8 // 6)
        last = (shift + len(data)) * 8 // 6
        fragments.append(text[first:last])
    return fragments


# -- addresses


def address(text):
    """(version, number) of an address in any spelling, or None. A zone is left out."""
    if ":" not in text:
        number = _four(text)
        return None if number is None else (4, number)
    text, percent, zone = text.partition("%")
    if percent and (not zone or "%" in zone):
        return None
    head, gap, rest = text.partition("::")
    left, right = _groups(head, not gap), _groups(rest, True)
    if left is None or right is None or "::" in rest:
        return None
    missing = 8 - len(left) - len(right)
    if missing < 1 if gap else missing != 0:
        return None
    number = 0
    for group in [*left, *[0] * missing, *right]:
        number = number << 16 | group
    return 6, number


def _four(text):
    parts = text.split(".")
    good = [p for p in parts if re.fullmatch("[0-9]{1,3}", p) and str(int(p)) == p and int(p) < 256]
    return int.from_bytes(bytes(map(int, parts)), "big") if len(parts) == len(good) == 4 else None


def _groups(text, last):
    found = []
    parts = text.split(":") if text else []
    for i, part in enumerate(parts):
        four = _four(part) if last and i == len(parts) - 1 else None
        if four is not None:
            found += [four >> 16, four & 0xFFFF]
        elif re.fullmatch("[0-9a-fA-F]{1,4}", part):
            found.append(int(part, 16))
        else:
            return None
    return found


def in_network(text, network):
    """IPv4-mapped addresses count as IPv4 as well."""
    net, _, length = network.partition("/")
    version, base = address(net)
    found = address(text)
    if found is None:
        return False
    numbers = [found]
    if found[0] == 6 and found[1] >> 32 == 0xFFFF:
        numbers.append((4, found[1] & 0xFFFFFFFF))
    bits = {4: 32, 6: 128}[version]
    free = bits - int(length or bits)
    return any(v == version and number >> free == base >> free for v, number in numbers)


# -- lines of a selection


def line(key, raw, row):
    """Whether a row (column -> value or None) fulfils one line `column|modifiers: value or values`."""
    column, *modifiers = key.split("|")
    values = raw if isinstance(raw, list) else [raw]
    answers = [_value(row[column], modifiers, value, row) for value in values]
    linked = all(answers) if "all" in modifiers and answers else any(answers)
    return not linked if "neq" in modifiers else linked


def _value(held, modifiers, value, row):
    if value is None:
        return held is None
    if "exists" in modifiers:
        return (held is not None) is value
    if held is None:
        return False
    if "re" in modifiers:
        return _regex(held, modifiers, value)
    if "cidr" in modifiers:
        return in_network(held, value)
    if "fieldref" in modifiers:
        return row[value] is not None and _refers(held, modifiers, row[value])
    if isinstance(held, bool):
        return held is (value if isinstance(value, bool) else value.lower() == "true")
    for part in ("minute", "hour", "day", "week", "month", "year"):
        if part in modifiers:
            held = _part(held, part)
    if isinstance(held, int):
        return _compare(held, modifiers, float(value) if isinstance(value, float) else int(value))
    return _string(held, modifiers, str(value))


def _part(held, part):
    time = datetime.datetime.fromtimestamp(0, datetime.UTC) + datetime.timedelta(microseconds=held)
    return time.isocalendar()[1] if part == "week" else getattr(time, part)


def _compare(held, modifiers, value):
    if "gt" in modifiers:
        return held > value
    if "gte" in modifiers:
        return held >= value
    if "lt" in modifiers:
        return held < value
    if "lte" in modifiers:
        return held <= value
    return held == value


def _regex(held, modifiers, value):
    flags = 0
    for modifier in modifiers:
        flags |= {"i": re.I, "ignorecase": re.I, "m": re.M, "multiline": re.M, "s": re.S, "dotall": re.S}.get(
            modifier, 0
        )
    return re.search(value, held, flags) is not None


def _refers(held, modifiers, other):
    if not isinstance(held, str):
        return held == other
    cased = "cased" in modifiers
    one, two = (held, other) if cased else (lower(held), lower(other))
    if "contains" in modifiers or {"startswith", "endswith"} <= set(modifiers):
        return two in one
    if "startswith" in modifiers:
        return one[: len(two)] == two
    if "endswith" in modifiers:
        return len(two) <= len(one) and one[len(one) - len(two) :] == two
    return one == two


def _string(held, modifiers, value):
    patterns = [tokens(value)]
    for modifier in modifiers:
        patterns = [new for pattern in patterns for new in _modified(pattern, modifier)]
    cased = any(modifier in modifiers for modifier in ("cased", "base64", "base64offset"))
    return any(fits(pattern, held, cased) for pattern in patterns)


def _modified(pattern, modifier):
    match modifier:
        case "contains":
            return [[MANY, *pattern, MANY]]
        case "startswith":
            return [[*pattern, MANY]]
        case "endswith":
            return [[MANY, *pattern]]
        case "windash":
            return dashes(pattern)
        case "wide" | "utf16le":
            return [encoded(pattern, "utf-16-le")]
        case "utf16be":
            return [encoded(pattern, "utf-16-be")]
        case "utf16":
            return [encoded(pattern, "utf-16-le", b"\xff\xfe")]
        case "base64":
            return [list(base64.b64encode(_bytes(pattern)).decode())]
        case "base64offset":
            return [list(fragment) for fragment in base64_fragments(_bytes(pattern))]
    return [pattern]


def _bytes(pattern):
    """After an encoding each character is a byte; a plain text is UTF-8."""
    text = "".join(pattern)
    return text.encode("latin-1") if "\0" in text else text.encode()


# -- mutable elements (R7)


def element(type_, value, held):
    """Whether what a column holds is approved by an element's value."""
    if held is None:
        return False
    if type_ == "regex":
        return re.search(value, held) is not None
    values = value if isinstance(value, list) else [value]
    return any(_ELEMENTS[type_](one, held) for one in values)


def _domain(entry, held):
    wanted = lower(entry).rstrip(".").split(".")
    labels = lower(held).rstrip(".").split(".")
    return labels[-len(wanted) :] == wanted


def _path(entry, held):
    posix = entry.startswith("/")
    wanted = entry.rstrip("/") if posix else entry.replace("/", "\\").rstrip("\\")
    given = held if posix else held.replace("/", "\\")
    separator = "/" if posix else "\\"
    parts, folders = given.split(separator), wanted.split(separator)
    return len(parts) >= len(folders) and all(
        fits(wildcard_tokens(folder), part) for folder, part in zip(folders, parts, strict=False)
    )


def _image(entry, held):
    if entry == "*":
        return True
    wanted, given = _reference(entry, "*"), _reference(lower(held), None)
    if given[2] is None and given[3] is None:
        given[2] = "latest"
    return all(
        want is None or (part is not None and fits(wildcard_tokens(want), part))
        for want, part in zip(wanted, given, strict=True)
    )


def _reference(text, star):
    """[registry, name, tag, digest] with Docker's defaults for registry and name."""
    text, at, digest = text.partition("@")
    parts = text.split("/")
    registry = "docker.io"
    if len(parts) > 1 and (parts[0] in ("localhost", star) or set(parts[0]) & set(".:")):
        registry = parts.pop(0)
    name, colon, tag = "/".join(parts).partition(":")
    registry = "docker.io" if registry == "index.docker.io" else registry
    if registry == "docker.io" and "/" not in name and name != star:
        name = "library/" + name
    return [registry, name, tag if colon else None, digest if at else None]


_ELEMENTS = {
    "string": lambda entry, held: fits(wildcard_tokens(entry), held),
    "strings": lambda entry, held: fits(wildcard_tokens(entry), held),
    "domains": _domain,
    "paths": _path,
    "cidrs": lambda entry, held: in_network(held, entry),
    "images": _image,
}
