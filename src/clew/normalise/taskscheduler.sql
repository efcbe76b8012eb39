/*
log_source: WinEventLog:TaskScheduler
provider: Microsoft-Windows-TaskScheduler
log: Microsoft-Windows-TaskScheduler/Operational
os: windows
specification: https://learn.microsoft.com/windows/win32/taskschd/task-scheduler-start-page
channels:
  - {code: 106, channel: EventCode=106, component: scheduled_job_creation}
  - {code: 140, channel: EventCode=140, component: scheduled_job_modification}
  - {code: 200, channel: EventCode=200, component: scheduled_job_metadata}
  - {code: 201, channel: EventCode=201, component: scheduled_job_metadata}
header: [time]
reads: [TaskName, UserContext, UserName, ActionName, TaskInstanceId, ResultCode]
cannot:
  process.*: the log tells the task, not the process that it became (id 129 does, which ATT&CK does not name)
  user.name of ids 200 and 201: not told
  clew.task.executable: ids 200 and 201 only; of a COM handler its name is no path, and stands in event.action alone
*/
WITH plain AS (
    SELECT *, clew_text(coalesce(UserContext, UserName)) AS account, clew_text(ActionName) AS action FROM record
)
SELECT
    origin,
    clew_time(clew_cut(coalesce(time, written))) AS "@timestamp",
    try_cast(origin.record_id AS BIGINT)      AS "event.sequence",
    code                                      AS "event.code",
    action                                    AS "event.action",
    CASE code WHEN '201' THEN CASE WHEN clew_error(ResultCode) IS NULL THEN 'success' ELSE 'failure' END END
                                              AS "event.outcome",
    clew_error(ResultCode)                    AS "error.code",
    clew_text(computer)                       AS "host.name",
    CASE WHEN NOT starts_with(account, 'S-1-') THEN account END AS "user.name",
    CASE WHEN starts_with(account, 'S-1-') THEN account END     AS "user.id",
    clew_text(TaskName)                       AS "clew.task.name",
    clew_guid(TaskInstanceId)                 AS "clew.task.id",
    CASE WHEN contains(action, '\') OR regexp_matches(action, '(?i)\.(exe|com|bat|cmd|ps1|vbs|js)"?$')
        THEN trim(action, '"') END            AS "clew.task.executable"
FROM plain
