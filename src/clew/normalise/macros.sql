-- Macros that every mapping uses. Names start with clew_.

-- What a log writes where it has nothing is null in every column (DESIGN R8).
CREATE OR REPLACE MACRO clew_text(x) AS
    CASE WHEN x IN ('', '-', '?', '(null)', '<unknown process>') THEN NULL ELSE x END;

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
    nullif(lower(regexp_extract(clew_base(x), '^.+\.([^.:]+)(:.*)?$', 1)), '');

-- One hash out of Sysmon's SHA1=...,MD5=...
CREATE OR REPLACE MACRO clew_hash(hashes, algorithm) AS
    nullif(lower(regexp_extract(hashes, '(?:^|,)' || algorithm || '=([0-9A-Fa-f]+)', 1)), '');

-- How many minutes a time says that its clock is ahead of UTC; null where it says nothing.
CREATE OR REPLACE MACRO clew_offset(x) AS
    CASE WHEN regexp_matches(x, ':\d\d(\.\d+)?[+-]\d\d:?\d\d$') THEN
        CASE WHEN regexp_matches(x, '-\d\d:?\d\d$') THEN -1 ELSE 1 END
        * (try_cast(regexp_extract(x, '(\d\d):?(\d\d)$', 1) AS BIGINT) * 60
           + try_cast(regexp_extract(x, '(\d\d):?(\d\d)$', 2) AS BIGINT)) END;

-- A time as exporters write it, to the microsecond, in UTC; null where it is none. The cast would pass over an
-- offset; without one it is UTC.
CREATE OR REPLACE MACRO clew_time(x) AS
    try_cast(rtrim(x, 'Z') AS TIMESTAMP) - coalesce(to_minutes(clew_offset(x)), INTERVAL 0 MINUTE);

-- Windows has 100 ns, some exporters 1 ns: digits that a timestamp cannot hold are cut, not rounded.
CREATE OR REPLACE MACRO clew_cut(x) AS
    regexp_replace(x, '(\.\d{6})\d+', '\1');

CREATE OR REPLACE MACRO clew_boolean(x) AS
    CASE lower(x) WHEN 'true' THEN true WHEN 'false' THEN false END;

CREATE OR REPLACE MACRO clew_interpreter(x) AS
    regexp_matches(x, '(?i)^(node|deno|bun|pythonw?[\d.]*|pyw?|ruby|perl|php|javaw?|cmd|powershell|pwsh'
        || '|[wc]script|mshta|bash|dash|zsh|sh|osascript)(\.exe)?$');

-- The script that an interpreter was told to run: the first argument that ends like one.
CREATE OR REPLACE MACRO clew_argument(command_line) AS
    nullif(trim(regexp_extract(command_line,
        '(?i)^(?:"[^"]*"|\S+)(?:\s+(?:"[^"]*"|\S+))*?\s+'
        || '("[^"]+\.(?:js|cjs|mjs|jse|vbs|vbe|wsf|wsh|hta|ps1|bat|cmd|pyw?|rb|pl|sh|jar|scpt)"'
        || '|[^"\s]+\.(?:js|cjs|mjs|jse|vbs|vbe|wsf|wsh|hta|ps1|bat|cmd|pyw?|rb|pl|sh|jar|scpt))(?:\s|$)', 1), '"'), '');

CREATE OR REPLACE MACRO clew_absolute(path, folder) AS
    CASE WHEN path IS NULL OR regexp_matches(path, '^(?:[A-Za-z]:|[\\/])') THEN path
         ELSE rtrim(folder, '\/') || '\' || regexp_replace(path, '^\.[\\/]', '') END;

-- Whether the image was given another name than its maker gave it. Version resources say cmd.exe, Cmd.Exe,
-- WerMgr and EXPLORER.EXE.MUI for files that nobody renamed.
CREATE OR REPLACE MACRO clew_stem(x) AS
    regexp_replace(lower(x), '(\.exe)?(\.mui)?$', '');

-- An IPv4 address may come in IPv6 clothes.
CREATE OR REPLACE MACRO clew_address(x) AS
    regexp_replace(lower(clew_text(x)), '^::ffff:', '');

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

-- What links, binds and `new` compare: made once, here, by kind of column (DESIGN R8).
CREATE OR REPLACE MACRO clew_key(x, os) AS
    CASE WHEN os = 'linux' THEN x ELSE lower(x) END;

CREATE OR REPLACE MACRO clew_key_path(x, os) AS
    CASE WHEN os = 'linux' THEN x
         ELSE lower(regexp_replace(replace(x, '/', CASE os WHEN 'windows' THEN '\' ELSE '/' END),
                                   '^\\\\[?.]\\', '')) END;

CREATE OR REPLACE MACRO clew_key_fold(x, os) AS
    lower(rtrim(x, '.'));
