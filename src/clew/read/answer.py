"""The saved answer of a search: documents deep inside one document, as Elasticsearch and OpenSearch write them.

::

    {"took": 5, "timed_out": false, "hits": {"total": {"value": 2, "relation": "eq"}, "hits": [
        {"_index": "logs", "_id": "1", "_source": {...}},
        {"_index": "logs", "_id": "2", "_source": {...}} ]}}

What Kibana shows as a response has that in `rawResponse`. The hits must begin in the first 64 KB.

https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-search
"""

from __future__ import annotations

import re

import msgspec

from clew.read.text import measure


class Opened(msgspec.Struct, frozen=True):
    """An answer up to its hits: where the first of them would stand, the objects around them, how many were found."""

    at: int
    around: int
    total: int


#: A member's key, up to its value.
MEMBER = re.compile(rb'[\s,{]*+"([^"\\]*+)"\s*+:\s*+')
_HITS = re.compile(rb"\[(?=\s*+(?:\Z|\]|\{))")
#: Before version 7 the total was a number alone.
_TOTAL = re.compile(rb'(?:\{\s*+"value"\s*+:\s*+)?(\d{1,18})')


def opened(head: bytes) -> Opened | None:
    """The answer that begins here; None where what begins is none, as far as its head tells."""
    at, around, total = 0, [b""], 0
    while match := MEMBER.match(head, at):
        key, at = match[1], match.end()
        if key == b"hits" == around[-1] and (hits := _HITS.match(head, at)):
            return Opened(hits.end(), len(around), total)
        if key in (b"hits", b"rawResponse") and head[at : at + 1] == b"{":
            around.append(key)
            continue
        if key == b"total" and around[-1] == b"hits" and (told := _TOTAL.match(head, at)):
            total = int(told[1])
        length, _ = measure(memoryview(head)[at:])
        at += length or len(head)
    return None
