/*
log_source: WinEventLog:Application
provider: MsiInstaller
os: windows
specification: https://learn.microsoft.com/windows/win32/msi/event-logging
channels:
  - {code: 1033, channel: EventCode=1033, component: application_log_content}
  - {code: 1040, channel: EventCode=1040, component: application_log_content}
  - {code: 1042, channel: EventCode=1042, component: application_log_content}
  - {code: 11707, channel: EventCode=11707, component: application_log_content}
  - {code: 11724, channel: EventCode=11724, component: application_log_content}
header: [time, sid, account]
unnamed: true
reads: [param1, param2, param3, param4, param5, Message]
cannot:
  file.path: ids 1040 and 1042 only; of a package that is installed already it may be its product code
  package.version, clew.package.publisher: id 1033 only
  process.executable: ids 1040 and 1042 have the client's pid, the others nothing
  user.name: null where the exporter did not resolve the security id, which is in user.id
  package.*, file.path: of NXLog's form read from the message, which is in the language of Windows (English is read)
*/
-- The data have no names; where NXLog leaves them out, the message has them.
WITH plain AS (
    SELECT *,
        code IN ('1040', '1042') AS is_transaction,
        CASE WHEN is_transaction THEN clew_given(coalesce(param1, regexp_extract(Message, 'transaction: (.*?)\. Client', 1))) END AS package,
        clew_given(CASE code
            WHEN '1033' THEN coalesce(param1, regexp_extract(Message, 'Product Name: (.*?)\. Product Version:', 1))
            WHEN '11707' THEN regexp_extract(coalesce(param1, Message), '^Product: (.*?) -- ', 1)
            WHEN '11724' THEN regexp_extract(coalesce(param1, Message), '^Product: (.*?) -- ', 1) END) AS product,
        CASE code WHEN '1033' THEN coalesce(param4, regexp_extract(Message, 'error status: (\d+)', 1)) END AS status
    FROM record
)
SELECT
    origin,
    clew_time(clew_cut(coalesce(time, written))) AS "@timestamp",
    try_cast(origin.record_id AS BIGINT)      AS "event.sequence",
    code                                      AS "event.code",
    CASE code WHEN '1040' THEN 'Beginning transaction' WHEN '1042' THEN 'Ending transaction'
        WHEN '11724' THEN 'Removed' ELSE 'Installed' END AS "event.action",
    CASE WHEN code IN ('11707', '11724') OR try_cast(status AS BIGINT) = 0 THEN 'success'
        WHEN try_cast(status AS BIGINT) <> 0 THEN 'failure' END AS "event.outcome",
    clew_error(status)                        AS "error.code",
    clew_text(computer)                       AS "host.name",
    clew_text(account)                        AS "user.name",
    clew_text(sid)                            AS "user.id",
    CASE WHEN is_transaction THEN try_cast(coalesce(param2, regexp_extract(Message, 'Process Id: (\d+)', 1)) AS BIGINT) END
                                              AS "process.pid",
    package                                   AS "file.path",
    clew_base(package)                        AS "file.name",
    clew_folder(package)                      AS "file.directory",
    clew_extension(package)                   AS "file.extension",
    product                                   AS "package.name",
    CASE code WHEN '1033' THEN clew_given(coalesce(param2, regexp_extract(Message, 'Product Version: (.*?)\. Product Language:', 1))) END
                                              AS "package.version",
    CASE code WHEN '1033' THEN clew_given(coalesce(param5, regexp_extract(Message, 'Manufacturer: (.*?)\. Installation success', 1))) END
                                              AS "clew.package.publisher"
FROM plain
