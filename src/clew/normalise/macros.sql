-- Macros that every mapping uses. Names start with clew_.

-- What a log writes where it has nothing is null in every column (DESIGN R8). No IN: DuckDB makes a join of each
-- that has five values or more.
CREATE OR REPLACE MACRO clew_text(x) AS
    CASE x WHEN '' THEN NULL WHEN '-' THEN NULL WHEN '?' THEN NULL WHEN '(null)' THEN NULL
           WHEN '<unknown process>' THEN NULL ELSE x END;

-- GUIDs come with and without braces, in either case; the zero GUID is nobody.
CREATE OR REPLACE MACRO clew_guid(x) AS
    nullif(nullif(nullif(lower(trim(x, '{}')), ''), '-'), '00000000-0000-0000-0000-000000000000');

CREATE OR REPLACE MACRO clew_base(x) AS
    regexp_extract(x, '[^\\/]*$');

CREATE OR REPLACE MACRO clew_folder(x) AS
    nullif(regexp_extract(x, '^(.*[\\/])[^\\/]*$', 1), '');

-- The part after the last dot; a name that only begins with a dot has none. An alternate data stream is not
-- part of it.
CREATE OR REPLACE MACRO clew_extension(x) AS
    nullif(lower(regexp_extract(clew_base(x), '^[^:]+\.([^.:]+)(:.*)?$', 1)), '');

-- One hash out of Sysmon's SHA1=...,MD5=...
CREATE OR REPLACE MACRO clew_hash(hashes, algorithm) AS
    nullif(nullif(lower(regexp_extract(hashes, '(?:^|,)' || algorithm || '=([0-9A-Fa-f]+)', 1)), ''),
           '00000000000000000000000000000000');  -- the import hash of what imports nothing

-- How many minutes a time says that its clock is ahead of UTC; null where it says nothing.
CREATE OR REPLACE MACRO clew_offset(x) AS
    CASE WHEN regexp_matches(x, ':\d\d(\.\d+)?[+-]\d\d:?\d\d$') THEN
        CASE WHEN regexp_matches(x, '-\d\d:?\d\d$') THEN -1 ELSE 1 END
        * (try_cast(regexp_extract(x, '(\d\d):?(\d\d)$', 1) AS BIGINT) * 60
           + try_cast(regexp_extract(x, '(\d\d):?(\d\d)$', 2) AS BIGINT)) END;

-- A time as exporters write it, to the microsecond, in UTC; null where it is none. The cast would pass over an
-- offset; without one it is UTC. It would take "infinity", and years that nothing else can hold.
CREATE OR REPLACE MACRO clew_time(x) AS
    CASE WHEN regexp_matches(x, '^\s*(1[6-9]|[2-8]\d|9[0-8])\d\d\D') THEN
        try_cast(rtrim(x, 'Z') AS TIMESTAMP) - coalesce(to_minutes(clew_offset(x)), INTERVAL 0 MINUTE) END;

-- Windows has 100 ns, some exporters 1 ns: digits that a timestamp cannot hold are cut, not rounded.
CREATE OR REPLACE MACRO clew_cut(x) AS
    regexp_replace(x, '(\.\d{6})\d+', '\1');

-- A local time in UTC, by when the record was received, in local time and in UTC: zones differ by quarters of an
-- hour. Null where the two are further apart than any zone is.
CREATE OR REPLACE MACRO clew_quarters(local, utc) AS
    round(date_diff('second', clew_time(clew_cut(local)), clew_time(clew_cut(utc))) / 900.0)::INTEGER;

CREATE OR REPLACE MACRO clew_utc(local, received, received_utc) AS
    CASE WHEN clew_quarters(received, received_utc) BETWEEN -48 AND 56
        THEN (clew_time(clew_cut(local)) + to_minutes(15 * clew_quarters(received, received_utc)))::VARCHAR END;

CREATE OR REPLACE MACRO clew_boolean(x) AS
    CASE lower(x) WHEN 'true' THEN true WHEN 'false' THEN false END;

-- An NTSTATUS, HRESULT or error of Win32, in decimal (signed or not) or hexadecimal -> 0xc0e90002.
CREATE OR REPLACE MACRO clew_status(x) AS
    printf('0x%08x', try_cast(trim(x) AS BIGINT) & 4294967295);

CREATE OR REPLACE MACRO clew_error(x) AS
    nullif(clew_status(x), '0x00000000');

-- CodeIntegrity's VerificationError in words, as Sysmon says them where it has one.
CREATE OR REPLACE MACRO clew_verification(x) AS
    CASE x WHEN '0' THEN 'Valid' WHEN '1' THEN 'Invalid hash' WHEN '2' THEN 'Shared writable sections'
        WHEN '3' THEN 'Not signed' WHEN '4' THEN 'Revoked' WHEN '5' THEN 'Expired' WHEN '6' THEN 'Weak hash algorithm'
        WHEN '7' THEN 'Invalid root certificate' WHEN '8' THEN 'Not validated' WHEN '9' THEN 'Signing time not trusted'
        WHEN '10' THEN 'Page hashes required' WHEN '11' THEN 'Page hash mismatch' WHEN '15' THEN 'WHQL check failed'
        WHEN '16' THEN 'Below the signing level' WHEN '17' THEN 'Below the signing level'
        WHEN '18' THEN 'Below the signing level' WHEN '19' THEN 'Revoked by hash' WHEN '21' THEN 'Denied by policy'
        WHEN '23' THEN 'Invalid hash' WHEN '26' THEN 'Denied by policy' ELSE 'VerificationError ' || x END;

CREATE OR REPLACE MACRO clew_interpreter(x) AS
    regexp_matches(x, '(?i)^(node|deno|bun|pythonw?[\d.]*|pyw?|ruby|perl|php|javaw?|cmd|powershell|pwsh'
        || '|[wc]script|mshta|bash|dash|zsh|sh|osascript)(\.exe)?$');

-- The script that an interpreter was told to run: the first argument that ends like one. Most command lines hold
-- nothing that ends so, which a regular expression without groups tells in a seventieth of the time.
CREATE OR REPLACE MACRO clew_argument(command_line) AS
    CASE WHEN regexp_matches(command_line,
        '(?i)\.(?:js|cjs|mjs|jse|vbs|vbe|wsf|wsh|hta|ps1|bat|cmd|pyw?|rb|pl|sh|jar|scpt)(?:["\s]|$)')
    THEN nullif(trim(regexp_extract(command_line,
        '(?i)^(?:"[^"]*"|\S+)(?:\s+(?:"[^"]*"|\S+))*?\s+'
        || '("[^"]+\.(?:js|cjs|mjs|jse|vbs|vbe|wsf|wsh|hta|ps1|bat|cmd|pyw?|rb|pl|sh|jar|scpt)"'
        || '|[^"\s]+\.(?:js|cjs|mjs|jse|vbs|vbe|wsf|wsh|hta|ps1|bat|cmd|pyw?|rb|pl|sh|jar|scpt))(?:\s|$)', 1), '"'), '') END;

CREATE OR REPLACE MACRO clew_absolute(path, folder) AS
    CASE WHEN path IS NULL OR regexp_matches(path, '^(?:[A-Za-z]:|[\\/])') THEN path
         ELSE rtrim(folder, '\/') || CASE WHEN starts_with(folder, '/') THEN '/' ELSE '\' END
            || regexp_replace(path, '^\.[\\/]', '') END;

-- Whether the image was given another name than its maker gave it. Version resources say cmd.exe, Cmd.Exe,
-- WerMgr and EXPLORER.EXE.MUI for files that nobody renamed.
CREATE OR REPLACE MACRO clew_stem(x) AS
    regexp_replace(lower(x), '(\.exe)?(\.mui)?$', '');

-- A value's name may itself be a path, as in ...\AppCompatFlags\Layers\C:\a.exe; else the last part is the name.
CREATE OR REPLACE MACRO clew_registry_key(path) AS
    regexp_extract(path, '^(.*?)\\(?:[A-Za-z]:\\.*|[^\\]*)$', 1);

CREATE OR REPLACE MACRO clew_registry_value(path) AS
    nullif(regexp_extract(path, '^.*?\\([A-Za-z]:\\.*|[^\\]*)$', 1), '');

-- What Sysmon shows of a value: text as it is, "DWORD (0x00000001)", "QWORD (0x00000000-0x00000001)", "Binary Data".
CREATE OR REPLACE MACRO clew_registry_type(details) AS
    CASE WHEN details IS NULL THEN NULL
         WHEN regexp_full_match(details, '(?i)DWORD \(0x[0-9a-f]{8}\)') THEN 'REG_DWORD'
         WHEN regexp_full_match(details, '(?i)QWORD \(0x[0-9a-f]{8}-0x[0-9a-f]{8}\)') THEN 'REG_QWORD'
         WHEN details = 'Binary Data' THEN 'REG_BINARY' ELSE 'REG_SZ' END;

CREATE OR REPLACE MACRO clew_registry_data(details) AS
    CASE clew_registry_type(details)
        WHEN 'REG_DWORD' THEN try_cast(regexp_extract(details, '0x[0-9A-Fa-f]{8}') AS UBIGINT)::VARCHAR
        WHEN 'REG_QWORD' THEN try_cast('0x' || regexp_extract(details, '0x([0-9A-Fa-f]{8})-0x([0-9A-Fa-f]{8})', 1)
            || regexp_extract(details, '0x([0-9A-Fa-f]{8})-0x([0-9A-Fa-f]{8})', 2) AS UBIGINT)::VARCHAR
        ELSE details END;

-- Sysmon's WMI data are literals of MOF: " \"root\\CimV2\"" with a blank before.
CREATE OR REPLACE MACRO clew_literal(x) AS
    nullif(replace(replace(regexp_replace(trim(x), '^"(.*)"$', '\1', 's'), '\"', '"'), '\\', '\'), '');

-- The name in a path of WMI: \\.\ROOT\subscription:__EventFilter.Name="x".
CREATE OR REPLACE MACRO clew_wmi_name(path) AS
    coalesce(nullif(regexp_extract(path, 'Name="(.*)"$', 1, 's'), ''), path);

-- "type:  5 alias;::ffff:192.0.2.1;192.0.2.2;" -> "192.0.2.1 192.0.2.2"
CREATE OR REPLACE MACRO clew_addresses(answers) AS
    nullif(array_to_string(list_transform(
        list_filter(string_split(answers, ';'), lambda x: x <> '' AND NOT starts_with(x, 'type:')),
        lambda x: replace(x, '::ffff:', '')), ' '), '');

-- Windows' status of a query, as a number or by Elastic's name of it. What is no answer of a server has no code.
-- https://learn.microsoft.com/windows/win32/debug/system-error-codes--9000-11999-
CREATE OR REPLACE MACRO clew_dns_code(status) AS
    CASE WHEN status IN ('0', '9501', 'SUCCESS', 'DNS_INFO_NO_RECORDS') THEN 'NOERROR'
         WHEN status IN ('9001', 'DNS_ERROR_RCODE_FORMAT_ERROR') THEN 'FORMERR'
         WHEN status IN ('9002', 'DNS_ERROR_RCODE_SERVER_FAILURE') THEN 'SERVFAIL'
         WHEN status IN ('9003', 'DNS_ERROR_RCODE_NAME_ERROR') THEN 'NXDOMAIN'
         WHEN status IN ('9004', 'DNS_ERROR_RCODE_NOT_IMPLEMENTED') THEN 'NOTIMP'
         WHEN status IN ('9005', 'DNS_ERROR_RCODE_REFUSED') THEN 'REFUSED' END;

-- A line of a text stream: clew_line('[ZoneTransfer] ZoneId=3 HostUrl=https://a', 'HostUrl').
CREATE OR REPLACE MACRO clew_line(contents, key) AS
    nullif(regexp_extract(contents, '(?:^|\s)' || key || '=(\S+)', 1), '');

-- The groups of an IPv6 address without leading zeros, then without the longest run of zeros (RFC 5952).
CREATE OR REPLACE MACRO clew_groups(x) AS
    regexp_replace(x, '(^|:)0{1,3}([0-9a-f])', '\1\2', 'g');

CREATE OR REPLACE MACRO clew_run(x) AS
    CASE WHEN contains(x, '::') THEN x
         WHEN regexp_matches(x, '(^|:)0(:0){5,7}(:|$)') THEN regexp_replace(x, '(^|:)0(:0){5,7}(:|$)', '::')
         WHEN regexp_matches(x, '(^|:)0(:0){4}(:|$)') THEN regexp_replace(x, '(^|:)0(:0){4}(:|$)', '::')
         WHEN regexp_matches(x, '(^|:)0(:0){3}(:|$)') THEN regexp_replace(x, '(^|:)0(:0){3}(:|$)', '::')
         WHEN regexp_matches(x, '(^|:)0(:0){2}(:|$)') THEN regexp_replace(x, '(^|:)0(:0){2}(:|$)', '::')
         ELSE regexp_replace(x, '(^|:)0:0(:|$)', '::') END;

-- An address in its one spelling: some write IPv6 in full. An IPv4 address may come in IPv6 clothes.
CREATE OR REPLACE MACRO clew_address(x) AS
    CASE WHEN contains(x, ':') THEN regexp_replace(clew_run(clew_groups(lower(x))), '^::ffff:(\d+\.)', '\1')
         ELSE clew_text(x) END;

-- The host itself, by address: loopback, unspecified, multicast, broadcast.
CREATE OR REPLACE MACRO clew_own_address(ip) AS
    regexp_matches(ip, '^(127\.|0\.0\.0\.0$|22[4-9]\.|23\d\.|255\.255\.255\.255$)')
    OR regexp_matches(ip, '^(::1|::|0:0:0:0:0:0:0:[01]|ff[0-9a-f]{2}:.*)$');

-- Addresses that never leave the site: private use, link-local, carrier NAT, and those of the host itself.
CREATE OR REPLACE MACRO clew_public(ip) AS
    NOT regexp_matches(ip, '^(10\.|172\.(1[6-9]|2\d|3[01])\.|192\.168\.|169\.254\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.)')
    AND NOT regexp_matches(ip, '^(f[cd][0-9a-f]{2}|fe[89ab][0-9a-f]):')
    AND NOT clew_own_address(ip);

-- The host itself, by name: its short name, its full name, any single label.
CREATE OR REPLACE MACRO clew_own_name(domain, host) AS
    lower(domain) = lower(host)
    OR NOT contains(domain, '.') AND NOT contains(domain, ':')
    OR lower(domain) = 'localhost.localdomain';

-- The host itself, of a connection or a question that a process on it began. A name from reverse DNS is the other
-- side's word: beside a public address it makes nothing our own.
CREATE OR REPLACE MACRO clew_own_of_host(source, destination, domain, host) AS
    coalesce(clew_own_address(destination), false) OR coalesce(destination = source, false)
    OR coalesce(clew_own_name(domain, host), false) AND NOT coalesce(clew_public(destination), false);

-- The same of what a sensor saw: beside a public address only the name in a DNS question makes it the host's own.
CREATE OR REPLACE MACRO clew_own(source, destination, domain, asked) AS
    CASE WHEN coalesce(destination, domain) IS NOT NULL THEN
        coalesce(clew_own_address(destination), false) OR coalesce(destination = source, false)
        OR coalesce(NOT contains(domain, '.') AND NOT contains(domain, ':')
            OR lower(domain) = 'localhost.localdomain', false)
        AND (asked OR NOT coalesce(clew_public(destination), false)) END;

-- What links, binds and `new` compare: made once, here, by kind of column (DESIGN R8).
CREATE OR REPLACE MACRO clew_key(x, os) AS
    CASE WHEN os = 'linux' THEN x ELSE lower(x) END;

-- Mappings write GUIDs in one spelling; other products' ids are Base64, where case tells.
CREATE OR REPLACE MACRO clew_key_process(x, os) AS x;

-- Windows' other ways to begin a path, each with what stands for it; a volume without a letter is the system's where
-- a folder follows that only this one has.
-- https://learn.microsoft.com/windows/win32/fileio/naming-a-file#namespaces
CREATE OR REPLACE MACRO clew_rooted(x) AS
    CASE WHEN NOT (starts_with(x, '\') OR starts_with(x, '%')) THEN x
    ELSE regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(x,
        '^\\(\\[?.]|\?\?)\\', ''),
        '(?i)^\\Device\\HarddiskVolume\d+\\(Windows|Users|Program Files|Program Files \(x86\)|ProgramData)\\', 'c:\\\1\\'),
        '(?i)^(\\SystemRoot|%SystemRoot%|%windir%)\\', 'c:\\windows\\'),
        '(?i)^%ProgramFiles%\\', 'c:\\program files\\'),
        '(?i)^%ProgramFiles\(x86\)%\\', 'c:\\program files (x86)\\'),
        '(?i)^%(ProgramData|AllUsersProfile)%\\', 'c:\\programdata\\') END;

CREATE OR REPLACE MACRO clew_key_path(x, os) AS
    CASE WHEN os = 'linux' THEN x
         ELSE lower(clew_rooted(replace(x, '/', CASE os WHEN 'windows' THEN '\' ELSE '/' END))) END;

CREATE OR REPLACE MACRO clew_key_fold(x, os) AS
    lower(rtrim(x, '.'));

-- An image as Docker fills in what is left out: https://github.com/distribution/reference (normalize.go).
CREATE OR REPLACE MACRO clew_key_image(x, os) AS
    regexp_replace(regexp_replace(lower(x), '^(index\.)?docker\.io/', ''), '^library/|:latest$', '', 'g');

-- An account with its domain, null where the log has none.
CREATE OR REPLACE MACRO clew_account(domain, account) AS
    CASE WHEN clew_text(account) IS NOT NULL THEN coalesce(clew_text(domain) || '\', '') || account END;

-- A process of a log that has only pids: its host, its pid and when it was made, which tells it from a later one.
CREATE OR REPLACE MACRO clew_process(host, pid, made) AS
    lower(host) || '/' || pid || '/' || epoch_us(made);

-- A mandatory label: https://learn.microsoft.com/windows/win32/secauthz/well-known-sids
CREATE OR REPLACE MACRO clew_integrity(sid) AS
    CASE sid WHEN 'S-1-16-0' THEN 'Untrusted' WHEN 'S-1-16-4096' THEN 'Low' WHEN 'S-1-16-8192' THEN 'Medium'
        WHEN 'S-1-16-8448' THEN 'MediumPlus' WHEN 'S-1-16-12288' THEN 'High' WHEN 'S-1-16-16384' THEN 'System'
        WHEN 'S-1-16-20480' THEN 'Protected' END;

-- The kernel's name of a key -> that of the registry editor.
CREATE OR REPLACE MACRO clew_hive(key) AS
    regexp_replace(regexp_replace(regexp_replace(key, '(?i)^\\REGISTRY\\MACHINE', 'HKLM'), '(?i)^\\REGISTRY\\USER', 'HKU'),
        '(?i)^(HKLM\\SYSTEM)\\ControlSet\d{3}', '\1\\CurrentControlSet');

-- The type of a value, as the Security log's table of messages numbers them.
CREATE OR REPLACE MACRO clew_value_type(x) AS
    CASE x WHEN '%%1872' THEN 'REG_NONE' WHEN '%%1873' THEN 'REG_SZ' WHEN '%%1874' THEN 'REG_EXPAND_SZ'
        WHEN '%%1875' THEN 'REG_BINARY' WHEN '%%1876' THEN 'REG_DWORD' WHEN '%%1877' THEN 'REG_DWORD_BIG_ENDIAN'
        WHEN '%%1878' THEN 'REG_LINK' WHEN '%%1879' THEN 'REG_MULTI_SZ' WHEN '%%1883' THEN 'REG_QWORD' END;

-- What was done to an object, by its type and the right that was used: the strongest one counts.
-- https://learn.microsoft.com/windows/win32/fileio/file-access-rights-constants, .../sysinfo/registry-key-security-and-access-rights
CREATE OR REPLACE MACRO clew_access(object, mask) AS
    CASE WHEN object = 'Process' THEN 'Process access'
         WHEN object NOT IN ('File', 'Key') OR object IS NULL THEN NULL
         WHEN mask & 65536 <> 0 OR object = 'File' AND mask & 64 <> 0 THEN object || ' delete'
         WHEN object = 'Key' AND mask & 786470 <> 0 THEN 'Key write'
         WHEN object = 'File' AND mask & 6 <> 0 THEN 'File write'
         WHEN object = 'File' AND mask & 786704 <> 0 THEN 'File metadata'
         ELSE object || ' access' END;

-- Some exporters escape XML within JSON.
CREATE OR REPLACE MACRO clew_unescaped(x) AS
    CASE WHEN starts_with(x, '&lt;')
        THEN replace(replace(replace(replace(x, '&lt;', '<'), '&gt;', '>'), '&quot;', '"'), '&amp;', '&') ELSE x END;

-- The text of an element of XML.
CREATE OR REPLACE MACRO clew_element(xml, element) AS
    nullif(replace(replace(replace(replace(regexp_extract(xml, '<' || element || '>(.*?)</' || element || '>', 1, 's'),
        '&lt;', '<'), '&gt;', '>'), '&quot;', '"'), '&amp;', '&'), '');

-- What a task runs: command and arguments of its first action.
CREATE OR REPLACE MACRO clew_task(xml) AS
    clew_element(xml, 'Command') || coalesce(' ' || clew_element(xml, 'Arguments'), '');

-- The program of a service's command line: what is in quotes, or what ends like a program before any blank with an
-- option behind it, or the first word.
CREATE OR REPLACE MACRO clew_program(command_line) AS
    coalesce(nullif(regexp_extract(command_line, '^"([^"]*)"', 1), ''),
        nullif(regexp_extract(command_line,
            '(?i)^((?:[^<>|^&"*\s]|\s[^<>|^&"*/\s-])*?\.(?:exe|sys|dll|com|bat|cmd))(?:\s|$)', 1), ''),
        nullif(regexp_extract(command_line, '^\S+'), ''));

-- The program that a value of the registry names, where it names one: the command line of a Run key, an ImagePath.
CREATE OR REPLACE MACRO clew_registry_program(data) AS
    CASE WHEN regexp_matches(data, '(?i)^("?([a-z]:|%[a-z()0-9]+%)|\\(\?\?|SystemRoot|\\\?))\\')
        THEN clew_program(data) END;

-- Windows Installer says (NULL) where it has nothing.
CREATE OR REPLACE MACRO clew_given(x) AS
    nullif(clew_text(x), '(NULL)');

-- A URL's host where it is an address.
CREATE OR REPLACE MACRO clew_host_address(host) AS
    CASE WHEN starts_with(host, '[') THEN trim(host, '[]')
         WHEN regexp_full_match(host, '\d{1,3}(\.\d{1,3}){3}') THEN host END;

-- A line of PowerShell's ContextInfo: "        Command Name = Get-Item".
CREATE OR REPLACE MACRO clew_context(context, key) AS
    nullif(trim(regexp_extract(context, '(?:^|\n)\s*' || key || ' =[ \t]*([^\r\n]*)', 1)), '');

-- The message of a script block: 1 number, 2 total, 3 text, 4 id, 5 path.
CREATE OR REPLACE MACRO clew_block(message, part) AS
    nullif(regexp_extract(message, '^Creating Scriptblock text \((\d+) of (\d+)\):\r?\n(.*)\r?\n\r?\nScriptBlock ID: (\S+)\r?\nPath: ?(.*)$',
        part, 's'), '');

-- A part of a message of WMI: "ClientMachine = WS1; User = CORP\kim; ...", the last one up to the end.
CREATE OR REPLACE MACRO clew_phrase(message, key) AS
    nullif(regexp_extract(message, '(?:^|[;,.] +)' || key || ' ?= (.*?)(?:[;,] +\w+ ?= |$)', 1, 's'), '');

-- A property of an instance that WMI shows as MOF.
CREATE OR REPLACE MACRO clew_instance(mof, property) AS
    clew_literal(nullif(regexp_extract(mof, '\n\s*' || property || ' = ("(?:[^"\\]|\\.)*")', 1, 's'), ''));

-- A host's short name.
CREATE OR REPLACE MACRO clew_host(x) AS
    lower(regexp_extract(x, '^[^.]*'));

-- A time since 1970, in seconds or thousandths, or as text; to the microsecond.
CREATE OR REPLACE MACRO clew_moment(x) AS
    CASE WHEN contains(x, ':') THEN clew_time(clew_cut(x))
         WHEN try_cast(x AS DOUBLE) BETWEEN -1e10 AND 1e11
            THEN make_timestamp(CAST(round(try_cast(x AS DOUBLE) * 1e6) AS BIGINT))
         WHEN try_cast(x AS DOUBLE) BETWEEN 1e11 AND 2.4e14
            THEN make_timestamp(CAST(round(try_cast(x AS DOUBLE) * 1e3) AS BIGINT)) END;

CREATE OR REPLACE MACRO clew_date(x) AS
    strftime(clew_moment(x), '%Y-%m-%d %H:%M:%S');

-- Seconds as nanoseconds; sensors count no finer than microseconds.
CREATE OR REPLACE MACRO clew_duration(seconds) AS
    try(CAST(round(try_cast(seconds AS DOUBLE) * 1000000) AS BIGINT) * 1000);

-- Of a list in JSON: its first text, all of it, and the addresses in it.
CREATE OR REPLACE MACRO clew_first(list) AS
    clew_text(try(json_extract_string(list, '$[0]')));

CREATE OR REPLACE MACRO clew_listed(list, path) AS
    try(json_extract_string(list, path));

CREATE OR REPLACE MACRO clew_is_address(x) AS
    regexp_full_match(x, '\d{1,3}(\.\d{1,3}){3}|[0-9A-Fa-f:]*:[0-9A-Fa-f:]*:[0-9A-Fa-f.]*');

CREATE OR REPLACE MACRO clew_resolved(texts) AS
    nullif(array_to_string(list_transform(list_filter(texts, lambda x: clew_is_address(x)),
        lambda x: clew_address(x::VARCHAR)), ' '), '');

-- A port; what ICMP has in its place is none.
CREATE OR REPLACE MACRO clew_port(x, transport) AS
    CASE WHEN contains(lower(transport), 'icmp') THEN NULL ELSE try_cast(x AS BIGINT) END;

-- Seen from the site: by what the sensor says of both ends, else by which of them are private.
CREATE OR REPLACE MACRO clew_direction(source_inside, destination_inside, source, destination) AS
    CASE WHEN coalesce(source_inside, NOT clew_public(source)) THEN
        CASE coalesce(destination_inside, NOT clew_public(destination)) WHEN true THEN 'internal' WHEN false THEN 'egress' END
    WHEN NOT coalesce(source_inside, NOT clew_public(source)) THEN
        CASE coalesce(destination_inside, NOT clew_public(destination)) WHEN true THEN 'ingress' WHEN false THEN 'external' END
    END;

-- The host in a Host header, and its name, where it is no address.
CREATE OR REPLACE MACRO clew_asked_host(x) AS
    clew_text(CASE WHEN starts_with(x, '[') THEN regexp_extract(x, '^\[([^\]]*)\]', 1)
        ELSE regexp_replace(x, ':\d+$', '') END);

CREATE OR REPLACE MACRO clew_domain(host) AS
    CASE WHEN NOT clew_is_address(host) THEN host END;

CREATE OR REPLACE MACRO clew_url(host, uri) AS
    CASE WHEN regexp_matches(uri, '^[A-Za-z][A-Za-z0-9+.-]*://') THEN uri
         WHEN starts_with(uri, '/') THEN
            'http://' || CASE WHEN contains(host, ':') THEN '[' || host || ']' ELSE host END || uri END;

CREATE OR REPLACE MACRO clew_url_path(uri) AS
    nullif(regexp_extract(uri, '^(?:[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*)?(/[^?#]*)', 1), '');

CREATE OR REPLACE MACRO clew_url_query(uri) AS
    nullif(regexp_extract(uri, '\?([^#]*)', 1), '');

-- A hash, of a kind that is told by its length: MD5 has 32 digits, SHA-1 40, SHA-256 64.
CREATE OR REPLACE MACRO clew_digest(x, digits) AS
    CASE WHEN length(replace(x, ':', '')) = digits THEN lower(replace(x, ':', '')) END;

CREATE OR REPLACE MACRO clew_serial(x) AS
    upper(replace(clew_text(x), ':', ''));

-- TLSv12, TLS 1.2, TLSv1, SSLv3, DTLSv10: the protocol, and its version as 1.2.
CREATE OR REPLACE MACRO clew_tls_protocol(x) AS
    nullif(lower(regexp_extract(x, '^(D?TLS|SSL)', 1)), '');

CREATE OR REPLACE MACRO clew_tls_version(x) AS
    nullif(regexp_replace(regexp_replace(regexp_extract(x, '^(?:D?TLS|SSL)[v ]*(\d[\d.]*)', 1), '^(\d)(\d)$', '\1.\2'),
        '^1$', '1.0'), '');

-- A name, and a name of a program that sensors spell differently.
CREATE OR REPLACE MACRO clew_protocol(x) AS
    regexp_replace(lower(clew_text(x)), '\bssl\b', 'tls', 'g');

-- A document as Elasticsearch gives it back: what was put in stands in _source. A search leaps to the first sign of
-- what it is for, and a quote is none that is rare.
CREATE OR REPLACE MACRO clew_source(line) AS
    try(json_extract(line, '$._source')::VARCHAR);

CREATE OR REPLACE MACRO clew_unwrapped(line) AS
    CASE WHEN contains(line, '_source"') AND starts_with(clew_source(line), '{') THEN clew_source(line) ELSE line END;

-- A field that has one text or a list of them, as a list in JSON.
CREATE OR REPLACE MACRO clew_words(x) AS
    CASE WHEN starts_with(x, '[') THEN x ELSE '"' || x || '"' END;

CREATE OR REPLACE MACRO clew_texts(x) AS
    CASE WHEN starts_with(x, '[') THEN try(json_extract_string(x, '$[*]')) WHEN x IS NOT NULL THEN [x] END;

-- A process's own number for itself: a GUID in its one spelling, else what it is.
CREATE OR REPLACE MACRO clew_entity(x) AS
    CASE WHEN regexp_full_match(x, '\{?[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\}?') THEN clew_guid(x)
         ELSE clew_text(x) END;

-- The system of a host, by what the record says of it, else by how a path looks.
CREATE OR REPLACE MACRO clew_os(told, path) AS
    CASE WHEN regexp_matches(told, '(?i)windows') THEN 'windows' WHEN regexp_matches(told, '(?i)macos|darwin|os ?x') THEN 'macos'
         WHEN told IS NOT NULL THEN 'linux' WHEN regexp_matches(path, '^([A-Za-z]:|\\)\\') THEN 'windows' END;

-- A key by the short name of its hive.
CREATE OR REPLACE MACRO clew_short_hive(path) AS
    clew_hive(regexp_replace(regexp_replace(path, '(?i)^HKEY_LOCAL_MACHINE', 'HKLM'), '(?i)^HKEY_USERS', 'HKU'));

-- What came of checking a signature, in Sysmon's words where they are known: Elastic Defend says trusted.
CREATE OR REPLACE MACRO clew_signature(status, valid) AS
    CASE WHEN lower(status) = 'trusted' THEN 'Valid' WHEN starts_with(status, 'error') AND NOT starts_with(status, 'errorCode')
            THEN substr(status, 6)
         ELSE coalesce(clew_text(status), CASE valid WHEN true THEN 'Valid' WHEN false THEN 'Invalid' END) END;

-- A first letter in upper case: high -> High.
CREATE OR REPLACE MACRO clew_capital(x) AS
    upper(left(x, 1)) || lower(substr(x, 2));

-- One hash of a list of OCSF's fingerprints, by the number of its algorithm or its name.
CREATE OR REPLACE MACRO clew_fingerprint(list, id, algorithm) AS
    lower(list_filter(try(from_json(list, '[{"algorithm_id":"VARCHAR","algorithm":"VARCHAR","value":"VARCHAR"}]')),
        lambda x: x.algorithm_id = id OR upper(replace(x.algorithm, '-', '')) = algorithm)[1].value);
