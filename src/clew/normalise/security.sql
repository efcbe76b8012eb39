/*
log_source: WinEventLog:Security
provider: Microsoft-Windows-Security-Auditing
log: Security
os: windows
specification: https://learn.microsoft.com/previous-versions/windows/it-pro/windows-10/security/threat-protection/auditing/advanced-security-audit-policy-settings
channels:
  - {code: 4657, channel: EventCode=4657, component: windows_registry_key_modification}
  - {code: 4663, channel: EventCode=4663, component: file_access, action: File access}
  - {code: 4663, channel: EventCode=4663, component: file_modification, action: File write}
  - {code: 4663, channel: EventCode=4663, component: file_metadata, action: File metadata}
  - {code: 4663, channel: EventCode=4663, component: file_deletion, action: File delete}
  - {code: 4663, channel: EventCode=4663, component: windows_registry_key_access, action: Key access}
  - {code: 4663, channel: EventCode=4663, component: windows_registry_key_modification, action: Key write}
  - {code: 4663, channel: EventCode=4663, component: windows_registry_key_deletion, action: Key delete}
  - {code: 4663, channel: EventCode=4663, component: process_access, action: Process access}
  - {code: 4663, channel: EventCode=4663, component: os_api_execution}
  - {code: 4688, channel: EventCode=4688, component: process_creation}
  - {code: 4689, channel: EventCode=4689, component: process_termination}
  - {code: 4697, channel: EventCode=4697, component: service_creation}
  - {code: 4698, channel: EventCode=4698, component: scheduled_job_creation}
  - {code: 5156, channel: EventCode=5156, component: network_connection_creation, tells: addresses}
header: [time]
reads:
  [SubjectUserSid, SubjectUserName, SubjectDomainName, SubjectLogonId,
   TargetUserSid, TargetUserName, TargetDomainName, TargetLogonId,
   NewProcessId, NewProcessName, ProcessId, ProcessName, ParentProcessName, CommandLine, MandatoryLabel, TokenElevationType,
   Status, Application, Direction, SourceAddress, SourcePort, DestAddress, DestPort, Protocol, Message,
   ServiceName, ServiceFileName, ServiceType, ServiceStartType, ServiceAccount, TaskName, TaskContent,
   ClientProcessId, ParentProcessId, ObjectType, ObjectName, ObjectValueName, OperationType, NewValueType, NewValue, AccessMask]
spelt: {ProcessId: ProcessID}
cannot:
  process.entity_id: the log has pids only; of id 4688 it is host, pid and time
  process.command_line: where the policy "Include command line in process creation events" is off
  process.parent.executable: from Windows 10 and Server 2016 on
  process.parent.user.name: who asked for the process, which is seldom another one than who owns the parent
  process.hash.*, process.pe.*, process.working_directory, clew.process.renamed: not in this log
  process.executable of id 5156: stands as \device\harddiskvolume2\..., in small letters, as Windows writes it
  process.pid of ids 4697 and 4698: from Windows 10 1809 on
  user.name of id 5156: not told
  destination.domain: not told
  file.path of id 4663: of what was opened with auditing on; a file that was renamed goes by its old name
  clew.target.process.pid of id 4663: Windows tells the image only
  registry.path: HKLM\SYSTEM\ControlSet001 is taken for CurrentControlSet, as Sysmon does
  event.action of id 4663: ours, by the kind of the object and the right that was used
*/
WITH plain AS (
    SELECT *,
        clew_time(clew_cut(coalesce(time, written)))      AS happened,
        code = '4688'                                     AS makes,
        clew_account(SubjectDomainName, SubjectUserName)  AS subject,
        clew_account(TargetDomainName, TargetUserName)    AS target,
        -- NXLog's own ProcessID once took the place of this one, in small letters too.
        coalesce(ProcessId, nullif(regexp_extract(Message, '(?:\n|Creator |\t)Process ID:\s+(\w+)', 1), '')) AS told,
        nullif(try_cast(CASE code WHEN '4688' THEN NewProcessId
            WHEN '4697' THEN ClientProcessId WHEN '4698' THEN ClientProcessId ELSE told END AS BIGINT), 0) AS pid,
        nullif(try_cast(CASE code WHEN '4688' THEN told WHEN '4697' THEN ParentProcessId
            WHEN '4698' THEN ParentProcessId END AS BIGINT), 0) AS parent_pid,
        clew_text(CASE code WHEN '4688' THEN NewProcessName WHEN '5156' THEN Application ELSE ProcessName END) AS image,
        clew_text(ParentProcessName)                      AS parent_image,
        clew_text(CommandLine)                            AS command,
        clew_address(SourceAddress)                       AS source_ip,
        clew_address(DestAddress)                         AS destination_ip,
        CASE WHEN code = '4663' THEN try_cast(AccessMask AS BIGINT) END AS mask,
        CASE WHEN ObjectType = 'File' THEN clew_text(ObjectName) END AS file,
        CASE WHEN ObjectType = 'Process' THEN clew_text(ObjectName) END AS opened,
        CASE WHEN code = '4657' OR ObjectType = 'Key' THEN clew_hive(clew_text(ObjectName)) END AS key,
        clew_text(ObjectValueName)                        AS value,
        clew_text(ServiceFileName)                        AS service_command,
        clew_unescaped(clew_text(TaskContent))            AS task,
        CASE OperationType WHEN '%%1904' THEN 'CreateValue' WHEN '%%1905' THEN 'SetValue' WHEN '%%1906' THEN 'DeleteValue' END
                                                          AS operation,
        clew_value_type(NewValueType)                     AS kind
    FROM record
)
SELECT
    origin,
    happened                                  AS "@timestamp",
    try_cast(origin.record_id AS BIGINT)      AS "event.sequence",
    code                                      AS "event.code",
    CASE code WHEN '4657' THEN operation WHEN '4663' THEN clew_access(ObjectType, mask) END AS "event.action",
    clew_text(computer)                       AS "host.name",
    CASE WHEN makes THEN coalesce(target, subject) ELSE subject END AS "user.name",
    nullif(CASE WHEN makes AND target IS NOT NULL THEN TargetUserSid ELSE SubjectUserSid END, 'S-1-0-0') AS "user.id",
    clew_text(CASE WHEN makes AND target IS NOT NULL THEN TargetLogonId ELSE SubjectLogonId END) AS "clew.logon.id",

    CASE WHEN makes THEN clew_process(computer, pid, happened) END AS "process.entity_id",
    pid                                       AS "process.pid",
    image                                     AS "process.executable",
    clew_base(image)                          AS "process.name",
    command                                   AS "process.command_line",
    CASE code WHEN '4689' THEN try_cast(Status AS BIGINT) END AS "process.exit_code",
    CASE WHEN parent_pid <> pid THEN parent_pid END AS "process.parent.pid",
    parent_image                              AS "process.parent.executable",
    clew_base(parent_image)                   AS "process.parent.name",
    CASE WHEN makes THEN subject END          AS "process.parent.user.name",
    CASE WHEN makes AND clew_interpreter(clew_base(image)) THEN clew_absolute(clew_argument(command), NULL) END
                                              AS "clew.process.script",
    clew_integrity(MandatoryLabel)            AS "clew.process.integrity_level",
    CASE TokenElevationType WHEN '%%1936' THEN 'Default' WHEN '%%1937' THEN 'Full' WHEN '%%1938' THEN 'Limited' END
                                              AS "clew.process.token_elevation",
    CASE WHEN opened IS NOT NULL THEN clew_text(AccessMask) END AS "clew.process.granted_access",
    clew_text(AccessMask)                     AS "clew.access.mask",
    CASE code WHEN '4663' THEN clew_text(ObjectType) END AS "clew.access.object_type",
    opened                                    AS "clew.target.process.executable",
    clew_base(opened)                         AS "clew.target.process.name",

    file                                      AS "file.path",
    clew_base(file)                           AS "file.name",
    clew_folder(file)                         AS "file.directory",
    clew_extension(file)                      AS "file.extension",

    CASE WHEN value IS NULL THEN key ELSE key || '\' || value END AS "registry.path",
    key                                       AS "registry.key",
    value                                     AS "registry.value",
    CASE WHEN kind IN ('REG_DWORD', 'REG_QWORD') THEN try_cast(NewValue AS UBIGINT)::VARCHAR
        ELSE clew_text(NewValue) END          AS "registry.data.strings",
    kind                                      AS "registry.data.type",
    clew_registry_program(NewValue)           AS "clew.registry.executable",

    clew_text(ServiceName)                    AS "service.name",
    service_command                           AS "clew.service.command_line",
    clew_program(service_command)             AS "clew.service.executable",
    CASE try_cast(ServiceType AS BIGINT) WHEN 1 THEN 'kernel mode driver' WHEN 2 THEN 'file system driver'
        ELSE CASE WHEN code = '4697' THEN 'user mode service' END END AS "clew.service.type",
    CASE ServiceStartType WHEN '0' THEN 'boot start' WHEN '1' THEN 'system start' WHEN '2' THEN 'auto start'
        WHEN '3' THEN 'demand start' WHEN '4' THEN 'disabled' END AS "clew.service.start_type",
    clew_text(ServiceAccount)                 AS "clew.service.account",
    clew_text(TaskName)                       AS "clew.task.name",
    task                                      AS "clew.task.content",
    clew_task(task)                           AS "clew.task.command_line",
    clew_element(task, 'Command')             AS "clew.task.executable",

    CASE Direction WHEN '%%14592' THEN 'ingress' WHEN '%%14593' THEN 'egress' END AS "network.direction",
    CASE Protocol WHEN '6' THEN 'tcp' WHEN '17' THEN 'udp' WHEN '1' THEN 'icmp' WHEN '58' THEN 'ipv6-icmp' END
                                              AS "network.transport",
    source_ip                                 AS "source.ip",
    try_cast(SourcePort AS BIGINT)            AS "source.port",
    destination_ip                            AS "destination.ip",
    try_cast(DestPort AS BIGINT)              AS "destination.port",
    destination_ip                            AS "destination.address",
    clew_public(destination_ip)               AS "clew.destination.public",
    clew_own_address(destination_ip) OR coalesce(destination_ip = source_ip, false) AS "clew.destination.own"
FROM plain
