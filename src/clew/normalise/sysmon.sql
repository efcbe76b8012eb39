/*
log_source: WinEventLog:Sysmon
provider: Microsoft-Windows-Sysmon
os: windows
specification: https://learn.microsoft.com/sysinternals/downloads/sysmon
channels:
  - {code: 1, channel: EventCode=1, component: process_creation}
  - {code: 3, channel: EventCode=3, component: network_connection_creation}
  - {code: 11, channel: EventCode=11, component: file_creation}
  - {code: 22, channel: EventCode=22, component: network_connection_creation}
reads:
  [UtcTime, ProcessGuid, ProcessId, Image, CommandLine, CurrentDirectory, User, Hashes, OriginalFileName, Company,
   Product, ParentProcessGuid, ParentProcessId, ParentImage, ParentCommandLine, TargetFilename, Protocol, Initiated,
   SourceIp, SourcePort, DestinationIp, DestinationHostname, DestinationPort, QueryName, QueryResults]
cannot:
  file.hash.*: Sysmon hashes what runs, not what is written (id 15 hashes only marked files)
  network.direction of DNS queries: a query has none
  destination.ip of DNS queries: an answer may have several; all stand in dns.resolved_ip
*/
-- Sysmon's own UtcTime is the time: the collector's clock is often another (by hours, in real recordings).
WITH plain AS (
    SELECT
        origin, code, computer, Hashes, CommandLine, ParentCommandLine, ProcessId, ParentProcessId, SourcePort, DestinationPort,
        clew_time(clew_cut(coalesce(UtcTime, written)))   AS happened,
        clew_guid(ProcessGuid)                            AS process,
        clew_guid(ParentProcessGuid)                      AS parent,
        clew_text(Image)                                  AS image,
        clew_text(ParentImage)                            AS parent_image,
        clew_text(CurrentDirectory)                       AS folder,
        clew_text(OriginalFileName)                       AS original,
        clew_text(TargetFilename)                         AS target,
        clew_address(SourceIp)                            AS source,
        clew_address(DestinationIp)                       AS destination,
        clew_text(coalesce(QueryName, DestinationHostname)) AS domain,
        clew_text("User")                                 AS account,
        clew_text(Company)                                AS company,
        clew_text(Product)                                AS product,
        clew_text(Protocol)                               AS transport,
        clew_boolean(Initiated)                           AS initiated,
        clew_text(QueryName)                              AS question,
        replace(clew_text(QueryResults), '::ffff:', '')   AS answers,
        origin.record_id                                  AS record_id
    FROM record
)
SELECT
    origin,
    happened                                  AS "@timestamp",
    try_cast(record_id AS BIGINT)             AS "event.sequence",
    code                                      AS "event.code",
    clew_text(computer)                       AS "host.name",
    account                                   AS "user.name",

    process                                   AS "process.entity_id",
    try_cast(ProcessId AS BIGINT)             AS "process.pid",
    image                                     AS "process.executable",
    clew_base(image)                          AS "process.name",
    clew_text(CommandLine)                    AS "process.command_line",
    folder                                    AS "process.working_directory",
    clew_hash(Hashes, 'MD5')                  AS "process.hash.md5",
    clew_hash(Hashes, 'SHA1')                 AS "process.hash.sha1",
    clew_hash(Hashes, 'SHA256')               AS "process.hash.sha256",
    clew_hash(Hashes, 'IMPHASH')              AS "process.pe.imphash",
    original                                  AS "process.pe.original_file_name",
    company                                   AS "process.pe.company",
    product                                   AS "process.pe.product",
    parent                                    AS "process.parent.entity_id",
    try_cast(ParentProcessId AS BIGINT)       AS "process.parent.pid",
    parent_image                              AS "process.parent.executable",
    clew_base(parent_image)                   AS "process.parent.name",
    clew_text(ParentCommandLine)              AS "process.parent.command_line",
    CASE WHEN code = '1' AND (clew_interpreter(clew_base(image)) OR clew_interpreter(original))
        THEN clew_absolute(clew_argument(CommandLine), folder) END AS "clew.process.script",
    CASE WHEN code = '1' THEN clew_stem(clew_base(image)) <> clew_stem(original) END AS "clew.process.renamed",

    target                                    AS "file.path",
    clew_base(target)                         AS "file.name",
    clew_folder(target)                       AS "file.directory",
    clew_extension(target)                    AS "file.extension",

    CASE initiated WHEN true THEN 'egress' WHEN false THEN 'ingress' END AS "network.direction",
    CASE WHEN code = '22' THEN 'dns' END      AS "network.protocol",
    transport                                 AS "network.transport",
    source                                    AS "source.ip",
    try_cast(SourcePort AS BIGINT)            AS "source.port",
    destination                               AS "destination.ip",
    try_cast(DestinationPort AS BIGINT)       AS "destination.port",
    domain                                    AS "destination.domain",
    coalesce(domain, destination)             AS "destination.address",
    question                                  AS "dns.question.name",
    answers                                   AS "dns.resolved_ip",
    clew_public(destination)                  AS "clew.destination.public",
    -- A name from reverse DNS is the other side's word: beside a public address it makes nothing our own.
    CASE WHEN code IN ('3', '22') THEN
        coalesce(clew_own_address(destination), false)
        OR coalesce(destination = source, false)
        OR coalesce(clew_own_name(domain, computer), false) AND NOT coalesce(clew_public(destination), false)
    END                                       AS "clew.destination.own"
FROM plain
