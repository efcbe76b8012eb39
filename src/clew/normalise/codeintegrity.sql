/*
log_source: WinEventLog:Microsoft-Windows-CodeIntegrity/Operational
provider: Microsoft-Windows-CodeIntegrity
log: Microsoft-Windows-CodeIntegrity/Operational
os: windows
specification: https://learn.microsoft.com/windows/security/application-security/application-control/app-control-for-business/operations/event-id-explanations
channels:
  - {code: 3001, channel: EventCode=3001, component: file_metadata}
  - {code: 3002, channel: EventCode=3002, component: file_metadata}
  - {code: 3003, channel: EventCode=3003, component: file_metadata}
  - {code: 3004, channel: EventCode=3004, component: file_metadata}
  - {code: 3010, channel: EventCode=3010, component: file_metadata}
  - {code: 3023, channel: EventCode=3023, component: file_metadata}
  - {code: 3033, channel: EventCode=3033, component: file_metadata}
  - {code: 3034, channel: EventCode=3034, component: file_metadata}
  - {code: 3036, channel: EventCode=3036, component: file_metadata}
  - {code: 3063, channel: EventCode=3063, component: file_metadata}
  - {code: 3065, channel: EventCode=3065, component: file_metadata}
  - {code: 3076, channel: EventCode=3076, component: file_metadata}
  - {code: 3077, channel: EventCode=3077, component: file_metadata}
  - {code: 3089, channel: EventCode=3089, component: file_metadata}
  - {code: 3099, channel: EventCode=3099, component: host_status}
  # ATT&CK describes this log, and seldom names an id.
  - {code: 3033, component: file_metadata, channel: "Unsigned or invalid image for newly installed/updated binaries"}
  - {code: 3033, component: file_metadata, channel: "CodeIntegrity reports 'Invalid image hash' or 'Unsigned image' for new/updated binaries"}
  - {code: 3033, component: file_metadata, channel: "Invalid/Unsigned image when developer tool launches newly installed binaries"}
  - {code: 3004, component: file_metadata, channel: "Code integrity violations in boot-start drivers or firmware"}
header: [time, activity, writer, sid, account]
user_data: true
reads:
  [FileNameBuffer, File Name, ProcessNameBuffer, Process Name, Status, RequestedPolicy, RequestedSigningLevel,
   Requested Signing Level, ValidatedPolicy, ValidatedSigningLevel, Validated Signing Level,
   SHA1 Hash, SHA256 Hash, SHA1 Flat Hash, SHA256 Flat Hash, OriginalFileName, ProductName, FileDescription, FileVersion,
   PolicyName, PolicyID, PolicyGUID, PolicyNameBuffer, PolicyIdBuffer,
   Hash, SignatureType, VerificationError, PublisherName, IssuerName]
cannot:
  file.path: stands as \Device\HarddiskVolume3\..., as Windows writes it; the record does not tell the drive
  file.path, process.executable: null where NXLog wrote UserData, of which it keeps the message only
  file.path of id 3089: it tells the signer only; the decision before it has the same clew.activity.id
  dll.code_signature.* of other ids than 3089: told by the next 3089 of the same activity, wherever it stands, up to two
    seconds later
  dll.code_signature.*: of a file with several signatures the first
  file.hash.*: ids 3076 and 3077 only, from Windows 10 1809 on; the hashes of the signed part are clew.file.authentihash.*
  rule.*: ids 3076, 3077 and 3099 only, which are of a policy; the GUID in later versions
  process.* of ids 3001 and 3023: drivers are loaded by System
  process.pid: the process that wrote the record, in which the file was to be loaded; OTRF's form does not have it
  user.name: null where the exporter did not resolve the security id, which is in user.id
  event.outcome of ids 3002 to 3004 and 3010: whether the file was loaded depends on the boot options
*/
-- Ids 3033 and 3034 have their own names for what 3076 and 3077 spell with blanks.
-- What numbers mean: learn.microsoft.com, App Control for Business, "Understanding App Control event tags".
WITH plain AS (
    SELECT *,
        clew_text(coalesce(FileNameBuffer, "File Name"))       AS target,
        clew_text(coalesce(ProcessNameBuffer, "Process Name")) AS image
    FROM record
)
SELECT
    origin,
    clew_time(clew_cut(coalesce(time, written))) AS "@timestamp",
    try_cast(origin.record_id AS BIGINT)      AS "event.sequence",
    code                                      AS "event.code",
    NULL::VARCHAR                             AS "event.action",
    CASE WHEN code IN ('3023', '3033', '3036', '3063', '3077') THEN 'failure'
         WHEN code IN ('3001', '3034', '3065', '3076') THEN 'success'
         WHEN code = '3099' THEN CASE WHEN clew_error(Status) IS NULL THEN 'success' ELSE 'failure' END
    END                                       AS "event.outcome",
    clew_error(Status)                        AS "error.code",
    clew_guid(activity)                       AS "clew.activity.id",
    clew_text(computer)                       AS "host.name",
    clew_text(account)                        AS "user.name",
    clew_text(sid)                            AS "user.id",

    CASE WHEN code NOT IN ('3001', '3023', '3099') THEN try_cast(writer AS BIGINT) END AS "process.pid",
    image                                     AS "process.executable",
    clew_base(image)                          AS "process.name",

    target                                    AS "file.path",
    clew_base(target)                         AS "file.name",
    clew_folder(target)                       AS "file.directory",
    clew_extension(target)                    AS "file.extension",
    lower(clew_text("SHA1 Flat Hash"))        AS "file.hash.sha1",
    lower(clew_text("SHA256 Flat Hash"))      AS "file.hash.sha256",
    lower(coalesce(clew_text("SHA1 Hash"), CASE WHEN length(Hash) = 40 THEN Hash END))   AS "clew.file.authentihash.sha1",
    lower(coalesce(clew_text("SHA256 Hash"), CASE WHEN length(Hash) = 64 THEN Hash END)) AS "clew.file.authentihash.sha256",
    clew_text(OriginalFileName)               AS "file.pe.original_file_name",
    clew_text(ProductName)                    AS "file.pe.product",
    clew_text(FileDescription)                AS "file.pe.description",
    clew_text(FileVersion)                    AS "file.pe.file_version",
    try_cast(coalesce(RequestedPolicy, RequestedSigningLevel, "Requested Signing Level") AS BIGINT)
                                              AS "clew.file.signing_level.requested",
    try_cast(coalesce(ValidatedPolicy, ValidatedSigningLevel, "Validated Signing Level") AS BIGINT)
                                              AS "clew.file.signing_level.validated",

    -- Of 3089. The decision before it gets them when all was gathered (see clew.entity.signatures).
    CASE WHEN VerificationError = '3' OR SignatureType = '0' AND clew_text(PublisherName) IS NULL THEN false
         WHEN SignatureType IS NOT NULL THEN true END AS "dll.code_signature.exists",
    clew_verification(VerificationError)      AS "dll.code_signature.status",
    clew_text(PublisherName)                  AS "dll.code_signature.subject_name",
    clew_text(IssuerName)                     AS "file.x509.issuer.common_name",

    clew_text(coalesce(PolicyName, PolicyNameBuffer)) AS "rule.name",
    clew_text(coalesce(PolicyID, PolicyIdBuffer))     AS "rule.id",
    clew_guid(PolicyGUID)                     AS "rule.uuid"
FROM plain
