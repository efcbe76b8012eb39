"""Who signed the file of a decision of CodeIntegrity: what is learned of it, and how it is looked up, in SQL.

Windows writes the decision (3033, 3077 ...) and then, with the same ActivityID, a record 3089 for each signature of the
file. A signature belongs to the last decision of its activity, on its host, that stands before it and that it does not
follow by more than WAIT; of several for one decision the first counts. One of another file's hash is none of it.

https://learn.microsoft.com/windows/security/application-security/application-control/app-control-for-business/operations/event-tag-explanations
"""

from __future__ import annotations

from clew.database import name

#: By how much a signature may follow its decision, in microseconds.
WAIT = 2_000_000
#: The columns of a decision that its signature fills.
SIGNED = (
    *("dll.code_signature.exists", "dll.code_signature.status", "dll.code_signature.subject_name"),
    "file.x509.issuer.common_name",
)
#: The columns of `event` that LEARNED and UNSIGNED read.
COLUMNS = (
    *(
        "@timestamp",
        "clew.component",
        "event.code",
        "event.id",
        "event.sequence",
        "host.id",
        "clew.activity.id",
    ),
    *("clew.file.authentihash.sha1", "clew.file.authentihash.sha256", *SIGNED),
)

_IS_ONE = "\"event.code\" = '3089'"

#: SQL that is true for a decision without its signature; no other source has file metadata with an activity.
UNSIGNED = f"""("clew.component" = 'file_metadata' AND "clew.activity.id" IS NOT NULL AND NOT {_IS_ONE})"""

#: SQL over `event`: facts (time, host, activity, n, id, signature, sha1, sha256) of decisions and of signatures; a
#: decision has no `signature`. Their order is `n`, which the time is where an exporter leaves the number out.
LEARNED = f"""
SELECT epoch_us("@timestamp") AS time, "host.id" AS host, "clew.activity.id" AS activity,
    coalesce("event.sequence", time) AS n, "event.id" AS id,
    CASE WHEN {_IS_ONE} THEN {{{", ".join(f"{name(c)}: {name(c)}" for c in SIGNED)}}} END AS signature,
    "clew.file.authentihash.sha1" AS sha1, "clew.file.authentihash.sha256" AS sha256
FROM event WHERE "clew.component" = 'file_metadata' AND "clew.activity.id" IS NOT NULL"""

#: SQL over the table `signature`, of facts: (id, signature) of each decision that has one.
SIGNATURES = f"""
WITH placed AS (
    SELECT *, last_value(CASE WHEN signature IS NULL THEN {{id: id, time: time, sha1: sha1, sha256: sha256}} END
        IGNORE NULLS) OVER (
        PARTITION BY host, activity ORDER BY n, signature IS NOT NULL, id ROWS UNBOUNDED PRECEDING) AS decision
    FROM signature
)
SELECT decision.id AS id, arg_min(signature, (n, placed.id)) AS signature FROM placed
WHERE signature IS NOT NULL AND decision IS NOT NULL AND time <= decision.time + {WAIT}
    AND coalesce(sha1 = decision.sha1, sha256 = decision.sha256, true)
GROUP BY decision.id"""
