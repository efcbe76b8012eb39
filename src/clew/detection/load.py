"""From YAML files to detections. All that is wrong with all of them is raised at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path

from clew.detection.content import CONTENT_FILE, content_settings
from clew.detection.model import Detection
from clew.detection.parse import parse
from clew.detection.values import Setting, SiteValues
from clew.errors import DetectionError, Fault, UsageError

#: By how much events may stand out of order in their own recording (R3), in microseconds.
SKEW = 2_000_000


def shipped() -> Path:
    """The folder of the detections in the package."""
    return Path(str(files("clew"))) / "content" / "detections"


def load_detections(
    paths: Sequence[Path], site: SiteValues | None = None, *, skew: int = SKEW
) -> list[Detection]:
    """The detections of files and folders, sorted by name; folders are searched for `*.yaml` and `*.yml`.

    A file holds one detection. With values for some hosts in `site` a detection comes once for each distinct
    set of values, the one for all other hosts first (`Detection.hosts`).

    Raises:
        DetectionError: with everything that is wrong, in all files and in `site`'s values for them.
        UsageError: a path is not there, or a folder without any detection: what looks for nothing would be
            silent for the wrong reason.
    """
    faults: list[Fault] = []
    detections = read_detections(paths, site or SiteValues(), skew, faults)
    if faults:
        raise DetectionError(faults)
    return detections


def read_detections(
    paths: Sequence[Path], site: SiteValues, skew: int, faults: list[Fault]
) -> list[Detection]:
    """The same of the files that are right; what is wrong with others and with `site` goes to `faults`."""
    if list(paths) == [shipped()] and site == SiteValues():
        return [*_shipped(skew)]
    return _read_detections(paths, site, skew, faults)


@cache
def _shipped(skew: int) -> tuple[Detection, ...]:
    """The detections in the package as they are. A program that hunts often needs them often, and they never change."""
    return tuple(_read_detections([shipped()], SiteValues(), skew, []))


def _read_detections(
    paths: Sequence[Path], site: SiteValues, skew: int, faults: list[Fault]
) -> list[Detection]:
    detections: list[Detection] = []
    content = _Content(faults)
    for path in _files(paths):
        text = _read(path, faults)
        if text is not None:
            detections.extend(parse(text, str(path), content.under(path, site), skew, faults))
    faults.extend(_twice(detections))
    return sorted(detections, key=lambda detection: detection.name)


def load_text(
    text: str, path: str = "detection.yaml", site: SiteValues | None = None, *, skew: int = SKEW
) -> list[Detection]:
    """The profiles of the one detection in a text; `path` is how errors call it.

    Raises:
        DetectionError: with everything that is wrong.
    """
    faults: list[Fault] = []
    detections = parse(text, path, site or SiteValues(), skew, faults)
    if faults:
        raise DetectionError(faults)
    return detections


def _files(paths: Sequence[Path]) -> list[Path]:
    found: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            inside = (p for p in path.rglob("*") if p.suffix in (".yaml", ".yml") and p.is_file())
            detections = sorted(p for p in inside if p.name != CONTENT_FILE)
            if not detections:
                raise UsageError(f"{path}: no detections in this folder, no *.yaml and no *.yml")
            found.update(dict.fromkeys(detections))
        elif path.exists():
            found[path] = None
        else:
            raise UsageError(f"{path}: no such file or folder of detections")
    return list(found)


def _read(path: Path, faults: list[Fault]) -> str | None:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        faults.append(Fault(str(path), 0, 0, f"cannot be read: {error.strerror}"))
    except UnicodeDecodeError as error:
        message = f"not UTF-8 text: byte {error.start} is {error.object[error.start]:#04x}"
        faults.append(Fault(str(path), 0, 0, message, "save the file as UTF-8"))
    return None


class _Content:
    """The `elements.yaml` of the folders, each read once."""

    def __init__(self, faults: list[Fault]) -> None:
        self._faults = faults
        self._folders: dict[Path, tuple[Setting, ...]] = {}

    def under(self, path: Path, site: SiteValues) -> SiteValues:
        """The site's values over what the folder of a detection sets."""
        file = path.parent / CONTENT_FILE
        if path.parent not in self._folders:
            text = _read(file, self._faults) if file.is_file() else None
            settings = content_settings(text, str(file), self._faults) if text is not None else ()
            self._folders[path.parent] = settings
        return SiteValues((*self._folders[path.parent], *site.settings), site.hosts)


def _twice(detections: Sequence[Detection]) -> Iterator[Fault]:
    """One analytic has one detection a variant: findings are told apart by these names (R11)."""
    seen: dict[str, str] = {}
    for detection in detections:
        first = seen.setdefault(detection.name, detection.path)
        if first != detection.path:
            message = f"{detection.name} stands in {first} too"
            yield Fault(detection.path, 1, 1, message, "give one of them a 'variant', or load only one")
