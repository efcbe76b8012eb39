"""Which host had an address when: what is learned of it, and how it is looked up, in SQL.

Learned from events that carry both: a host, and an address that is its own since the host opened the connection
or took it. An address is the host's that was last seen with it, up to an event's time and the skew (R9); what the
inventory says of that time stands above what was learned.
"""

from __future__ import annotations

#: The columns of `event` that LEARNED reads.
COLUMNS = (
    "@timestamp",
    "clew.component",
    "host.id",
    "host.name",
    "network.direction",
    "source.ip",
    "destination.ip",
)

#: SQL over `event`: facts (time, ip, host, name). Addresses that many hosts have at once tell nothing.
LEARNED = """
SELECT DISTINCT epoch_us("@timestamp") AS time, ip, "host.id" AS host, "host.name" AS name
FROM (SELECT *, CASE "network.direction" WHEN 'egress' THEN "source.ip" WHEN 'ingress' THEN "destination.ip" END AS ip
    FROM event WHERE "clew.component" = 'network_connection_creation' AND "host.id" IS NOT NULL)
WHERE ip IS NOT NULL AND NOT clew_own_address(ip) AND NOT regexp_matches(ip, '^(169\\.254\\.|fe[89ab][0-9a-f]:)')"""


def held(asked: str, skew: int) -> str:
    """SQL that gives each (place, ip, time) of `asked` its host: (place, host, name, teller), host null where unknown.

    Over the tables `address`, as LEARNED gives it, and `inventory` (ip, bits, since, until, host), which has the
    addresses that are asked for, each with the size of the network that the line names.
    """
    return f"""
WITH asked AS ({asked}), learned AS (
    SELECT ip, time, max({{host: host, name: name}}) AS who FROM address GROUP BY ip, time
), told AS (
    SELECT place, arg_max(i.host, (i.bits, i.since)) AS host FROM asked JOIN inventory AS i
    ON asked.ip = i.ip AND asked.time >= i.since AND asked.time < i.until GROUP BY place
)
SELECT asked.place, coalesce(told.host, who.host) AS host,
    CASE WHEN told.host IS NULL THEN who.name ELSE told.host END AS name,
    CASE WHEN told.host IS NOT NULL THEN 'inventory' WHEN who.host IS NOT NULL THEN 'address' END AS teller
FROM asked ASOF LEFT JOIN learned ON asked.ip = learned.ip AND asked.time + {skew} >= learned.time
LEFT JOIN told ON asked.place = told.place"""
