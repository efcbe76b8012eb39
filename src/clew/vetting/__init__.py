"""Vetting: may this package in?

The way of the data, a step a folder or file::

    target ──▶ subject ──▶ reputation/ ─────────────────────────────┐
                  │        advisory  ──────────────────────────────┤
                  │        static/   (files) ──────────────────────┤ facts ──▶ verdict ──▶ rendering/
                  └──────▶ sandbox/ + capture/ ──▶ trace, layers ──┤
                                                    │  static/ (layers)
                                                    └─ behaviour: the trace is a log source, hunts' engine reads it

MITRE ATT&CK's DET0720 is the idea: dynamic analysis tells malicious code in obfuscated form when it is executed,
after it was decoded; reputation of who published it can alert without looking at the code.
"""
