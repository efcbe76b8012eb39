"""Which name an address had for a host when: what is learned of it, and how it is looked up, in SQL.

A host met a name at an address where a DNS answer gave it that address (of an alias the name that was asked for
counts), or where it named the server in its TLS handshake (SNI). What one host was told says nothing of another: a
name server may answer each of them differently. The last fact up to an event's time and the skew counts (R9).
"""

from __future__ import annotations

#: The columns of `event` that LEARNED reads.
COLUMNS = (
    *("@timestamp", "clew.component", "host.id", "source.ip", "destination.ip"),
    *("dns.question.name", "dns.question.type", "dns.resolved_ip", "tls.client.server_name"),
)

#: SQL over `event`: facts (time, host, source, ip, domain, teller). A sensor knows no host, only the source's address.
#: A text or a sinkhole's address is no place where the name is.
LEARNED = """
SELECT DISTINCT epoch_us("@timestamp") AS time, "host.id" AS host, "source.ip" AS source, ip,
    rtrim(domain, '.') AS domain, teller
FROM (
    SELECT *, clew_address(unnest(string_split("dns.resolved_ip", ' '))) AS ip, "dns.question.name" AS domain,
        'dns' AS teller
    FROM event WHERE "dns.resolved_ip" IS NOT NULL
        AND coalesce("dns.question.type" NOT IN ('TXT', 'PTR', 'NULL'), true)
    UNION ALL
    SELECT *, "destination.ip" AS ip, "tls.client.server_name" AS domain, 'tls' AS teller
    FROM event WHERE "tls.client.server_name" IS NOT NULL
)
WHERE domain IS NOT NULL AND ip IS NOT NULL AND coalesce("host.id", "source.ip") IS NOT NULL
    AND NOT clew_own_address(ip) AND NOT clew_is_address(domain)"""


def called(asked: str, skew: int) -> str:
    """SQL that gives each (place, host, source, ip, time) of `asked` that has one its name: (place, domain, teller).

    Over `naming`, as LEARNED gives it with the hosts that are known. A fact without a host is one of its source's
    address. At one time the handshake counts more than the answer: it says which of an address's names was meant.
    """
    return f"""
WITH who AS (
    SELECT place, 'host ' || host AS who, ip, time FROM ({asked}) WHERE host IS NOT NULL
    UNION ALL SELECT place, 'address ' || source, ip, time FROM ({asked}) WHERE source IS NOT NULL
), fact AS (
    SELECT coalesce('host ' || host, 'address ' || source) AS who, ip, time,
        max({{teller: teller, domain: domain}}) AS named
    FROM naming GROUP BY ALL
)
SELECT place, unnest(arg_max(named, (fact.time, named)))
FROM who ASOF JOIN fact ON who.who = fact.who AND who.ip = fact.ip AND who.time + {skew} >= fact.time
GROUP BY place"""
