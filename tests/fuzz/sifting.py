"""Event logs whose checksums hold though their records are broken: only such chunks are sifted by their binary XML.

What is read of one with a pretest must be what is read without, but for records that the pretest does not want.
"""

from __future__ import annotations

import io
import json
import random
import struct
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import evtx_file
from clew.normalise.mapping import mappings
from clew.normalise.pretest import pretest
from clew.read import evtx
from clew.read.source import Source
from clew.record import Batch, Pretest, Reject, Skipped

TEST = pretest(mappings(), frozenset({"file_creation", "process_creation"}))
#: Bytes that mean something in binary XML.
_TOKENS = bytes([*range(16), 0x21, 0x41, 0x46, 0x81])


def stirred(chance: random.Random, log: bytes) -> bytes:
    """The log with some bytes of records changed, and with checksums that hold."""
    data = bytearray(log)
    for at in range(evtx_file.HEADER, len(data) - evtx_file.CHUNK + 1, evtx_file.CHUNK):
        first, last = struct.unpack_from("<QQ", data, at + 24)
        (free,) = struct.unpack_from("<I", data, at + 48)
        if not (data.startswith(b"ElfChnk\0", at) and evtx_file.FIRST < free <= evtx_file.CHUNK):
            continue
        for _ in range(chance.choice([0, 1, 1, 1, 2, 5])):
            place = at + chance.randrange(evtx_file.FIRST, free)
            if not _ends_a_record(log, place):
                data[place] = chance.choice([chance.choice(_TOKENS), chance.randrange(256), data[place] ^ 1])
        chunk = data[at : at + free]
        (latest,) = struct.unpack_from("<I", data, at + 44)
        data[at : at + evtx_file.CHUNK] = evtx_file.closed(chunk, first, last - first + 1, latest)
    return bytes(data)


def _ends_a_record(log: bytes, at: int) -> bool:
    """Whether a byte is one of the second copy of a record's size, which nobody needs while all checksums hold."""
    return b"**\0\0" in log[at + 1 : at + 8] or not any(log[at + 1 : at + 8])


def agree(log: bytes, folder: Path) -> tuple[int, int, int]:
    """How many records are read with a pretest, rejected, and left out.

    Raises AssertionError where a wanted one is lost, one comes from nowhere, or the books do not balance.
    """
    every, lost, _ = _read(log, folder, None)
    some, lost_of_some, skipped = _read(log, folder, TEST)
    assert some <= every, "a record is read otherwise with a pretest"
    wanted = Counter({place: count for place, count in every.items() if _is_wanted(place[1])})
    assert wanted <= some, "a wanted record is left out"
    assert every.total() + lost == some.total() + lost_of_some + skipped, "records are not accounted for"
    return some.total(), lost_of_some, skipped


def _read(log: bytes, folder: Path, test: Pretest | None) -> tuple[Counter[tuple[int, bytes]], int, int]:
    """Number and line of each record, how many were rejected, and how many nobody wants."""
    found: Counter[tuple[int, bytes]] = Counter()
    lost = skipped = 0
    for item in evtx.read(Source("a.evtx", log[:65536], io.BytesIO(log), None, test), folder):
        if isinstance(item, Batch):
            found.update(_lines(item))
            item.done()
        elif isinstance(item, Reject):
            lost += item.count if item.position else 0
        elif isinstance(item, Skipped):
            skipped += item.count
    return found, lost, skipped


def _lines(batch: Batch) -> Iterable[tuple[int, bytes]]:
    for row, line in enumerate(batch.lines.read_bytes().split(b"\n")[:-1]):
        yield batch.place(row)[1], line


def _is_wanted(line: bytes) -> bool:
    """Whether a mapping would take the record."""
    try:
        system = json.loads(line)["Event"]["System"]
        code = system["EventID"]
        number = code["#text"] if isinstance(code, dict) else code
        return str(number) in TEST.providers.get(system["Provider"]["#attributes"]["Name"], ())
    except (ValueError, KeyError, TypeError):
        return False
