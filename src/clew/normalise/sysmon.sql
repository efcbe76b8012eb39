/*
log_source: WinEventLog:Sysmon
provider: Microsoft-Windows-Sysmon
log: Microsoft-Windows-Sysmon/Operational
os: windows
specification: https://learn.microsoft.com/sysinternals/downloads/sysmon
channels:
  - {code: 1, channel: EventCode=1, component: process_creation}
  - {code: 2, channel: EventCode=2, component: file_modification}
  - {code: 3, channel: EventCode=3, component: network_connection_creation, tells: addresses}
  - {code: 4, channel: EventCode=4, component: service_metadata}
  - {code: 5, channel: EventCode=5, component: process_termination}
  - {code: 6, channel: EventCode=6, component: driver_load}
  - {code: 7, channel: EventCode=7, component: module_load}
  - {code: 8, channel: EventCode=8, component: process_modification}
  - {code: 9, channel: EventCode=9, component: drive_access}
  - {code: 10, channel: EventCode=10, component: process_access}
  - {code: 11, channel: EventCode=11, component: file_creation}
  - {code: 12, channel: EventCode=12, component: windows_registry_key_creation}
  - {code: 12, channel: EventCode=12, component: windows_registry_key_deletion, action: DeleteKey, text: DeleteKey}
  - {code: 12, channel: EventCode=12, component: windows_registry_key_modification, action: DeleteValue, text: DeleteValue}
  - {code: 13, channel: EventCode=13, component: windows_registry_key_modification}
  - {code: 14, channel: EventCode=14, component: windows_registry_key_modification}
  - {code: 15, channel: EventCode=15, component: file_metadata}
  - {code: 16, channel: EventCode=16, component: host_status}
  - {code: 17, channel: EventCode=17, component: named_pipe_metadata}
  - {code: 18, channel: EventCode=18, component: named_pipe_metadata}
  - {code: 19, channel: EventCode=19, component: wmi_creation}
  - {code: 20, channel: EventCode=20, component: wmi_creation}
  - {code: 21, channel: EventCode=21, component: wmi_creation}
  - {code: 22, channel: EventCode=22, component: network_connection_creation, tells: names}
  - {code: 23, channel: EventCode=23, component: file_deletion}
  - {code: 24, channel: EventCode=24, component: os_api_execution}
  - {code: 25, channel: EventCode=25, component: process_access}
  - {code: 26, channel: EventCode=26, component: file_deletion}
  - {code: 27, channel: EventCode=27, component: file_creation}
  - {code: 28, channel: EventCode=28, component: file_deletion}
  - {code: 29, channel: EventCode=29, component: file_creation}
  - {code: 255, channel: EventCode=255, component: host_status}
reads:
  [RuleName, EventType, UtcTime, ProcessGuid, ProcessId, Image, User, CommandLine, CurrentDirectory, LogonId,
   IntegrityLevel, Hashes, Hash, OriginalFileName, Company, Product, Description, FileVersion,
   ParentProcessGuid, ParentProcessId, ParentImage, ParentCommandLine, ParentUser,
   SourceProcessGuid, SourceProcessId, SourceThreadId, SourceImage, SourceUser, TargetProcessGuid, TargetProcessId,
   TargetImage, TargetUser, GrantedAccess, CallTrace, NewThreadId, StartAddress, StartModule, StartFunction,
   TargetFilename, CreationUtcTime, PreviousCreationUtcTime, IsExecutable, Contents, Device, PipeName,
   ImageLoaded, Signed, Signature, SignatureStatus, TargetObject, Details, NewName,
   Protocol, Initiated, SourceIp, SourceHostname, SourcePort, SourcePortName,
   DestinationIp, DestinationHostname, DestinationPort, DestinationPortName, QueryName, QueryStatus, QueryResults,
   Operation, EventNamespace, Name, Query, Type, Destination, Consumer, Filter,
   State, Version, Configuration, ConfigurationFileHash, ClientInfo, ID]
spelt: {SourceProcessGuid: SourceProcessGUID, TargetProcessGuid: TargetProcessGUID}
cannot:
  file.hash.* of ids 2 and 11: Sysmon hashes what runs, is deleted, or is an executable (id 29), not all that is written
  process.hash.* and process.pe.* but of id 1: other ids only name the process
  process.* of ids 6 and 19 to 21: a driver belongs to nobody, and WMI tells only the account
  user.name of ids 5, 7, 9, 11 to 15, 17, 18, 22 and 25: Sysmon tells it from version 13.30 on
  process.parent.user.name, clew.target.user.name: from version 13.30 on
  network.direction of DNS queries: a query has none
  destination.ip of DNS queries: an answer may have several; all stand in dns.resolved_ip
  dns.response_code: null where no server answered (a timeout, or Windows knew of no such record)
  registry.value: where the name of a value holds a backslash, only its last part, unless it is a path with a drive
  registry.data.strings: Sysmon cuts binary data and lists of texts, and shows neither
  process.thread.id: told by id 10 only
  event.action of ids 12 to 14, 17 and 18: some exports left EventType out; an id 12 without it counts as a creation
*/
-- Sysmon's own UtcTime is the time: the collector's clock is often another (by hours, in real recordings).
-- Some dialects have one name for several fields (Image, SourceImage), so what a field means depends on the id.
WITH plain AS (
    SELECT
        origin, code, computer, CommandLine, ParentCommandLine, ParentProcessId, SourcePort, DestinationPort,
        OriginalFileName, Company, Product, Description, FileVersion, Signed, SignatureStatus, Signature,
        TargetProcessId, NewThreadId, StartAddress, StartModule, StartFunction, GrantedAccess, CallTrace, LogonId,
        IntegrityLevel, CreationUtcTime, PreviousCreationUtcTime, IsExecutable, Contents, NewName, State, Version,
        Configuration, EventNamespace, Query, Type, Destination, Consumer, Filter, ClientInfo, RuleName,
        SourceThreadId, ParentUser, TargetUser, ID,
        code IN ('8', '10')                               AS acts_on_another,
        code = '13' OR EventType IN ('CreateValue', 'DeleteValue', 'RenameValue') AS of_value,
        clew_time(clew_cut(coalesce(UtcTime, written)))   AS happened,
        clew_guid(CASE WHEN acts_on_another THEN SourceProcessGuid ELSE ProcessGuid END) AS process,
        try_cast(CASE WHEN acts_on_another THEN SourceProcessId ELSE ProcessId END AS BIGINT) AS pid,
        CASE WHEN code NOT IN ('6', '19', '20', '21')
            THEN clew_text(CASE WHEN acts_on_another THEN SourceImage ELSE Image END) END AS image,
        clew_text(CASE WHEN acts_on_another THEN coalesce(SourceUser, "User") ELSE "User" END) AS account,
        clew_guid(ParentProcessGuid)                      AS parent,
        clew_text(ParentImage)                            AS parent_image,
        clew_text(TargetImage)                            AS target_image,
        clew_guid(TargetProcessGuid)                      AS target_process,
        clew_text(CurrentDirectory)                       AS folder,
        clew_text(OriginalFileName)                       AS original,
        CASE code WHEN '16' THEN ConfigurationFileHash ELSE coalesce(Hashes, Hash) END AS hashes,
        clew_text(CASE code WHEN '9' THEN Device WHEN '6' THEN NULL WHEN '7' THEN NULL
            ELSE TargetFilename END)                      AS target,
        CASE WHEN code IN ('6', '7') THEN clew_text(ImageLoaded) END AS module,
        CASE WHEN code IN ('17', '18') THEN replace(replace(clew_text(PipeName), '&lt;', '<'), '&gt;', '>') END AS pipe,
        CASE WHEN code IN ('12', '13', '14') THEN clew_text(TargetObject) END AS object,
        CASE WHEN code = '13' THEN nullif(Details, '') END AS details,
        -- NXLog has a field of its own with the name EventType.
        clew_text(CASE code WHEN '12' THEN EventType WHEN '13' THEN EventType WHEN '14' THEN EventType
            WHEN '17' THEN EventType WHEN '18' THEN EventType WHEN '25' THEN Type
            ELSE Operation END)                           AS action,
        clew_literal(clew_text(Name))                     AS wmi_name,
        clew_address(SourceIp)                            AS source_ip,
        clew_address(DestinationIp)                       AS destination_ip,
        clew_text(coalesce(QueryName, DestinationHostname)) AS domain,
        clew_text(SourceHostname)                         AS source_name,
        clew_text(Protocol)                               AS transport,
        coalesce(clew_text(DestinationPortName), clew_text(SourcePortName)) AS port_name,
        clew_boolean(Initiated)                           AS initiated,
        clew_text(QueryName)                              AS question,
        clew_text(QueryResults)                           AS answers,
        clew_text(QueryStatus)                            AS query_status
    FROM record
)
SELECT
    origin,
    happened                                  AS "@timestamp",
    try_cast(origin.record_id AS BIGINT)      AS "event.sequence",
    code                                      AS "event.code",
    action                                    AS "event.action",
    CASE WHEN code IN ('27', '28') THEN 'failure' END AS "event.outcome",
    clew_text(RuleName)                       AS "rule.name",
    clew_text(computer)                       AS "host.name",
    account                                   AS "user.name",
    clew_text(LogonId)                        AS "clew.logon.id",

    process                                   AS "process.entity_id",
    pid                                       AS "process.pid",
    image                                     AS "process.executable",
    clew_base(image)                          AS "process.name",
    clew_text(CommandLine)                    AS "process.command_line",
    folder                                    AS "process.working_directory",
    CASE code WHEN '1' THEN clew_hash(hashes, 'MD5') END     AS "process.hash.md5",
    CASE code WHEN '1' THEN clew_hash(hashes, 'SHA1') END    AS "process.hash.sha1",
    CASE code WHEN '1' THEN clew_hash(hashes, 'SHA256') END  AS "process.hash.sha256",
    CASE code WHEN '1' THEN clew_hash(hashes, 'IMPHASH') END AS "process.pe.imphash",
    CASE code WHEN '1' THEN original END                     AS "process.pe.original_file_name",
    CASE code WHEN '1' THEN clew_text(Company) END           AS "process.pe.company",
    CASE code WHEN '1' THEN clew_text(Product) END           AS "process.pe.product",
    CASE code WHEN '1' THEN clew_text(Description) END       AS "process.pe.description",
    CASE code WHEN '1' THEN clew_text(FileVersion) END       AS "process.pe.file_version",
    CASE code WHEN '10' THEN try_cast(SourceThreadId AS BIGINT) END AS "process.thread.id",
    parent                                    AS "process.parent.entity_id",
    try_cast(ParentProcessId AS BIGINT)       AS "process.parent.pid",
    parent_image                              AS "process.parent.executable",
    clew_base(parent_image)                   AS "process.parent.name",
    clew_text(ParentCommandLine)              AS "process.parent.command_line",
    clew_text(ParentUser)                     AS "process.parent.user.name",
    CASE WHEN code = '1' AND (clew_interpreter(clew_base(image)) OR clew_interpreter(original))
        THEN clew_absolute(clew_argument(CommandLine), folder) END AS "clew.process.script",
    CASE WHEN code = '1' THEN clew_stem(clew_base(image)) <> clew_stem(original) END AS "clew.process.renamed",
    clew_text(IntegrityLevel)                 AS "clew.process.integrity_level",
    clew_text(GrantedAccess)                  AS "clew.process.granted_access",
    clew_text(CallTrace)                      AS "clew.process.call_trace",

    target_process                            AS "clew.target.process.entity_id",
    try_cast(TargetProcessId AS BIGINT)       AS "clew.target.process.pid",
    target_image                              AS "clew.target.process.executable",
    clew_base(target_image)                   AS "clew.target.process.name",
    clew_text(TargetUser)                     AS "clew.target.user.name",
    try_cast(NewThreadId AS BIGINT)           AS "clew.target.thread.id",
    clew_text(StartAddress)                   AS "clew.target.thread.start_address",
    clew_text(StartModule)                    AS "clew.target.thread.start_module",
    clew_text(StartFunction)                  AS "clew.target.thread.start_function",

    target                                    AS "file.path",
    coalesce(pipe, clew_base(target))         AS "file.name",
    clew_folder(target)                       AS "file.directory",
    clew_extension(target)                    AS "file.extension",
    CASE WHEN code NOT IN ('1', '6', '7') THEN clew_hash(hashes, 'MD5') END     AS "file.hash.md5",
    CASE WHEN code NOT IN ('1', '6', '7') THEN clew_hash(hashes, 'SHA1') END    AS "file.hash.sha1",
    CASE WHEN code NOT IN ('1', '6', '7') THEN clew_hash(hashes, 'SHA256') END  AS "file.hash.sha256",
    CASE WHEN code NOT IN ('1', '6', '7') THEN clew_hash(hashes, 'IMPHASH') END AS "file.pe.imphash",
    clew_text(CreationUtcTime)                AS "file.created",
    clew_text(PreviousCreationUtcTime)        AS "clew.file.previously_created",
    clew_boolean(IsExecutable)                AS "clew.file.executable",
    clew_text(Contents)                       AS "clew.file.contents",
    clew_line(Contents, 'HostUrl')            AS "file.origin_url",
    clew_line(Contents, 'ReferrerUrl')        AS "file.origin_referrer_url",

    module                                    AS "dll.path",
    clew_base(module)                         AS "dll.name",
    CASE WHEN code IN ('6', '7') THEN clew_hash(hashes, 'MD5') END     AS "dll.hash.md5",
    CASE WHEN code IN ('6', '7') THEN clew_hash(hashes, 'SHA1') END    AS "dll.hash.sha1",
    CASE WHEN code IN ('6', '7') THEN clew_hash(hashes, 'SHA256') END  AS "dll.hash.sha256",
    CASE WHEN code IN ('6', '7') THEN clew_hash(hashes, 'IMPHASH') END AS "dll.pe.imphash",
    CASE code WHEN '7' THEN original END                AS "dll.pe.original_file_name",
    CASE code WHEN '7' THEN clew_text(Company) END      AS "dll.pe.company",
    CASE code WHEN '7' THEN clew_text(Product) END      AS "dll.pe.product",
    CASE code WHEN '7' THEN clew_text(Description) END  AS "dll.pe.description",
    CASE code WHEN '7' THEN clew_text(FileVersion) END  AS "dll.pe.file_version",
    -- "failed: Invalid hash" stands where a signature is there but is not that of the file.
    CASE WHEN starts_with(Signed, 'failed') THEN true ELSE clew_boolean(Signed) END AS "dll.code_signature.exists",
    coalesce(clew_text(SignatureStatus), CASE WHEN starts_with(Signed, 'failed') THEN Signed END)
                                              AS "dll.code_signature.status",
    clew_text(Signature)                      AS "dll.code_signature.subject_name",
    CASE code WHEN '7' THEN lower(module) = lower(image) END AS "clew.dll.is_program",

    object                                    AS "registry.path",
    CASE WHEN of_value THEN clew_registry_key(object) ELSE object END AS "registry.key",
    CASE WHEN of_value THEN clew_registry_value(object) END AS "registry.value",
    clew_registry_data(details)               AS "registry.data.strings",
    clew_registry_type(details)               AS "registry.data.type",
    clew_registry_program(details)            AS "clew.registry.executable",
    clew_text(NewName)                        AS "clew.registry.new_path",

    CASE code WHEN '19' THEN clew_literal(EventNamespace) END AS "clew.wmi.namespace",
    CASE code WHEN '19' THEN wmi_name WHEN '21' THEN clew_wmi_name(clew_literal(Filter)) END AS "clew.wmi.filter",
    CASE code WHEN '19' THEN clew_literal(Query) END AS "clew.wmi.query",
    CASE code WHEN '20' THEN wmi_name WHEN '21' THEN clew_wmi_name(clew_literal(Consumer)) END AS "clew.wmi.consumer",
    CASE code WHEN '20' THEN clew_text(Type) END AS "clew.wmi.type",
    CASE code WHEN '20' THEN clew_literal(Destination) END AS "clew.wmi.destination",
    CASE WHEN code IN ('4', '16', '255') THEN 'Sysmon' END AS "service.name",
    CASE code WHEN '4' THEN clew_text(State) END    AS "service.state",
    -- In NXLog's form Version is that of the record's template, a whole number.
    CASE WHEN code = '4' AND contains(Version, '.') THEN Version END AS "service.version",
    CASE code WHEN '16' THEN clew_text(Configuration) END AS "clew.service.configuration",
    CASE code WHEN '24' THEN clew_text(ClientInfo) END AS "clew.clipboard.client",
    CASE code WHEN '255' THEN clew_text(ID) END          AS "error.code",
    CASE code WHEN '255' THEN clew_text(Description) END AS "error.message",

    CASE initiated WHEN true THEN 'egress' WHEN false THEN 'ingress' END AS "network.direction",
    CASE code WHEN '22' THEN 'dns' WHEN '3' THEN port_name END AS "network.protocol",
    transport                                 AS "network.transport",
    source_ip                                 AS "source.ip",
    try_cast(SourcePort AS BIGINT)            AS "source.port",
    source_name                               AS "source.domain",
    destination_ip                            AS "destination.ip",
    try_cast(DestinationPort AS BIGINT)       AS "destination.port",
    domain                                    AS "destination.domain",
    coalesce(domain, destination_ip)           AS "destination.address",
    question                                  AS "dns.question.name",
    clew_addresses(answers)                   AS "dns.resolved_ip",
    clew_dns_code(query_status)               AS "dns.response_code",
    clew_public(destination_ip)               AS "clew.destination.public",
    CASE WHEN code IN ('3', '22') THEN clew_own_of_host(source_ip, destination_ip, domain, computer) END
                                              AS "clew.destination.own"
FROM plain
