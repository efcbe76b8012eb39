/*
log_source: WinEventLog:PowerShell
provider: Microsoft-Windows-PowerShell
log: Microsoft-Windows-PowerShell/Operational
os: windows
specification: https://learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_logging_windows
channels:
  - {code: 4103, channel: EventCode=4103, component: command_execution}
  - {code: 4104, channel: EventCode=4104, component: command_execution}
header: [time, writer, sid, account]
reads:
  [ContextInfo, Payload, ScriptBlockText, ScriptBlockId, MessageNumber, MessageTotal, Path, Message,
   HostApplication, CommandName]
cannot:
  process.executable, process.name: the log tells the pid only; the command line of id 4103 begins with the program
  process.command_line, clew.powershell.command, user.name of id 4103: read from ContextInfo, which is in the language of
    Windows (English is read)
  user.name of id 4104: null where the exporter did not resolve the security id, which is in user.id
  clew.script.text: a long script is written in parts, each an event of its own, with one clew.script.id
  clew.script.text of id 4103: Elastic's pipeline takes the invocation apart, and it is a list in JSON then
  process.pid: OTRF's form does not have it
*/
WITH plain AS (
    SELECT *,
        -- Where NXLog could not render the data, the message has both, and ContextInfo last.
        CASE code WHEN '4103' THEN coalesce(ContextInfo, Message) END AS context,
        clew_text(coalesce(Path, clew_block(Message, 5), clew_context(context, 'Script Name'))) AS script
    FROM record
)
SELECT
    origin,
    clew_time(clew_cut(coalesce(time, written))) AS "@timestamp",
    try_cast(origin.record_id AS BIGINT)      AS "event.sequence",
    code                                      AS "event.code",
    NULL::VARCHAR                             AS "event.action",
    clew_text(computer)                       AS "host.name",
    coalesce(clew_context(context, 'User'), clew_text(account)) AS "user.name",
    clew_text(sid)                            AS "user.id",
    try_cast(writer AS BIGINT)                AS "process.pid",
    coalesce(clew_context(context, 'Host Application'), clew_text(HostApplication)) AS "process.command_line",
    script                                    AS "file.path",
    clew_base(script)                         AS "file.name",
    clew_folder(script)                       AS "file.directory",
    clew_extension(script)                    AS "file.extension",
    coalesce(clew_context(context, 'Command Name'), clew_text(CommandName)) AS "clew.powershell.command",
    nullif(CASE code WHEN '4103' THEN coalesce(Payload, regexp_extract(Message, '^(.*?)\s*\n\s*Context:', 1, 's')) ELSE coalesce(ScriptBlockText, clew_block(Message, 3)) END, '')
                                              AS "clew.script.text",
    clew_guid(coalesce(ScriptBlockId, clew_block(Message, 4))) AS "clew.script.id",
    try_cast(coalesce(MessageNumber, clew_block(Message, 1)) AS BIGINT) AS "clew.script.part",
    try_cast(coalesce(MessageTotal, clew_block(Message, 2)) AS BIGINT)  AS "clew.script.parts"
FROM plain
