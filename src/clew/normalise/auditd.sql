/*
log_source: auditd:SYSCALL
provider: auditd
specification: https://github.com/linux-audit/audit-documentation
os: linux
channels:
  - {code: execve, channel: execve, component: process_creation}
  - {code: execveat, channel: execveat, component: process_creation}
  - {code: execve, channel: execve, component: process_creation, source: "auditd:EXECVE"}
  - {code: execve, channel: EXECVE, component: process_creation, source: "auditd:EXECVE"}
  - {code: fork, channel: fork, component: os_api_execution, tells: forks}
  - {code: vfork, channel: vfork, component: os_api_execution, tells: forks}
  - {code: clone, channel: clone, component: os_api_execution, tells: forks}
  - {code: clone3, channel: clone3, component: os_api_execution, tells: forks}
  - {code: exit_group, channel: exit_group, component: process_termination}
  - {code: connect, channel: connect, component: network_connection_creation}
  - {code: sendto, channel: sendto, component: network_connection_creation}
  - {code: sendmsg, channel: sendmsg, component: network_connection_creation}
  - {code: accept, channel: accept, component: network_connection_creation}
  - {code: accept4, channel: accept4, component: network_connection_creation}
  - {code: bind, channel: bind, component: network_connection_creation}
  - {code: open, channel: open, component: file_access}
  - {code: open/write, channel: open, component: file_modification}
  - {code: open/create, channel: open, component: file_creation}
  - {code: openat, channel: openat, component: file_access}
  - {code: openat/write, channel: openat, component: file_modification}
  - {code: openat/create, channel: openat, component: file_creation}
  - {code: openat2, channel: openat2, component: file_access}
  - {code: openat2/write, channel: openat2, component: file_modification}
  - {code: openat2/create, channel: openat2, component: file_creation}
  - {code: creat/write, channel: creat, component: file_modification}
  - {code: creat/create, channel: creat, component: file_creation}
  - {code: link, channel: link, component: file_creation}
  - {code: linkat, channel: linkat, component: file_creation}
  - {code: symlink, channel: symlink, component: file_creation}
  - {code: symlinkat, channel: symlinkat, component: file_creation}
  - {code: rename, channel: rename, component: file_modification}
  - {code: renameat, channel: renameat, component: file_modification}
  - {code: renameat2, channel: renameat2, component: file_modification}
  - {code: truncate, channel: truncate, component: file_modification}
  - {code: ftruncate, channel: ftruncate, component: file_modification}
  - {code: unlink, channel: unlink, component: file_deletion}
  - {code: unlinkat, channel: unlinkat, component: file_deletion}
  - {code: rmdir, channel: rmdir, component: file_deletion}
  - {code: chmod, channel: chmod, component: file_metadata}
  - {code: fchmod, channel: fchmod, component: file_metadata}
  - {code: fchmodat, channel: fchmodat, component: file_metadata}
  - {code: fchmodat2, channel: fchmodat2, component: file_metadata}
  - {code: chown, channel: chown, component: file_metadata}
  - {code: fchown, channel: fchown, component: file_metadata}
  - {code: fchownat, channel: fchownat, component: file_metadata}
  - {code: lchown, channel: lchown, component: file_metadata}
  - {code: setxattr, channel: setxattr, component: file_metadata}
  - {code: lsetxattr, channel: lsetxattr, component: file_metadata}
  - {code: fsetxattr, channel: fsetxattr, component: file_metadata}
  - {code: open, channel: PATH, component: file_access, source: "auditd:PATH"}
  - {code: open/create, channel: PATH, component: file_creation, source: "auditd:PATH"}
  - {code: open/write, channel: PATH, component: file_modification, source: "auditd:PATH"}
  - {code: chmod, channel: PATH, component: file_metadata, source: "auditd:PATH"}
  - {code: ptrace/attach, channel: ptrace, component: process_access}
  - {code: ptrace/write, channel: ptrace, component: process_access}
  - {code: process_vm_readv, channel: process_vm_readv, component: process_access}
  - {code: process_vm_writev, channel: process_vm_writev, component: process_access}
  - {code: init_module, channel: init_module, component: kernel_module_load}
  - {code: finit_module, channel: finit_module, component: kernel_module_load}
  - {code: mount, channel: mount, component: os_api_execution}
  - {code: setns, channel: setns, component: os_api_execution}
  - {code: unshare, channel: unshare, component: os_api_execution}
  - {code: keyctl, channel: keyctl, component: os_api_execution}
  - {code: bpf, channel: bpf, component: os_api_execution}
  - {code: pivot_root, channel: pivot_root, component: os_api_execution}
  - {code: chroot, channel: chroot, component: os_api_execution}
  - {code: memfd_create, channel: memfd_create, component: os_api_execution}
  - {code: USER_LOGIN, channel: USER_LOGIN, component: logon_session_metadata, source: "auditd:USER_LOGIN"}
reads:
  [call, command, cwd, path, former, ip, port, module, fields.success, fields.exit, fields.a0, fields.a1, fields.pid,
   fields.ppid, fields.uid, fields.exe, fields.comm, fields.ses, enriched.UID, enriched.ID, fields.msg.acct, fields.msg.exe,
   fields.msg.addr, fields.msg.res]
cannot:
  host.id, host.name: where auditd does not write node= (name_format) and no syslog names it; all such records are of one, localhost
  process.entity_id: the kernel tells pids only; of a creation it is host, pid and time
  process.command_line: of a creation, where its EXECVE is there; of PROCTITLE no more than 128 bytes
  process.parent.executable: a record has its parent's pid only
  process.executable of what ran from memory or is deleted: as the kernel calls it
  user.name: where auditd resolves numbers (log_format = ENRICHED); 0 is root anyway
  file.path: of a path that begins at an open folder (openat, unlinkat ...) as it was asked for; of fchmod, ftruncate and the like none
  file.path of a rename: the new name
  file_modification: the kernel logs that a file was opened for writing, not that it was written
  destination.domain: not told
  source.ip of what the host opened: not told
  container.id: not told; known where the engine's records or its shim tell of the container's first process
  all columns of forks in a pid namespace: the kernel tells the child's number inside it
  what failed: only attempts to connect are events
  process_termination: of exit_group; exit ends a thread
*/
WITH plain AS (
    SELECT *,
        clew_time(origin.written)                         AS happened,
        coalesce(clew_text(computer), 'localhost')        AS host,
        code IN ('fork', 'vfork', 'clone', 'clone3')      AS forks,
        code IN ('execve', 'execveat')                    AS makes,
        starts_with(code, 'USER_')                        AS told,
        try_cast("fields.pid" AS BIGINT)                  AS actor,
        CASE WHEN forks THEN try_cast("fields.exit" AS BIGINT) ELSE actor END AS pid,
        CASE WHEN forks THEN actor ELSE try_cast("fields.ppid" AS BIGINT) END AS parent_pid,
        clew_text(CASE WHEN told THEN "fields.msg.exe" ELSE "fields.exe" END) AS image,
        clew_text(path)                                   AS file,
        clew_address(clew_text(ip))                       AS address,
        split_part(code, '/', 1)                          AS action
    FROM record
)
SELECT
    origin,
    happened                                  AS "@timestamp",
    try_cast(origin.record_id AS BIGINT)      AS "event.sequence",
    code                                      AS "event.code",
    CASE WHEN code IN ('fork', 'vfork') THEN 'fork' WHEN forks THEN 'clone' WHEN code LIKE '%/write' THEN 'write' ELSE action END
                                              AS "event.action",
    CASE WHEN "fields.success" = 'yes' OR "fields.msg.res" IN ('success', '1') THEN 'success'
        WHEN "fields.exit" = '-115' THEN NULL  -- the connection is being made
        WHEN "fields.success" = 'no' OR "fields.msg.res" IN ('failed', '0') THEN 'failure' END AS "event.outcome",
    host                                      AS "host.name",
    CASE WHEN told THEN coalesce(clew_text("fields.msg.acct"), clew_text("enriched.ID"))
        ELSE coalesce(clew_text("enriched.UID"), CASE "fields.uid" WHEN '0' THEN 'root' END) END AS "user.name",
    CASE WHEN NOT told THEN "fields.uid" END  AS "user.id",
    nullif("fields.ses", '4294967295')        AS "clew.logon.id",

    CASE WHEN makes OR forks THEN clew_process(host, pid, happened) END AS "process.entity_id",
    pid                                       AS "process.pid",
    image                                     AS "process.executable",
    clew_audit_name(image, "fields.comm", CASE WHEN makes THEN command END) AS "process.name",
    CASE WHEN makes THEN clew_text(command) END AS "process.command_line",
    CASE WHEN makes THEN clew_text(cwd) END   AS "process.working_directory",
    CASE WHEN starts_with(code, 'exit') THEN try_cast('0x' || "fields.a0" AS BIGINT) & 255 END AS "process.exit_code",
    CASE WHEN parent_pid <> pid THEN parent_pid END AS "process.parent.pid",
    CASE WHEN forks THEN image END            AS "process.parent.executable",
    CASE WHEN forks THEN clew_audit_name(image, "fields.comm", NULL) END AS "process.parent.name",
    CASE WHEN makes AND clew_interpreter(clew_base(image)) THEN clew_absolute(clew_argument(clew_text(command)), clew_text(cwd)) END
                                              AS "clew.process.script",
    CASE WHEN starts_with(code, 'ptrace') THEN try_cast('0x' || "fields.a1" AS BIGINT)
        WHEN starts_with(code, 'process_vm') THEN try_cast('0x' || "fields.a0" AS BIGINT) END
                                              AS "clew.target.process.pid",

    CASE WHEN NOT makes THEN file END         AS "file.path",
    CASE WHEN NOT makes THEN clew_base(file) END AS "file.name",
    CASE WHEN NOT makes THEN clew_folder(file) END AS "file.directory",
    CASE WHEN NOT makes THEN clew_extension(file) END AS "file.extension",
    clew_text(module)                         AS "dll.name",

    CASE WHEN starts_with(code, 'accept') THEN 'ingress' WHEN address IS NOT NULL AND code <> 'bind' THEN 'egress' END
                                              AS "network.direction",
    CASE WHEN starts_with(code, 'accept') OR code = 'bind' THEN address
        WHEN told THEN clew_address(clew_text("fields.msg.addr")) END AS "source.ip",
    CASE WHEN starts_with(code, 'accept') OR code = 'bind' THEN try_cast(port AS BIGINT) END AS "source.port",
    CASE WHEN NOT (starts_with(code, 'accept') OR code = 'bind') THEN address END AS "destination.ip",
    CASE WHEN NOT (starts_with(code, 'accept') OR code = 'bind') THEN try_cast(port AS BIGINT) END AS "destination.port",
    CASE WHEN NOT (starts_with(code, 'accept') OR code = 'bind') THEN address END AS "destination.address",
    CASE WHEN NOT (starts_with(code, 'accept') OR code = 'bind') THEN clew_public(address) END AS "clew.destination.public",
    CASE WHEN NOT (starts_with(code, 'accept') OR code = 'bind') THEN clew_own_address(address) END AS "clew.destination.own"
FROM plain
