/*
log_source: WinEventLog:System
provider: Service Control Manager
os: windows
specification: https://learn.microsoft.com/windows/win32/services/service-control-manager
channels:
  - {code: 7045, channel: EventCode=7045, component: service_creation}
header: [time, sid, account]
reads: [ServiceName, ImagePath, ServiceType, StartType, AccountName, Message]
cannot:
  process.*: told by nobody; id 4697 of the Security log has it from Windows 10 1809 on
  user.name: null where the exporter did not resolve the security id, which is in user.id
*/
WITH plain AS (
    SELECT *, clew_text(ImagePath) AS command FROM record
)
SELECT
    origin,
    clew_time(clew_cut(coalesce(time, written))) AS "@timestamp",
    try_cast(origin.record_id AS BIGINT)      AS "event.sequence",
    code                                      AS "event.code",
    NULL::VARCHAR                             AS "event.action",
    clew_text(computer)                       AS "host.name",
    clew_text(account)                        AS "user.name",
    clew_text(sid)                            AS "user.id",
    clew_text(ServiceName)                    AS "service.name",
    command                                   AS "clew.service.command_line",
    clew_program(command)                     AS "clew.service.executable",
    clew_text(ServiceType)                    AS "clew.service.type",
    clew_text(StartType)                      AS "clew.service.start_type",
    -- In NXLog's form AccountName is who wrote the record.
    clew_text(coalesce(AccountName, regexp_extract(Message, 'Service Account:\s+(.*\S)', 1))) AS "clew.service.account"
FROM plain
