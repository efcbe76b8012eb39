"""Who looks on at a sweep."""

from __future__ import annotations

from clew.pipeline import Progress


class Watch:
    """Told how far a sweep is. This one tells nobody."""

    def looking(self, folder: str, files: int) -> None:
        """A folder with so many files is looked through."""

    def reading(self, total: int) -> Progress:
        """So many bytes of logs will be read: what is given is told how far that is."""
        return lambda file, done: None
