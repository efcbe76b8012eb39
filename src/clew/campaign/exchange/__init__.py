"""Campaigns in the formats of others: STIX 2.1, MISP events, OSV records, CSV; and block lists."""
