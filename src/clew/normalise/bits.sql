/*
log_source: WinEventLog:Microsoft-Windows-Bits-Client/Operational
provider: Microsoft-Windows-Bits-Client
log: Microsoft-Windows-Bits-Client/Operational
os: windows
specification: https://learn.microsoft.com/windows/win32/bits/background-intelligent-transfer-service-portal
channels:
  - {code: 3, channel: EventCode=3, component: application_log_content}
  - {code: 59, channel: EventCode=59, component: network_connection_creation}
  - {code: 60, channel: EventCode=60, component: network_connection_creation}
  - {code: 16403, channel: EventCode=16403, component: application_log_content}
header: [time, sid, account]
reads: [jobTitle, jobId, jobOwner, processPath, processId, name, Id, url, hr, bytesTransferred, RemoteName, LocalName, User,
   string, string2, string3]
cannot:
  log_source: ATT&CK 18 names no channel of this log; the components are ours
  destination.*, network.direction: null where a file was copied on the host itself; its path stands in url.full then
  process.*: id 3, and of id 16403 the pid, name who asked for the job; the service itself transfers it (ids 59 and 60)
  file.path: id 16403 only, from Windows 10 on
  user.name of ids 59 and 60: the account of the header, where the exporter resolved it
  destination.ip, destination.port: a port that the URL does not name is that of its scheme
*/
WITH plain AS (
    SELECT *,
        -- Before Windows 10 the data of id 3 were called so.
        clew_text(coalesce(processPath, string3)) AS image,
        clew_text(coalesce(url, RemoteName))   AS address,
        clew_text(LocalName)                   AS target,
        code IN ('59', '60')                   AS is_transfer,
        lower(nullif(regexp_extract(address, '^(?:[A-Za-z][A-Za-z0-9+.-]*:)?[\\/]{2}(?:[^\\/@]*@)?(\[[^\]]*\]|[^\\/:?#]*)', 1), '')) AS host,
        lower(nullif(regexp_extract(address, '^([A-Za-z][A-Za-z0-9+.-]*)://', 1), '')) AS scheme
    FROM record
)
SELECT
    origin,
    clew_time(clew_cut(coalesce(time, written))) AS "@timestamp",
    try_cast(origin.record_id AS BIGINT)      AS "event.sequence",
    code                                      AS "event.code",
    NULL::VARCHAR                             AS "event.action",
    CASE code WHEN '60' THEN CASE WHEN clew_error(hr) IS NULL THEN 'success' ELSE 'failure' END END AS "event.outcome",
    clew_error(hr)                            AS "error.code",
    clew_text(computer)                       AS "host.name",
    coalesce(clew_text(jobOwner), clew_text(string2), clew_text("User"), clew_text(account)) AS "user.name",
    clew_text(sid)                            AS "user.id",
    try_cast(processId AS BIGINT)             AS "process.pid",
    image                                     AS "process.executable",
    clew_base(image)                          AS "process.name",
    target                                    AS "file.path",
    clew_base(target)                         AS "file.name",
    clew_folder(target)                       AS "file.directory",
    clew_extension(target)                    AS "file.extension",
    clew_text(coalesce(jobTitle, name, string))      AS "clew.job.name",
    clew_guid(coalesce(jobId, Id))            AS "clew.job.id",
    address                                   AS "url.full",
    CASE WHEN is_transfer AND host IS NOT NULL THEN 'egress' END AS "network.direction",
    scheme                                    AS "network.protocol",
    try_cast(bytesTransferred AS BIGINT)      AS "network.bytes",
    clew_host_address(host)                   AS "destination.ip",
    CASE WHEN host IS NOT NULL THEN coalesce(
        try_cast(nullif(regexp_extract(address, '^[^/]*//[^/]*?:(\d+)(?:[/?#]|$)', 1), '') AS BIGINT),
        CASE scheme WHEN 'http' THEN 80 WHEN 'https' THEN 443 END) END AS "destination.port",
    CASE WHEN clew_host_address(host) IS NULL THEN host END AS "destination.domain",
    coalesce(clew_host_address(host), host)   AS "destination.address",
    clew_public(clew_host_address(host))      AS "clew.destination.public",
    CASE WHEN host IS NOT NULL THEN
        coalesce(clew_own_address(clew_host_address(host)), clew_own_name(host, computer)) END AS "clew.destination.own"
FROM plain
