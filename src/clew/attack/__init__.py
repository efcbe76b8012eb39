"""ATT&CK's detection strategies as facts: ids, names, log sources and mutable elements, no prose.

`index.attack_index()` gives the one of the release that is shipped. The data file is made by
`scripts/attack-index` from MITRE's STIX objects; NOTICE carries MITRE's copyright designation and licence.
"""
