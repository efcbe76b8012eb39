/*
log_source: WinEventLog:Windows Defender
provider: Microsoft-Windows-Windows Defender
log: Microsoft-Windows-Windows Defender/Operational
os: windows
specification: https://learn.microsoft.com/defender-endpoint/troubleshoot-microsoft-defender-antivirus
channels:
  - {code: 1116, channel: EventCode=1116, component: file_metadata}
  - {code: 1117, channel: EventCode=1117, component: file_metadata}
  # ATT&CK names the log only.
  - {code: 1116, channel: Operational, component: file_metadata}
  - {code: 1116, channel: Operational log, component: file_metadata}
header: [time]
reads:
  [Threat ID, Threat Name, Category Name, Severity Name, Process Name, Detection ID, Detection User, Path, Action Name,
   Error Code, Source Name]
cannot:
  file.path: the first file that is named; all that was found stands in clew.antivirus.resources
  file.hash.*: not in this log
  process.pid: not told; the program is null where Defender says Unknown
  event.action, rule.category: in the language of Windows
*/
WITH plain AS (
    SELECT *,
        clew_text("Path")           AS resources,
        nullif(clew_text("Process Name"), 'Unknown') AS image,
        nullif(regexp_extract("Path", '(?:^|; ?)(?:container)?file:_(.*?)(?:->.*?)?(?:; ?\w+:_|;?$)', 1), '') AS target
    FROM record
)
SELECT
    origin,
    clew_time(clew_cut(coalesce(time, written))) AS "@timestamp",
    try_cast(origin.record_id AS BIGINT)      AS "event.sequence",
    code                                      AS "event.code",
    clew_text("Action Name")                  AS "event.action",
    CASE code WHEN '1117' THEN CASE WHEN clew_error("Error Code") IS NULL THEN 'success' ELSE 'failure' END END
                                              AS "event.outcome",
    clew_error("Error Code")                  AS "error.code",
    clew_text(computer)                       AS "host.name",
    clew_text("Detection User")               AS "user.name",
    clew_text("Threat Name")                  AS "rule.name",
    clew_text("Threat ID")                    AS "rule.id",
    clew_text("Category Name")                AS "rule.category",
    clew_text("Severity Name")                AS "clew.antivirus.severity",
    clew_text("Source Name")                  AS "clew.antivirus.source",
    clew_guid("Detection ID")                 AS "clew.antivirus.id",
    resources                                 AS "clew.antivirus.resources",
    image                                     AS "process.executable",
    clew_base(image)                          AS "process.name",
    target                                    AS "file.path",
    clew_base(target)                         AS "file.name",
    clew_folder(target)                       AS "file.directory",
    clew_extension(target)                    AS "file.extension"
FROM plain
