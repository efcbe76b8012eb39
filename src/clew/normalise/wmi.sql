/*
log_source: WinEventLog:WMI
provider: Microsoft-Windows-WMI-Activity
log: Microsoft-Windows-WMI-Activity/Operational
os: windows
specification: https://learn.microsoft.com/windows/win32/wmisdk/tracing-wmi-activity
channels:
  - {code: 5857, channel: EventCode=5857, component: wmi_creation}
  - {code: 5858, channel: EventCode=5858, component: wmi_creation}
  - {code: 5859, channel: EventCode=5859, component: wmi_creation}
  - {code: 5860, channel: EventCode=5860, component: wmi_creation}
  - {code: 5861, channel: EventCode=5861, component: wmi_creation}
header: [time, activity, sid]
user_data: true
reads:
  [ProviderName, StartCode, HostProcess, ProcessID, ProviderPath, ClientMachine, User, ClientProcessId, Operation, ResultCode,
   NamespaceName, Namespace, Query, Provider, ESS, CONSUMER, PossibleCause, Message]
spelt: {ProcessID: Processid, ClientProcessId: ClientProcessID, StartCode: Code}
cannot:
  process.executable: id 5857 has the name of the program, the others the pid only
  process.pid of ids 5858 and 5860: of the client, null where that is another host
  user.name of id 5861: not told
  clew.wmi.query, clew.wmi.destination of id 5861: read from the instances that PossibleCause shows
  all but of ids 5857 to 5861 in English: NXLog leaves UserData out, and the message is read
*/
-- UserData in the place of EventData. What NXLog leaves in the message has other names there.
WITH plain AS (
    SELECT *,
        clew_text(coalesce(CONSUMER, clew_phrase(Message, 'Consumer'))) AS bound,
        coalesce(PossibleCause, regexp_extract(Message, '; PossibleCause = (.*)$', 1, 's')) AS cause,
        clew_text(coalesce(ClientMachine, clew_phrase(Message, 'ClientMachine'))) AS machine,
        clew_text(coalesce(ProviderPath, clew_phrase(Message, 'ProviderPath'))) AS library,
        clew_text(coalesce(HostProcess, clew_phrase(Message, 'HostProcess'))) AS host_process,
        clew_text(coalesce("User", clew_phrase(Message, 'User'), clew_phrase(Message, 'UserName'), clew_phrase(Message, 'OwnerName')))
                                               AS account
    FROM record
)
SELECT
    origin,
    clew_time(clew_cut(coalesce(time, written))) AS "@timestamp",
    try_cast(origin.record_id AS BIGINT)      AS "event.sequence",
    code                                      AS "event.code",
    NULL::VARCHAR                             AS "event.action",
    clew_error(coalesce(StartCode, ResultCode, clew_phrase(Message, 'ResultCode'),
        nullif(regexp_extract(Message, 'started with result code (\w+)', 1), ''))) AS "error.code",
    clew_guid(activity)                       AS "clew.activity.id",
    clew_text(computer)                       AS "host.name",
    CASE WHEN NOT starts_with(account, 'S-1-') THEN account END AS "user.name",
    CASE WHEN starts_with(account, 'S-1-') THEN account WHEN account IS NULL THEN clew_text(sid) END AS "user.id",
    CASE WHEN code IN ('5857', '5859') THEN
            try_cast(coalesce(ProcessID, clew_phrase(Message, 'ProcessID'), clew_phrase(Message, 'HostProcessID')) AS BIGINT)
         WHEN clew_host(machine) = clew_host(computer) OR machine IS NULL THEN
            try_cast(coalesce(ClientProcessId, ProcessID, clew_phrase(Message, 'ClientProcessId'),
                clew_phrase(Message, 'ClientProcessID')) AS BIGINT)
    END                                       AS "process.pid",
    CASE code WHEN '5857' THEN clew_base(host_process) END AS "process.name",
    library                                   AS "dll.path",
    clew_base(library)                        AS "dll.name",
    machine                                   AS "source.domain",
    clew_text(coalesce(ProviderName, Provider, clew_phrase(Message, 'Provider'),
        nullif(regexp_extract(Message, '^(.*?) provider started', 1), ''))) AS "clew.wmi.provider",
    clew_text(coalesce(NamespaceName, Namespace, clew_phrase(Message, 'Namespace'))) AS "clew.wmi.namespace",
    clew_text(coalesce(ESS, nullif(regexp_extract(Message, 'Eventfilter = (.*?) \(refer to', 1), ''))) AS "clew.wmi.filter",
    clew_text(coalesce(Query, clew_phrase(Message, 'NotificationQuery'), clew_instance(cause, 'Query')))
                                              AS "clew.wmi.query",
    clew_text(coalesce(Operation, clew_phrase(Message, 'Operation'))) AS "clew.wmi.operation",
    coalesce(nullif(regexp_extract(bound, '="(.*)"$', 1), ''), bound) AS "clew.wmi.consumer",
    nullif(regexp_extract(bound, '^(\w+)="', 1), '') AS "clew.wmi.type",
    CASE code WHEN '5861' THEN coalesce(clew_instance(cause, 'CommandLineTemplate'), clew_instance(cause, 'ExecutablePath'),
        clew_instance(cause, 'ScriptText'), clew_instance(cause, 'ScriptFileName')) END AS "clew.wmi.destination"
FROM plain
