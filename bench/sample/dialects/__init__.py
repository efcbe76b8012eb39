"""How collectors write a Sysmon record as one line: each dialect as it was seen in real exports.

A dialect is made for a host, whose unchanging fields are encoded once, and then renders record after record.
"""

from sample.dialects.documents import defend, dotted, ocsf
from sample.dialects.ecs import winlogbeat_bare, winlogbeat_ecs
from sample.dialects.flat import nxlog, otrf
from sample.dialects.windows import evtx, xml
from sample.dialects.winlogbeat import winlogbeat, winlogbeat6, winlogbeat_flat
from sample.dialects.written import Dialect, Render, Written

DIALECTS: dict[str, Dialect] = {
    "otrf": Dialect(otrf),
    "nxlog": Dialect(nxlog),
    "evtx": Dialect(evtx),
    # What the event viewer saves: all events under one root. Splunk forwards the same elements without it.
    "xml": Dialect(
        xml,
        ".xml",
        opening='<?xml version="1.0" encoding="utf-8" standalone="yes"?>\n<Events>\n',
        closing="</Events>\n",
    ),
    "splunk": Dialect(xml, ".log"),
    "winlogbeat6": Dialect(winlogbeat6),
    "winlogbeat": Dialect(winlogbeat),
    "winlogbeat-flat": Dialect(winlogbeat_flat),
    "winlogbeat-ecs": Dialect(winlogbeat_ecs),
}

#: The same records in schemas that many products share: without Sysmon's own names, ids and numbers.
DOCUMENTS: dict[str, Dialect] = {
    "ecs": Dialect(defend),
    "ecs-dotted": Dialect(dotted),
    "winlogbeat-bare": Dialect(winlogbeat_bare),
    "ocsf": Dialect(ocsf),
}
EVERY = DIALECTS | DOCUMENTS

__all__ = ["DIALECTS", "DOCUMENTS", "EVERY", "Dialect", "Render", "Written"]
