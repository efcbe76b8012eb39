// What code can do. None of these is bad by itself: they weigh together with a threat, and where they are seen only
// after decoding.
//
// meta of all rules: kind (capability, threat, shape, risk); title; technique (ATT&CK). Of risks also: weight, and
// at_install, the weight in files that installing runs; joins, the rules or tags of which each must match; within so
// many bytes of one another.

rule network_out : action {
  meta: kind = "capability" title = "talks to the network" technique = "T1071"
  strings:
    $js_module = /\b(require\(|from |import\()\s{0,3}["'`](node:)?(https?|http2|net|tls|dgram|dns|axios|request|got|node-fetch|undici|superagent|ws)["'`]/
    $js_call = /\b\w{1,20}\(["'`](node:)?(https?|net|tls|dgram|dns)["'`]\)/
    $js_binding = /process\.binding\(["'](tcp_wrap|udp_wrap|cares_wrap)["']\)/
    $js_fetch = /(^|[^\w.$"'])fetch\(\s{0,3}[\w"'`$]/
    $js_xhr = "new XMLHttpRequest"
    $js_beacon = "navigator.sendBeacon("
    $py_urllib = /\burllib(2|\.request|\.parse)?\.?(urlopen|request|Request|urlretrieve)\b/
    $py_requests = /\b(requests|httpx|aiohttp)\.(get|post|put|request|Session|Client|ClientSession)\b/
    $py_import = /\bimport (socket|requests|http\.client|urllib\.request|httpx|aiohttp|ftplib|smtplib)\b/
    $py_from = /\bfrom (urllib\.request|http\.client|urllib3?|requests|socket) import\b/
    $shell = /(^|[\s;&|("'`])(curl|wget)\s+(-[\w-]+\s+){0,6}["']?(https?:|ftp:|\$)/
    $powershell = /(Invoke-WebRequest|Invoke-RestMethod|Net\.WebClient|DownloadString|DownloadFile)\b/ nocase
  condition: any of them
}

rule execute : action {
  meta: kind = "capability" title = "starts programs" technique = "T1059"
  strings:
    $js_module = /["'`](node:)?child_process["'`]/
    $js_binding = /process\.binding\(["'](process_wrap|spawn_sync)["']\)/
    $js_shell = /["'`](shelljs|execa|cross-spawn)["'`]/
    $py_subprocess = /\bsubprocess\.(run|call|check_call|check_output|Popen|getoutput|getstatusoutput)\b/
    $py_import = /\b(import subprocess|from subprocess import)\b/
    $py_os = /\bos\.(system|popen|exec[lv]p?e?|spawn[lv]p?e?|posix_spawnp?)\s?\(/
    $py_pty = "pty.spawn("
  condition: any of them
}

rule run_code : action {
  meta: kind = "capability" title = "runs code that is made while it runs" technique = "T1059.007"
  strings:
    $js_eval = /(^|[^\w.$"'`-])eval\(\s{0,3}[\w$(]/
    $js_function = /\b(new\s+)?Function\(\s{0,3}["'`\w$]/
    $js_constructor = /\.constructor\(["'`]return\b/
    $js_vm = /\bvm["'`]?\)?\.(runIn(This|New)?Context|Script|compileFunction)\b/
    $js_compile = "._compile("
    $py_exec = /(^|[^\w.])(exec|eval)\(\s{0,3}[\w(]/
    $py_marshal = "marshal.loads("
    $py_compile = /(^|[^\w.])compile\(\s{0,3}\w[^)]{0,200}["']exec["']/
  condition: any of them
}

rule decode {
  meta: kind = "capability" title = "decodes text" technique = "T1140"
  strings:
    $js_atob = "atob("
    $js_buffer = /Buffer\.from\([^;]{1,200}["'](base64|hex|binary|latin1)["']/
    $js_codes = /String\.fromCharCode\(/
    $js_inflate = /\b(inflate|gunzip|brotliDecompress|unzip|inflateRaw)Sync\(/
    $js_decipher = "createDecipheriv("
    $py_base = /\b(b64decode|b32decode|b85decode|a85decode|b16decode|urlsafe_b64decode|unhexlify|fromhex)\(/
    $py_inflate = /\b(zlib|lzma|bz2|gzip)\.decompress\(/
    $py_codec = /codecs\.decode\(|\.decode\(["'](rot_?13|hex|base64)["']\)/
  condition: any of them
}

rule delete_files {
  meta: kind = "capability" title = "deletes files" technique = "T1070.004"
  strings:
    $js = /\b(unlink|rm|rmdir)(Sync)?\(\s{0,3}[\w"'`$]/
    $py = /\bos\.(remove|unlink|rmdir)\(|shutil\.rmtree\(/
  condition: any of them
}

rule write_files {
  meta: kind = "capability" title = "writes files" technique = "T1105"
  strings:
    $js = /\b(writeFile|appendFile|createWriteStream|outputFile)(Sync)?\(/
    $py = /\bopen\([^)\n]{1,120},\s{0,3}["'](w|wb|a|ab)["']|\.write_(text|bytes)\(/
  condition: any of them
}

rule system_information : finding {
  meta: kind = "capability" title = "asks who and where it is" technique = "T1082"
  strings:
    $js_host = /\bos\d?\.hostname\(\)|\.userInfo\(\)|\.networkInterfaces\(\)/
    $py_host = /\b(socket\.gethostname|platform\.node|getpass\.getuser|os\.getlogin|os\.uname)\(\)/
    $shell = /["'`](whoami|hostname|uname -a|ifconfig|ipconfig \/all|systeminfo)["'`]/
  condition: any of them
}

rule clipboard : finding {
  meta: kind = "capability" title = "reads the clipboard" technique = "T1115"
  strings:
    $js = /\bclipboard(y|\.readText\(|\.readSync\()/
    $py = "pyperclip.paste("
    $windows = "GetClipboardData"
  condition: any of them
}

rule screen_or_keys : finding {
  meta: kind = "capability" title = "watches the screen or the keyboard" technique = "T1056.001"
  strings:
    $keys_py = /\bpynput\b.{0,40}\b(keyboard|Listener)\b|keyboard\.(on_press|hook)\(/
    $keys_js = /["'`](iohook|node-global-key-listener|uiohook-napi)["'`]/
    $keys_windows = /\b(GetAsyncKeyState|SetWindowsHookEx[AW]?)\b/
    $screen_py = /\bImageGrab\.grab\(|\bmss\.mss\(|pyautogui\.screenshot\(/
    $screen_js = /["'`]screenshot-desktop["'`]/
  condition: any of them
}
