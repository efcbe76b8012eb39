// What honest packages seldom hold. One of these alone is worth a note; what it is worth beside a capability, the
// risks say.

rule secret_npm : secret token finding {
  meta: kind = "threat" title = "names the file of npm's or PyPI's tokens" technique = "T1552.001"
  strings: $a = /["'`\/\\]\.(npmrc|pypirc|yarnrc\.yml)["'`]/ $b = "_authToken"
  condition: any of them
}

rule secret_cloud : secret {
  meta: kind = "threat" title = "names the files of cloud credentials" technique = "T1552.001"
  strings:
    $aws = /\.aws["'`,\s\/\\]{1,6}credentials/
    $gcp = /gcloud[\/\\"'`,\s]{1,6}(application_default_credentials|credentials\.db|access_tokens)/
    $azure = /\.azure[\/\\"'`,\s]{1,6}(accessTokens|azureProfile|msal_token_cache)/
    $kube = /\.kube["'`,\s\/\\]{1,6}config/
    $docker = /\.docker["'`,\s\/\\]{1,6}config\.json/
  condition: any of them
}

rule secret_ssh : secret {
  meta: kind = "threat" title = "names private keys or password files" technique = "T1552.004"
  strings:
    $ssh = /\.ssh["'`,\s\/\\]{1,6}(id_(rsa|ed25519|ecdsa|dsa)|known_hosts|authorized_keys)|["'`\/]id_(rsa|ed25519)["'`]/
    $shadow = /["'`\s]\/etc\/shadow\b/
    $git = /["'`\/]\.git-credentials["'`]/
    $netrc = /["'`\/]\.netrc["'`]/
  condition: any of them
}

rule secret_browser : secret {
  meta: kind = "threat" title = "names the stores of browsers, wallets or messengers" technique = "T1555.003"
  strings:
    $chrome = /(Google[\/\\"'`,\s]{1,6}Chrome|BraveSoftware|Microsoft[\/\\"'`,\s]{1,6}Edge|Chromium)[\/\\"'`,\s\w.-]{1,60}User Data/
    $logins = /["'`\/\\](Login Data|Local State|Web Data|logins\.json|key4\.db|cookies\.sqlite)["'`]/
    $wallet = /(nkbihfbeogaeaoehlefnkodbefgpgknn|bfnaelmomeimhlpmgjnjophhpkkoljpa|ibnejdfjmmkpcnlpebklmnkoeoihofec|Exodus[\/\\"'`,\s]{1,6}exodus\.wallet|Electrum[\/\\"'`,\s]{1,6}wallets|wallet\.dat)/
    $discord = /discord(canary|ptb)?[\/\\"'`,\s]{1,6}Local Storage[\/\\"'`,\s]{1,6}leveldb/ nocase
    $keychain = /security find-(generic|internet)-password|login\.keychain/
    $dpapi = "CryptUnprotectData"
  condition: any of them
}

rule token_variables : token finding {
  meta: kind = "threat" title = "asks for the names of secrets in the environment" technique = "T1552"
  strings:
    $js = /process\.env(\.|\[["'`])(NPM_TOKEN|NODE_AUTH_TOKEN|GITHUB_TOKEN|GH_TOKEN|AWS_SECRET_ACCESS_KEY|AWS_SESSION_TOKEN|PYPI_TOKEN|TWINE_PASSWORD|VAULT_TOKEN)\b/
    $py = /os\.(environ(\.get\(|\[)|getenv\()["'](NPM_TOKEN|GITHUB_TOKEN|GH_TOKEN|AWS_SECRET_ACCESS_KEY|AWS_SESSION_TOKEN|PYPI_TOKEN|TWINE_PASSWORD|VAULT_TOKEN)["']/
  condition: any of them
}

rule environment_dump : secret finding {
  meta: kind = "threat" title = "takes the whole environment" technique = "T1082"
  strings:
    $js_json = /JSON\.stringify\(\s{0,3}process\.env\s{0,3}[,)]/
    $js_entries = /Object\.entries\(\s{0,3}process\.env\s{0,3}\)/
    $js_field = /\b(env|environment)\s?:\s?process\.env\s?[,}]\s{0,40}[^}]{0,80}(hostname|userInfo|username)/
    $py_dump = /\b(json\.dumps|dict|str|repr)\(\s{0,3}(dict\(\s{0,3})?os\.environ\s{0,3}\)/
    $py_field = /\b(data|json|params)\s?=\s?(dict\()?os\.environ\b/
  condition: any of them
}

rule exfiltration_service {
  meta: kind = "threat" title = "names a service that data is often carried off to" technique = "T1567"
  strings:
    $webhook = /discord(app)?\.com\/api\/(v\d+\/)?webhooks\/\d/
    $telegram = /api\.telegram\.org\/bot/
    $bins = /\b(webhook\.site|requestbin\.(com|net)|pipedream\.net|hookb\.in|beeceptor\.com|requestcatcher\.com)\b/
    $oast = /\b[\w.-]{0,80}\.(oast(ify)?\.(com|pro|live|site|online|fun|me)|burpcollaborator\.net|interact\.sh|dnslog\.cn|ceye\.io|canarytokens\.com)\b/
    $tunnels = /\b[\w-]{1,60}\.(ngrok\.io|ngrok-free\.app|ngrok\.app|trycloudflare\.com|serveo\.net|loca\.lt)\b/
    $drops = /\b(transfer\.sh|file\.io|anonfiles\.com|gofile\.io|0x0\.st|termbin\.com|store1\.gofile\.io)\/[\w?"'`]/
    $pastes = /\b(pastebin\.com\/raw|hastebin\.com\/raw|paste\.ee\/r|rentry\.co\/[\w-]+\/raw|ghostbin\.com)/
  condition: any of them
}

rule bare_address {
  meta: kind = "threat" title = "calls an address without a name" technique = "T1071.001"
  strings:
    $url = /(https?|wss?|tcp):\/\/([1-9]\d?|1\d\d|2[0-4]\d|25[0-5])\.\d{1,3}\.\d{1,3}\.\d{1,3}(:\d{2,5})?[\/"'`?]/
    $local = /:\/\/(127\.|10\.|192\.168\.|169\.254\.|172\.(1[6-9]|2\d|3[01])\.|1\.1\.1\.1|8\.8\.[84]\.[84]|1\.2\.3\.4|255\.)/
  condition: #url > #local
}

rule reverse_shell {
  meta: kind = "threat" title = "ties a shell to a connection" technique = "T1059.004"
  strings:
    $bash = /\bbash\s+-i\s+>&\s*\/dev\/tcp\//
    $device = /\/dev\/(tcp|udp)\/[\w.$-]+\/\d/
    $netcat = /\bn(et)?c(at)?\s+(-\w+\s+){0,4}-\w*[ec]\w*\s+\/bin\/(ba|z|da)?sh/
    $fifo = /mkfifo\s+[\w\/.]+\s*;.{0,80}\/bin\/sh\s+-i/
    $js = /\b(client|socket|sock|conn|connection|stream|s|c)\.pipe\(\s{0,3}(sh|shell|proc|cp|child|cmd)\.stdin\s{0,3}\)[;,\s]{0,4}.{0,60}\.(stdout|stderr)\.pipe\(/s
    $py = /os\.dup2\(\s{0,3}\w+\.fileno\(\)\s{0,3},\s{0,3}[012]\s{0,3}\)/
    $powershell = /New-Object\s+(System\.)?Net\.Sockets\.TCPClient/ nocase
  condition: any of them
}

rule hidden_powershell {
  meta: kind = "threat" title = "runs PowerShell so that nobody sees or reads it" technique = "T1059.001"
  strings:
    $hidden = /\b(powershell|pwsh)(\.exe)?["'`,\s\[\]]{1,6}.{0,120}-w(in|indowstyle)?["'`,\s]{1,6}(hidden|1\b)/ nocase
    $expression = /\b(iex|Invoke-Expression)\b.{0,80}(DownloadString|Net\.WebClient|Invoke-WebRequest|\biwr\b|\birm\b)/ nocase
    $pipe = /\b(iwr|irm|Invoke-WebRequest|Invoke-RestMethod)\b.{0,160}\|\s*(iex|Invoke-Expression)\b/ nocase
  condition: any of them
}

rule encoded_powershell {
  meta: kind = "threat" title = "runs PowerShell from an encoded text" technique = "T1059.001"
  strings:
    $encoded = /\b(powershell|pwsh)(\.exe)?["'`,\s\[\]]{1,6}.{0,120}-(e|ec|en|enc|enco|encodedcommand)["'`,\s]{1,6}/ nocase
  condition: $encoded
}

rule download_by_system_tool {
  meta: kind = "threat" title = "downloads by a tool of the system and runs it" technique = "T1105"
  strings:
    $pipe = /\b(curl|wget)\b[^\n|;]{1,200}\|\s*(sudo\s+)?(ba|z|da)?sh\b/
    $python = /\b(curl|wget)\b[^\n|;"'`]{1,200}\|\s*(sudo\s+)?(python3?|node|perl)\b/
    $chmod = /\b(curl|wget)\b[^\n]{1,200}(&&|;)\s*chmod\s+(\+x|[0-7]{3,4})\s/
    $certutil = /certutil(\.exe)?\s+.{0,40}-urlcache/ nocase
    $bits = /bitsadmin(\.exe)?\s+.{0,40}\/transfer/ nocase
    $mshta = /\bmshta(\.exe)?["'`,\s]{1,6}(https?:|vbscript:|javascript:)/ nocase
    $scriptlet = /regsvr32(\.exe)?\s+.{0,40}\/i:https?:/ nocase
  condition: any of them
}

rule erase_itself {
  meta: kind = "threat" title = "deletes or replaces its own file" technique = "T1070.004"
  strings:
    $js = /\b(unlink|rm)(Sync)?\(\s{0,3}(__filename|process\.argv\[1\]|require\.main\.filename)/
    $js_path = /\b(unlink|rm)(Sync)?\(\s{0,3}[\w.]{0,20}(join|resolve)\(\s{0,3}__dirname\s{0,3},\s{0,3}["'`][\w.\/-]{1,40}\.(js|cjs|mjs)["'`]/
    $py = /\bos\.(remove|unlink)\(\s{0,3}(__file__|os\.path\.(abspath|realpath)\(__file__\)|sys\.argv\[0\])/
    $manifest = /\brename(Sync)?\([^)\n]{1,120}package\.(md|txt|bak|json\.\w+)["'`][^)\n]{0,80}package\.json/
  condition: any of them
}

rule autostart {
  meta: kind = "threat" title = "names a place from which programs are started again" technique = "T1547"
  strings:
    $mac = /Library[\/\\"'`,\s]{1,6}Launch(Agents|Daemons)/
    $systemd = /(\.config[\/"'`,\s]{1,6}systemd[\/"'`,\s]{1,6}user|\/etc\/systemd\/system)/
    $desktop = /\.config[\/"'`,\s]{1,6}autostart/
    $registry = /CurrentVersion\\{1,4}Run\b/ nocase
    $startup = /Start Menu[\\\/"'`,\s]{1,6}Programs[\\\/"'`,\s]{1,6}Startup/ nocase
    $cron = /\bcrontab\s+-|["'`]\/etc\/cron\.(d|daily|hourly)|["'`]\/var\/spool\/cron/
    $tasks = /schtasks(\.exe)?["'`,\s]{1,6}\/create/ nocase
  condition: any of them
}

rule quiet_child {
  meta: kind = "threat" title = "starts a program that outlives it and says nothing" technique = "T1564.003"
  strings:
    $detached = /detached\s?:\s?(true|!0)/
    $unref = ".unref()"
    $silent = /stdio\s?:\s?["'`]ignore["'`]/
    $py = /creationflags\s?=\s?[\w.|\s]{0,80}(CREATE_NO_WINDOW|DETACHED_PROCESS|0x08000000)/
    $nohup = /\bnohup\s.{1,160}(>\s*\/dev\/null|&\s*["'`])/
  condition: ($detached and $unref and $silent) or $py or $nohup
}

rule miner {
  meta: kind = "threat" title = "mines coins" technique = "T1496"
  strings:
    $protocol = /stratum\+(tcp|ssl):\/\//
    $program = /\b(xmrig|cpuminer|minerd|cgminer|nbminer)\b/
    $flag = /--(donate-level|coin|algo)[ =](monero|\d|rx\/0|cn\/)/
    $pool = /\b(pool\.(minexmr|supportxmr|hashvault)\.\w+|nanopool\.org|coinhive\.(com|min\.js))/
  condition: $protocol or $pool or ($program and $flag)
}

rule destruction {
  meta: kind = "threat" title = "destroys what is not its own" technique = "T1485"
  strings:
    $shell = /\brm\s+-(rf|fr)\s+(~|\$HOME|\/\*|\/home|\/ |--no-preserve-root)/
    $js = /\b(rm|rmdir)(Sync)?\(\s{0,3}(os\.homedir\(\)|["'`]\/["'`]|["'`]C:\\{1,2}["'`])/
    $py = /shutil\.rmtree\(\s{0,3}(os\.path\.expanduser\(["']~["']\)|Path\.home\(\)|["']\/["'])/
    $shadows = /vssadmin(\.exe)?\s+delete\s+shadows/ nocase
    $disk = /\bdd\s+if=\/dev\/(zero|u?random)\s+of=\/dev\/[sh]d/
  condition: any of them
}

rule inject {
  meta: kind = "threat" title = "puts code into other processes" technique = "T1055"
  strings:
    $write = "WriteProcessMemory"
    $thread = /\b(CreateRemoteThread(Ex)?|NtCreateThreadEx|QueueUserAPC)\b/
    $alloc = "VirtualAllocEx"
  condition: 2 of them
}

rule scrape_memory {
  meta: kind = "threat" title = "reads the memory of other processes" technique = "T1003.007"
  strings:
    $maps = /\/proc\/["'`{$\w+\s\[\]%.]{1,40}\/(maps|mem)["'`]/
    $runner = "Runner.Worker"
  condition: all of them
}

rule spread {
  meta: kind = "threat" title = "publishes packages or plants workflows" technique = "T1195.002"
  strings:
    $publish = /["'`](npm|yarn|pnpm)\s+publish\b|["'`]npm["'`]\s{0,3},\s{0,3}\[\s{0,3}["'`]publish["'`]/
    $twine = /\btwine\s+upload\b/
    $whoami = /\/-\/(whoami|npm\/v1\/tokens)\b/
    $workflow = /\.github[\/\\"'`,\s]{1,6}workflows[\/\\"'`,\s]{1,6}[\w-]{1,40}\.ya?ml/
    $maintained = /search\?text=maintainer/
    $trufflehog = "trufflehog"
  condition: any of them
}

rule address_swap {
  meta: kind = "threat" title = "changes what a page sends or shows of wallets" technique = "T1565.002"
  strings:
    $ethereum = "window.ethereum"
    $open = /XMLHttpRequest\.prototype\.(open|send)\s?=/
    $fetch = /(window|globalThis)\.fetch\s?=\s?(async\s?)?(function|\(|\w)/
    $wallets = /["'`](bc1q[0-9a-z]{20,60}|0x[0-9a-fA-F]{40}|[13][1-9A-HJ-NP-Za-km-z]{25,34}|T[1-9A-HJ-NP-Za-km-z]{33})["'`]/
  condition: $ethereum and ($open or $fetch) and #wallets > 3
}

rule dns_carrier {
  meta: kind = "threat" title = "puts data into the names that it asks for" technique = "T1048.003"
  strings:
    $js = /\b(lookup|resolve[46]?|resolveTxt)\(\s{0,3}(`[^`]{0,60}\$\{[^`]{1,120}\}\.[^`]{3,60}`|[\w.]+\s?\+\s?["'`]\.[\w.-]{4,60}["'`])/
    $py = /\b(gethostbyname|getaddrinfo)\(\s{0,3}(f["'][^"']{0,60}\{[^"']{1,120}\}\.[\w.-]{4,60}["']|\w+\s?\+\s?["']\.[\w.-]{4,60}["'])/
    $shell = /\b(nslookup|dig|host)\s+[^\n"'`]{0,20}\$\([^)\n]{1,80}\)\.[\w.-]{4,}/
  condition: any of them
}

rule decode_and_run {
  meta: kind = "threat" title = "runs what it has just decoded" technique = "T1140"
  strings:
    $js_eval = /(^|[^\w.$])eval\(\s{0,3}(atob\(|Buffer\.from\([^;]{1,400}["'](base64|hex)["']|decodeURIComponent\(escape\()/
    $js_function = /\bFunction\(\s{0,3}(atob\(|Buffer\.from\([^;]{1,400}["'](base64|hex)["'])/
    $js_node = /\bnode\s+-e\s+.{0,40}(eval|Function)\(.{0,60}(atob\(|base64)/
    $py = /(^|[^\w.])(exec|eval)\(\s{0,3}(compile\(\s{0,3})?(__import__\(["'](base64|zlib|marshal|codecs)["']\)|base64\.|zlib\.|lzma\.|marshal\.|codecs\.|bytes\.fromhex|b64decode|binascii\.|["'][A-Za-z0-9+\/=]{80,}["']\.decode)/
    $py_marshal = /(exec|eval)\(\s{0,3}(\w+\.)?loads\(\s{0,3}(zlib|base64|b64decode|lzma|b["'])/
    $py_lambda = /\(lambda __?:\s?__import__\(["'](zlib|base64)["']\)/
    $shell = /\bbase64\s+(-d|-D|--decode)\b[^\n|;]{0,80}\|\s*(ba|z|da)?sh\b/
  condition: any of them
}

rule disguised_import {
  meta: kind = "threat" title = "hides which module it loads" technique = "T1027"
  strings:
    $py_split = /__import__\(\s{0,3}["']\w{1,8}["']\s?\+\s?["']/
    $py_reverse = /__import__\([^)\n]{1,60}\[::-1\]/
    $py_builtin = /getattr\(\s{0,3}__builtins__\s{0,3},\s{0,3}["']|__builtins__\.__dict__\[/
    $py_chars = /__import__\(\s{0,3}(chr\(|["']["']\.join\()/
    $js_split = /\brequire\(\s{0,3}["'`](c|ch|chi|child|h|ht|htt|f|n)["'`]\s?\+\s?["'`]/
    $js_escape = /\brequire\(\s{0,3}["'`](\\x[0-9a-f]{2}){2,}/
    $js_reverse = /\brequire\([^)\n]{1,80}\.reverse\(\)\.join\(/
    $js_global = /\b(globalThis|global)\[\s{0,3}\w{1,20}\([^)\n]{0,40}\)\]\(/
    $js_decoded = /\brequire\(\s{0,3}(atob\(|Buffer\.from\()/
  condition: any of them
}
