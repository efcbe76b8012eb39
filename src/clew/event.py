"""The one schema of events: flat columns with ECS names, and what each of them means.

An event is a row. Names are those of the Elastic Common Schema (https://www.elastic.co/docs/reference/ecs);
what ECS lacks starts with ``clew.``. A detection that uses a name which is not here is a load error.
"""

from __future__ import annotations

from typing import Literal

import msgspec

ColumnType = Literal["text", "number", "boolean", "time"]
#: How a column's values are made comparable, i.e. how its link key is built (DESIGN R8).
Kind = Literal[
    "", "path", "process", "host", "container", "hash", "domain", "address", "user", "image", "resource"
]


class Column(msgspec.Struct, frozen=True):
    """One column of the schema.

    `type` is how the value is stored, `kind` how two values are compared by links, `about` what it means.
    `lineage` columns are not stored: the chain engine answers them, and only traits may read them. A column of
    `words` holds several, separated by blanks: it is what any of them is.
    """

    name: str
    type: ColumnType
    kind: Kind
    about: str
    lineage: bool = False
    words: bool = False


def _c(name: str, about: str, type_: ColumnType = "text", kind: Kind = "") -> Column:
    return Column(name, type_, kind, about)


COLUMNS: tuple[Column, ...] = (
    # -- the event itself
    _c("@timestamp", "when it happened, UTC, microseconds", "time"),
    _c("event.id", "hash of (host, channel, record id, time), else of the raw record"),
    _c("event.sequence", "the source's own number of the record", "number"),
    _c("event.code", "the source's own code of the kind of record (Sysmon's EventID)"),
    _c("event.provider", "the program that wrote the record"),
    _c("event.action", "what was done, in the source's own word: CreateKey, SetValue, Created ..."),
    _c(
        "event.outcome",
        "failure where what was tried was prevented or went wrong, success where it was not",
    ),
    _c(
        "error.code",
        "the error it ended with, as 0x and eight digits or in the source's own word; empty for success",
    ),
    _c("error.message", "what the source says of that"),
    _c(
        "clew.activity.id",
        "what Windows wrote together: the ActivityID of the record's correlation, without braces",
    ),
    _c("event.duration", "how long it went on, in nanoseconds", "number"),
    _c("event.severity", "how grave the source holds it to be, in its own numbers", "number"),
    _c("rule.name", "the rule of the source's own configuration that matched"),
    _c("rule.id", "its id, as a policy or a sensor names it"),
    _c("rule.uuid", "its GUID, without braces"),
    _c("rule.version", "its revision"),
    _c("rule.category", "what kind of thing it finds, in the source's own word"),
    _c("clew.component", "ATT&CK data component, snake case: process_creation, file_creation ..."),
    _c(
        "clew.clock.offset",
        "what was added to the record's own time, whose clock is wrong ([clock] in clew.toml), in microseconds",
        "number",
    ),
    _c("clew.log_source", "ATT&CK log source: WinEventLog:Sysmon"),
    _c("clew.synthetic", "true for a process creation that was not recorded (R9)", "boolean"),
    # -- where
    _c("host.id", "the host, as one name wherever it is called differently", kind="host"),
    _c("host.name", "the host as the record names it", kind="host"),
    _c("observer.name", "the sensor that saw it, which is not the host"),
    _c(
        "clew.host.placed_by",
        "who told the host of a record that has none: address (as last seen), inventory",
    ),
    _c("host.os.type", "windows, linux or macos: decides how keys of paths are made"),
    _c("user.name", "the account, with its domain where the record has it", kind="user"),
    _c("user.id", "its security id: S-1-5-18", kind="user"),
    _c("user.effective.name", "the account that it acts as, where it took another's place", kind="user"),
    Column("clew.user.groups", "text", "", "the groups of the account", words=True),
    # -- process: the one that acts; for process_creation the one that is made
    _c("process.entity_id", "the process, unique over time: Sysmon's GUID without braces", kind="process"),
    _c("process.pid", "process id", "number"),
    _c("process.executable", "full path of the image", kind="path"),
    _c("process.name", "file name of the image"),
    _c("process.command_line", "the whole command line"),
    _c("process.working_directory", "current directory at the start", kind="path"),
    _c("process.hash.md5", "MD5 of the image", kind="hash"),
    _c("process.hash.sha1", "SHA-1 of the image", kind="hash"),
    _c("process.hash.sha256", "SHA-256 of the image", kind="hash"),
    _c("process.pe.original_file_name", "OriginalFileName of the image's version resource"),
    _c("process.pe.company", "CompanyName of the image's version resource"),
    _c("process.pe.product", "ProductName of the image's version resource"),
    _c("process.pe.description", "FileDescription of the image's version resource"),
    _c("process.pe.file_version", "FileVersion of the image's version resource"),
    _c("process.pe.imphash", "hash of the import table", kind="hash"),
    _c("process.parent.entity_id", "the process that made it", kind="process"),
    _c("process.parent.pid", "process id of the parent", "number"),
    _c("process.parent.executable", "full path of the parent's image", kind="path"),
    _c("process.parent.name", "file name of the parent's image"),
    _c("process.parent.command_line", "command line of the parent"),
    _c("process.parent.user.name", "the parent's account, with its domain", kind="user"),
    _c("process.thread.id", "the thread that acted", "number"),
    _c("process.exit_code", "what it ended with", "number"),
    _c("clew.process.integrity_level", "Low, Medium, High or System"),
    _c("clew.process.token_elevation", "Default, Full (elevated) or Limited: the kind of its token"),
    _c("clew.process.granted_access", "the rights to another process that were granted: 0x1fffff"),
    _c("clew.process.call_trace", "the modules on the stack, with offsets, joined by |"),
    _c("clew.logon.id", "the logon session, as 0x3e7"),
    _c("clew.process.script", "the file that an interpreter was told to run, made absolute", kind="path"),
    _c("clew.process.renamed", "the image's file name is not its OriginalFileName", "boolean"),
    Column("clew.process.ancestors", "text", "", "names of the process's ancestors", lineage=True),
    # -- the process that another one acts on: it is opened, a thread is made in it
    _c("clew.target.process.entity_id", "the process acted on", kind="process"),
    _c("clew.target.process.pid", "its process id", "number"),
    _c("clew.target.process.executable", "full path of its image", kind="path"),
    _c("clew.target.process.name", "file name of its image"),
    _c("clew.target.user.name", "its account, with its domain", kind="user"),
    _c("clew.target.thread.id", "the thread that was made in it", "number"),
    _c("clew.target.thread.start_address", "where that thread starts, as 0x..."),
    _c("clew.target.thread.start_module", "full path of the module at that address", kind="path"),
    _c("clew.target.thread.start_function", "the exported function at that address"),
    _c(
        "clew.access.object_type",
        "the kind of object that was opened, in Windows' word: File, Key, SAM_DOMAIN ...",
    ),
    _c("clew.access.mask", "the right to it that was used: 0x1"),
    # -- file, module, registry
    _c("file.path", "full path; of a raw access the device", kind="path"),
    _c("file.name", "file name, or the name of a pipe"),
    _c("file.extension", "what follows the last dot, without it"),
    _c("file.directory", "the folder", kind="path"),
    _c("file.size", "bytes", "number"),
    _c("file.mode", "permissions, in octal: 0755"),
    _c("file.mime_type", "kind of the content, by its first bytes"),
    _c("file.hash.md5", "MD5", kind="hash"),
    _c("file.hash.sha1", "SHA-1", kind="hash"),
    _c("file.hash.sha256", "SHA-256", kind="hash"),
    _c("file.pe.imphash", "hash of the import table", kind="hash"),
    _c("file.pe.original_file_name", "OriginalFileName of the file's version resource"),
    _c("file.pe.product", "ProductName of the file's version resource"),
    _c("file.pe.description", "FileDescription of the file's version resource"),
    _c("file.pe.file_version", "FileVersion of the file's version resource"),
    _c("file.x509.issuer.common_name", "who issued the signer's certificate"),
    _c("clew.file.authentihash.sha1", "SHA-1 of what Authenticode signs of the file", kind="hash"),
    _c("clew.file.authentihash.sha256", "SHA-256 of what Authenticode signs of the file", kind="hash"),
    _c("clew.file.signing_level.requested", "the signing level that the policy asked for", "number"),
    _c("clew.file.signing_level.validated", "the signing level that the file was found to have", "number"),
    _c("file.created", "when it was created, as the file system says: 2026-03-31 09:00:00.000 (UTC)"),
    _c("file.origin_url", "where it was downloaded, by its mark of the web"),
    _c("file.origin_referrer_url", "the page that led there, by its mark of the web"),
    _c("clew.file.previously_created", "what the file system said before, in the same form"),
    _c("clew.file.executable", "the content is a Windows program or library", "boolean"),
    _c("clew.file.contents", "the text of a small stream, such as the mark of the web"),
    _c("dll.path", "full path of the module or driver", kind="path"),
    _c("dll.name", "file name of the module"),
    _c("dll.hash.md5", "MD5 of the module", kind="hash"),
    _c("dll.hash.sha1", "SHA-1 of the module", kind="hash"),
    _c("dll.hash.sha256", "SHA-256 of the module", kind="hash"),
    _c("dll.pe.original_file_name", "OriginalFileName of the module"),
    _c("dll.pe.company", "CompanyName of the module"),
    _c("dll.pe.product", "ProductName of the module"),
    _c("dll.pe.description", "FileDescription of the module"),
    _c("dll.pe.file_version", "FileVersion of the module"),
    _c("dll.pe.imphash", "hash of the module's import table", kind="hash"),
    _c("dll.code_signature.exists", "the module carries a signature", "boolean"),
    _c("dll.code_signature.status", "what came of checking it: valid, expired, revoked ..."),
    _c("dll.code_signature.subject_name", "the signer"),
    _c("clew.dll.is_program", "the module is the process's own image", "boolean"),
    _c("registry.path", "hive, key and value", kind="path"),
    _c("registry.key", "hive and key", kind="path"),
    _c("registry.value", "name of the value"),
    _c("registry.data.strings", "what was written, as text; numbers in decimal"),
    _c("registry.data.type", "REG_SZ, REG_DWORD, REG_QWORD or REG_BINARY"),
    _c("clew.registry.executable", "the program that the value names, as a Run key does", kind="path"),
    _c("clew.registry.new_path", "where a renamed key or value stands now", kind="path"),
    # -- WMI, services, tasks, jobs, scripts, what an antivirus program found
    _c("clew.wmi.namespace", "namespace of an event filter"),
    _c("clew.wmi.provider", "name of the provider that was started or asked"),
    _c("clew.wmi.operation", "what a client asked for"),
    _c("clew.wmi.filter", "name of the event filter"),
    _c("clew.wmi.query", "what the filter waits for"),
    _c("clew.wmi.consumer", "name of the event consumer"),
    _c("clew.wmi.type", "kind of the consumer: Command Line, Script ..."),
    _c("clew.wmi.destination", "what the consumer runs: a command line, a script"),
    _c("service.name", "name of the service"),
    _c("service.state", "what became of it: Started, Stopped"),
    _c("service.version", "its version"),
    _c("clew.service.command_line", "what it runs: a command line, or the path of a driver"),
    _c("clew.service.executable", "the program or driver of that", kind="path"),
    _c("clew.service.type", "user mode service, kernel mode driver, file system driver"),
    _c("clew.service.start_type", "boot start, system start, auto start, demand start, disabled"),
    _c("clew.service.account", "the account that it runs as"),
    _c(
        "clew.service.configuration",
        "the configuration put in force: a file, or the command line that named it",
    ),
    _c("clew.clipboard.client", "whose clipboard it was: user and host of a remote session"),
    _c("clew.task.name", "path of the scheduled task: \\Microsoft\\Windows\\..."),
    _c("clew.task.id", "the run of it"),
    _c("clew.task.content", "its definition, in XML"),
    _c("clew.task.command_line", "what its first action runs"),
    _c("clew.task.executable", "the program of that", kind="path"),
    _c("clew.job.name", "name of the BITS job"),
    _c("clew.job.id", "its GUID, without braces"),
    _c("clew.powershell.command", "name of the command that ran"),
    _c("clew.script.text", "what ran: a block of script, or a call with its parameters"),
    _c("clew.script.id", "the block, of which a long one is told in parts"),
    _c("clew.script.part", "which part of the block, from 1", "number"),
    _c("clew.script.parts", "how many parts it has", "number"),
    _c("clew.antivirus.id", "one finding of an antivirus program: its GUID, without braces"),
    _c("clew.antivirus.severity", "how bad it is, in the program's own word"),
    _c("clew.antivirus.source", "what found it: Real-Time Protection ..."),
    _c("clew.antivirus.resources", "everything that it was found in, as the program writes it"),
    # -- network
    _c(
        "network.direction",
        "egress or ingress, seen from the host; of a sensor seen from the site, there also internal and external",
    ),
    _c("network.transport", "tcp, udp, icmp"),
    _c("network.protocol", "the application protocol"),
    _c("network.community_id", "the connection's Community ID, the same for every sensor"),
    _c("clew.network.session", "the sensor's own number of the connection: Zeek's uid, Suricata's flow_id"),
    _c("clew.network.state", "how the connection went, in the sensor's own word: SF, S0, REJ; new, closed"),
    _c("network.bytes", "how much was transferred", "number"),
    _c("source.ip", "address of the one who opened the connection", kind="address"),
    _c("source.port", "its port", "number"),
    _c(
        "source.bytes",
        "bytes that it sent, without headers in Zeek's logs, with them in Suricata's",
        "number",
    ),
    _c("source.packets", "packets that it sent", "number"),
    _c("source.domain", "its name", kind="domain"),
    _c("destination.ip", "address of the other end", kind="address"),
    _c("destination.port", "its port", "number"),
    _c("destination.bytes", "bytes that it sent, counted as those of the source", "number"),
    _c("destination.packets", "packets that it sent", "number"),
    _c("destination.domain", "its name; for a DNS event the name asked for", kind="domain"),
    _c(
        "clew.destination.named_by",
        "who told a name that the record lacks: dns (an answer), tls (a handshake)",
    ),
    _c("destination.address", "its name, or where it has none its address", kind="domain"),
    _c("dns.question.name", "the name asked for", kind="domain"),
    _c("dns.question.type", "the kind of record asked for: A, AAAA, TXT ..."),
    _c("dns.type", "query, or answer where the record has one"),
    _c("dns.resolved_ip", "addresses of the answer, separated by blanks"),
    _c("dns.response_code", "NOERROR, NXDOMAIN ... where an answer came"),
    _c("clew.destination.public", "the address is globally routable", "boolean"),
    _c("clew.destination.own", "the host itself: its names and addresses, loopback, multicast", "boolean"),
    # -- TLS, certificates, HTTP
    _c("tls.version", "1.2"),
    _c("tls.version_protocol", "tls, ssl or dtls"),
    _c("tls.cipher", "the cipher suite that was chosen"),
    _c("tls.established", "the handshake came to its end", "boolean"),
    _c("tls.next_protocol", "the application protocol that was agreed on: h2"),
    _c("tls.client.server_name", "the name that the client asked for (SNI)", kind="domain"),
    _c("tls.client.ja3", "JA3 of the client", kind="hash"),
    _c("tls.client.subject", "distinguished name in the client's certificate"),
    _c("tls.client.issuer", "who issued the client's certificate"),
    _c("tls.server.ja3s", "JA3S of the server", kind="hash"),
    _c("tls.server.subject", "distinguished name in the server's certificate"),
    _c("tls.server.issuer", "who issued the server's certificate"),
    _c("tls.server.not_before", "when the certificate begins to be valid: 2026-03-31 09:00:00 (UTC)"),
    _c("tls.server.not_after", "when it ends to be valid, in the same form"),
    _c("tls.server.x509.serial_number", "its serial number, hexadecimal without colons"),
    _c("tls.server.hash.md5", "MD5 of the server's certificate", kind="hash"),
    _c("tls.server.hash.sha1", "SHA-1 of the server's certificate", kind="hash"),
    _c("tls.server.hash.sha256", "SHA-256 of the server's certificate", kind="hash"),
    _c("clew.tls.validation", "what came of checking the server's certificates: ok, self signed certificate"),
    _c("file.x509.subject", "distinguished name in a certificate that was seen"),
    _c("file.x509.issuer", "who issued it"),
    _c("file.x509.serial_number", "its serial number, hexadecimal without colons"),
    _c("file.x509.not_before", "when it begins to be valid: 2026-03-31 09:00:00 (UTC)"),
    _c("file.x509.not_after", "when it ends to be valid, in the same form"),
    _c("file.x509.alternative_names", "the DNS names it is for, separated by blanks"),
    _c("file.x509.signature_algorithm", "how it is signed"),
    _c("file.x509.public_key_algorithm", "kind of its key"),
    _c("file.x509.public_key_size", "bits of its key", "number"),
    _c("url.original", "what was asked for, as in the request: /a.exe?x=1"),
    _c("url.full", "the URL, whole"),
    _c("url.domain", "the host asked for: a name or an address", kind="domain"),
    _c("url.path", "the path without the query"),
    _c("url.query", "what stands behind the question mark"),
    _c("http.version", "1.1"),
    _c("http.request.method", "GET, POST ..."),
    _c("http.request.referrer", "the page that led there"),
    _c("http.request.body.content", "what was sent, as far as it was recorded"),
    _c("http.request.body.bytes", "bytes of what was sent", "number"),
    _c("http.response.status_code", "200, 404 ...", "number"),
    _c("http.response.body.bytes", "bytes of what was answered", "number"),
    _c("http.response.mime_type", "kind of what was answered"),
    _c("user_agent.original", "what the client calls itself"),
    # -- containers and orchestrators, packages
    _c("container.id", "12 hex digits", kind="container"),
    _c("container.name", "name of the container"),
    _c("container.image.name", "image with registry and tag", kind="image"),
    _c("container.image.tag", "its tag; latest where the image is named without tag and digest"),
    _c("container.image.hash.all", "its digest, where the record names it: sha256:..."),
    _c("container.runtime", "who runs it: docker, podman, containerd, cri-o"),
    _c("container.security_context.privileged", "it runs privileged", "boolean"),
    Column(
        "clew.container.flags",
        "text",
        "",
        "what it was given of its host, or none: privileged, pid=host, network=host, cap=SYS_ADMIN, mount=/etc ...",
        words=True,
    ),
    _c("clew.container.type", "container, init or ephemeral: what it is in its pod"),
    _c("clew.container.command", "what it is told to run in place of the image's own command"),
    _c("orchestrator.type", "kubernetes"),
    _c("orchestrator.cluster.name", "the cluster; kubernetes where the record names none"),
    _c("orchestrator.namespace", "namespace of the resource"),
    _c("orchestrator.resource.name", "name of the resource; of a pod without one yet, how it will begin"),
    _c("orchestrator.resource.type", "kind of the resource: pods, deployments ..."),
    _c("orchestrator.resource.id", "uid of the resource", kind="resource"),
    _c("orchestrator.api_version", "version of the interface that was used: v1, apps/v1"),
    _c("orchestrator.resource.parent.type", "kind of its owner: ReplicaSet, Job, Node ..."),
    _c("clew.owner.uid", "the owner in Kubernetes' ownerReferences", kind="resource"),
    _c("clew.owner.name", "name of the owner"),
    _c("clew.pod.node", "the node that the pod was put on"),
    _c("clew.pod.service_account", "the service account that the pod acts as"),
    _c("clew.audit.level", "how much of a request was recorded: Metadata, Request, RequestResponse"),
    _c(
        "package.id",
        "a vetted package in one run: its purl with the digest of its archive and the platform told",
    ),
    _c("package.name", "name of the package"),
    _c("package.version", "its version"),
    _c("package.type", "where it comes from: npm, pypi"),
    _c("package.checksum", "SHA-256 of its archive", kind="hash"),
    _c("clew.package.publisher", "who made it, in the source's own word"),
    # -- what a vetted package did in the sandbox
    _c(
        "clew.api.call",
        "what was called or found, in the trace's word: run_code, exfiltrate, find_deleted ...",
    ),
    _c("clew.api.witness", "who saw it: node, python (from inside), strace, sinkhole, tree, runner"),
    _c("clew.api.phase", "what the package was being run for: postinstall, import ..."),
    _c("clew.api.platform", "the platform that the package was told: linux, win32, darwin"),
    _c("clew.api.layer", "the code that ran, or that made the call: SHA-256 of its text", kind="hash"),
    _c("clew.api.parent_layer", "the layer that ran it; empty where a file of the package did", kind="hash"),
    _c("clew.api.origin", "how code came to run: eval, Function, vm, compile, wasm ..."),
    _c("clew.api.size", "bytes of that code", "number"),
    _c("clew.api.stack", "who called, nearest first, joined by <"),
    _c("clew.api.name", "name of a variable of the environment, or of a file in memory"),
    _c("clew.api.target", "where a renamed or linked file stands now; the pid that was traced", kind="path"),
    _c("clew.api.seconds", "how long it asked to wait", "number"),
    _c("clew.api.decoy", "the decoy whose value left"),
    _c("clew.api.what", "what one witness saw and another did not; which limit was reached"),
    # -- where the record stands
    _c("clew.log.source", "the reader or recorder that it came through"),
    _c("log.file.path", "the file it stands in"),
    _c("log.position", "its line or record number in that file, from 1", "number"),
)

SCHEMA: dict[str, Column] = {column.name: column for column in COLUMNS}


#: Columns that an Event has as attributes and not among its fields; a time is in microseconds.
OWN = (
    *("event.id", "clew.component", "@timestamp", "event.sequence"),
    *("clew.log.source", "log.file.path", "log.position"),
)


class Event(msgspec.Struct, frozen=True):
    """One event outside the tables: only what is rare gets to be an object.

    `time` is in UTC microseconds since 1970. `fields` holds the columns that are not null, as they are shown.
    `keys` holds, for columns that links, binds and `new` compare, the comparable form (R8); absent means null.
    """

    id: str
    component: str
    time: int
    fields: dict[str, str | int | bool]
    keys: dict[str, str]
    clock: str = ""
    sequence: int | None = None
    source: str = ""
    path: str = ""
    position: int = 0

    def columns(self) -> dict[str, str | int | bool]:
        """Everything that a condition may read: `fields`, and what stands in attributes (`OWN`)."""
        own = (self.id, self.component, self.time, self.sequence, self.source, self.path, self.position)
        return {name: value for name, value in zip(OWN, own, strict=True) if value is not None} | self.fields
