"""Ways of matching one value. A matcher is data; `predicate` makes the test that Python runs.

`clew.select.expression` says the same in SQL; a differential test keeps the two equal.
"""

from __future__ import annotations

import datetime
import ipaddress
import re
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Literal, TypeAlias

import msgspec
import re2

from clew.detection.folder import Folder
from clew.detection.glob import Glob, Shape, fold, linear, linear_regex
from clew.detection.image import Image, split_image

Predicate: TypeAlias = Callable[[Any], bool]
Operator: TypeAlias = Literal["eq", "gt", "gte", "lt", "lte"]
Part: TypeAlias = Literal["minute", "hour", "day", "week", "month", "year"]


class Matcher(msgspec.Struct, frozen=True, tag=True):
    """A test on one value; null never passes (R7), save for `Exists`.

    `values` are the Python types that it can test; any other value does not pass.
    """

    values: ClassVar[type | tuple[type, ...]] = str

    def predicate(self) -> Predicate:
        """The test on a value of those types. Building it costs; build it once."""
        raise NotImplementedError

    def matches(self, value: Any) -> bool:
        """Test one value; builds the predicate each time."""
        return isinstance(value, self.values) and self.predicate()(value)


class Text(Matcher, frozen=True):
    """The whole text is one of the globs; without regard to case unless `cased`. No globs, no match."""

    globs: tuple[Glob, ...]
    cased: bool = False

    def predicate(self) -> Predicate:
        """One look-up for whole texts, then starts, ends, parts, and regular expressions last."""
        globs = self.globs if self.cased else tuple(glob.folded() for glob in self.globs)
        accept = _any_glob(globs)
        return accept if self.cased else lambda text: accept(fold(text))


def _any_glob(globs: tuple[Glob, ...]) -> Predicate:
    """The cheapest tests first, and none that the globs do not need."""
    shapes: dict[str, list[str]] = {}
    for glob in globs:
        shape, literal = glob.shape()
        shapes.setdefault(shape, []).append(linear(glob) if shape == "mixed" else literal)
    tests = [_SHAPE_TESTS[shape](shapes[shape]) for shape in _SHAPE_TESTS if shape in shapes]
    if len(tests) == 1:
        return tests[0]
    return lambda text: any(test(text) for test in tests)


def _start(literals: list[str]) -> Predicate:
    starts = tuple(literals)
    return lambda text: bool(text.startswith(starts))


def _end(literals: list[str]) -> Predicate:
    ends = tuple(literals)
    return lambda text: bool(text.endswith(ends))


def _within(literals: list[str]) -> Predicate:
    first, *others = literals
    return lambda text: first in text or any(literal in text for literal in others)


def _mixed(sources: list[str]) -> Predicate:
    match = re.compile(rf"(?:{'|'.join(sources)})\Z", re.DOTALL).match
    return lambda text: match(text) is not None


_SHAPE_TESTS: Mapping[Shape, Callable[[list[str]], Predicate]] = {
    "any": lambda literals: lambda text: True,
    "whole": lambda literals: frozenset(literals).__contains__,
    "start": _start,
    "end": _end,
    "within": _within,
    "mixed": _mixed,
}


class Regex(Matcher, frozen=True):
    """A regular expression in RE2's syntax is found somewhere in the text.

    `flags` are of `i` (any case), `m` (^ and $ at lines), `s` (dot matches newlines), in that order.
    """

    pattern: str
    flags: str = ""

    @property
    def source(self) -> str:
        """The pattern with its flags, as RE2 reads it in Python and in DuckDB."""
        return f"(?{self.flags}){self.pattern}" if self.flags else self.pattern

    def predicate(self) -> Predicate:
        """RE2 gets bytes: so it need not count characters for positions that nobody asks for."""
        search = compile_re2(self.source).search
        return lambda text: search(text.encode("utf-8", "surrogatepass")) is not None


def compile_re2(source: str) -> Any:
    """Compile by RE2 without its printing to stderr. Raises ValueError saying what is wrong.

    Names as `(?<name>...)` are refused: newer releases of RE2 know them, the one inside DuckDB does not.
    """
    options = re2.Options()
    options.log_errors = False
    try:
        compiled = re2.compile(source, options)
        if compiled.groupindex and "(?<" in source:
            raise ValueError("a group's name is written (?P<name>...)")
        return compiled
    except re2.error as error:
        reason = error.args[0] if error.args else ""
        text = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
        hint = "; RE2 knows no lookaround and no back-reference" if "invalid" in text else ""
        raise ValueError(text + hint) from None


class Cidr(Matcher, frozen=True):
    """The text is an address in one of the networks, however it is spelled.

    An IPv4-mapped IPv6 address (`::ffff:10.0.0.5`) lies in IPv4 networks too; a zone (`%eth0`) is ignored.
    """

    networks: tuple[str, ...]

    def predicate(self) -> Predicate:
        """The address is parsed once, then compared with each network of its version."""
        networks = [ipaddress.ip_network(network) for network in self.networks]
        four = [network for network in networks if isinstance(network, ipaddress.IPv4Network)]
        six = [network for network in networks if isinstance(network, ipaddress.IPv6Network)]

        def accept(text: str) -> bool:
            try:
                address = ipaddress.ip_address(text)
            except ValueError:
                return False
            if isinstance(address, ipaddress.IPv4Address):
                return any(address in network for network in four)
            if any(address in network for network in six):
                return True
            mapped = address.ipv4_mapped
            return mapped is not None and any(mapped in network for network in four)

        return accept


class Number(Matcher, frozen=True):
    """The number stands in that relation to one of the operands."""

    operator: Operator
    operands: tuple[int | float, ...]
    values: ClassVar[type | tuple[type, ...]] = (int, float)

    def predicate(self) -> Predicate:
        """Of several operands only the least or the greatest matters, but for `eq`."""
        if not self.operands:
            return lambda number: False
        low, high = min(self.operands), max(self.operands)
        match self.operator:
            case "eq":
                return frozenset(self.operands).__contains__
            case "gt":
                return lambda number: bool(number > low)
            case "gte":
                return lambda number: bool(number >= low)
            case "lt":
                return lambda number: bool(number < high)
            case "lte":
                return lambda number: bool(number <= high)


class TimePart(Matcher, frozen=True):
    """A part of the time (microseconds since 1970, UTC) stands in that relation; `week` is ISO 8601's."""

    part: Part
    number: Number
    values: ClassVar[type | tuple[type, ...]] = int

    def predicate(self) -> Predicate:
        """The part is taken in UTC."""
        accept, part = self.number.predicate(), self.part
        epoch = datetime.datetime(1970, 1, 1)

        def of(time: int) -> bool:
            moment = epoch + datetime.timedelta(microseconds=time)
            return accept(moment.isocalendar().week if part == "week" else getattr(moment, part))

        return of


class Boolean(Matcher, frozen=True):
    """The value is true, or false."""

    value: bool
    values: ClassVar[type | tuple[type, ...]] = bool

    def predicate(self) -> Predicate:
        """Identity: 1 is not true."""
        expected = self.value
        return lambda value: value is expected


class Domains(Matcher, frozen=True):
    """The name is one of these or lies below one: `a.b.c` is below `b.c`, `ab.c` is not.

    `suffixes` are in lower case without dots at their ends; the name may end with one.
    """

    suffixes: tuple[str, ...]

    def predicate(self) -> Predicate:
        """One look-up for each label of the name."""
        suffixes = frozenset(self.suffixes)

        def accept(text: str) -> bool:
            name, dot = fold(text).rstrip("."), "."
            while dot:
                if name in suffixes:
                    return True
                _, dot, name = name.partition(".")
            return False

        return accept


class Folders(Matcher, frozen=True):
    """The path is one of these folders (or files) or lies below one; without regard to case."""

    folders: tuple[Folder, ...]

    def predicate(self) -> Predicate:
        """Folders of Windows and of POSIX are tested apart."""
        tests = [_below(separator, self.folders) for separator in ("\\", "/")]
        return lambda text: any(test(text) for test in tests)


def _below(separator: str, folders: tuple[Folder, ...]) -> Predicate:
    r"""The test for the folders of one separator. With `\`, a `/` in the value counts as one."""
    mine = [folder for folder in folders if folder.separator == separator]
    starts = tuple(start for folder in mine if (start := folder.start()) is not None)
    globs = [folder.regex().match for folder in mine if folder.start() is None]

    def accept(text: str) -> bool:
        path = fold(text) + separator
        if separator == "\\":
            path = path.replace("/", "\\")
        return path.startswith(starts) or any(match(path) for match in globs)

    return accept if mine else lambda text: False


class Images(Matcher, frozen=True):
    """The reference is of one of these images; `nginx` is `docker.io/library/nginx:latest`."""

    images: tuple[Image, ...]

    def predicate(self) -> Predicate:
        """The reference is split once."""
        tests = [_image(image) for image in self.images]

        def accept(text: str) -> bool:
            parts = split_image(fold(text))
            return any(test(parts) for test in tests)

        return accept


def _image(image: Image) -> Callable[[tuple[str | None, ...]], bool]:
    globs = (image.registry, image.name, image.tag, image.digest)
    regexes = [None if glob is None else linear_regex(glob.folded()) for glob in globs]

    def accept(parts: tuple[str | None, ...]) -> bool:
        return all(
            regex is None or (part is not None and regex.match(part) is not None)
            for regex, part in zip(regexes, parts, strict=True)
        )

    return accept


class Exists(Matcher, frozen=True):
    """The column is filled, or is null. Absent, null and empty are one thing in Clew's columns (R8)."""

    present: bool

    def matches(self, value: Any) -> bool:
        """Null, or an empty tuple of a lineage column, is absent."""
        return (value is not None and value not in ((), [])) is self.present


#: Every matcher, for decoding.
AnyMatcher: TypeAlias = (
    Text | Regex | Cidr | Number | TimePart | Boolean | Domains | Folders | Images | Exists
)


def joined(one: AnyMatcher, other: AnyMatcher) -> AnyMatcher | None:
    """The one matcher that holds where either holds, or None where there is no such."""
    match one, other:
        case Text(a, cased), Text(b, same) if cased == same:
            return Text(a + b, cased)
        case Number(operator, a), Number(other_operator, b) if operator == other_operator:
            return Number(operator, a + b)
        case Cidr(a), Cidr(b):
            return Cidr(a + b)
    return None
