"""The sample: a day of Sysmon records of a small Windows network, with one incident in it, written from a seed.

Nothing here is a recording and nothing here runs anything: the package writes log records, no more. The
incident follows what was published about the poisoned axios releases of March 2026; its hosts, accounts and
addresses are invented (names under example.com and .example, addresses of RFC 5737).
"""
