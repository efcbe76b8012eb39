"""Node's hook: each way that code comes to be, each way out of the hook, and that honest code notices nothing."""

import base64
import datetime
import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest

from vetting.capture.watching import Seen, node


def hidden(text: str) -> str:
    return f"Buffer.from('{base64.b64encode(text.encode()).decode()}','base64').toString()"


LAYERS = f"""
new Function({hidden("eval('1+41')")})();
require('vm').runInThisContext({hidden("globalThis.vm = 1")}, {{filename: 'node:fs'}});
require('vm').runInNewContext({hidden("eval('6*7')")});
require('vm').compileFunction({hidden("return 'compiled'")});
eval({hidden("2+2//# sourceURL=node:os")});
module._compile({hidden("exports.compiled = 1")}, '/innocent.js');
require('child_process').spawnSync(process.execPath, ['-e', {hidden("eval('5+6')")}], {{env: {{}}}});
require('child_process').execFileSync(process.execPath, ['-'], {{input: {hidden("eval('7+8')")}, env: {{}}}});
const {{ Worker, SHARE_ENV }} = require('worker_threads');
new Worker({hidden("eval('worker = 1')")}, {{eval: true, env: {{}}, execArgv: []}});
new Worker({hidden("eval('worker = 2')")}, {{eval: true, env: SHARE_ENV, execArgv: []}});
class Own extends Worker {{}}
new Own({hidden("eval('worker = 3')")}, {{eval: true}});
import('data:text/javascript,' + {hidden("eval('33')")});
setTimeout(eval, 1, {hidden("'later'")});
"""


@pytest.fixture(scope="module")
def layers(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    return node(LAYERS, tmp_path_factory.mktemp("layers"))


@pytest.mark.parametrize(
    ("text", "origin", "parent"),
    [
        ("eval('1+41')", "Function", "new Function"),
        ("1+41", "eval", "eval('1+41')"),
        ("globalThis.vm = 1", "vm", "new Function"),
        ("6*7", "eval", "eval('6*7')"),
        ("return 'compiled'", "vm", "new Function"),
        ("2+2", "eval", "new Function"),
        ("exports.compiled = 1", "compile", "new Function"),
        ("eval('5+6')", "command", "new Function"),
        ("5+6", "eval", "eval('5+6')"),
        ("eval('7+8')", "command", "new Function"),
        ("worker = 1", "eval", "eval('worker = 1')"),
        ("worker = 2", "eval", "eval('worker = 2')"),
        ("worker = 3", "eval", "eval('worker = 3')"),
        ("eval('worker = 2')", "worker", "new Function"),
        ("eval('33')", "data", "new Function"),
        ("33", "eval", "eval('33')"),
    ],
)
def test_each_layer_is_told_of_with_the_layer_that_ran_it(
    layers: Seen, text: str, origin: str, parent: str
) -> None:
    by_hash = {layer.sha256: layer for layer in layers.layers}
    (layer,) = [
        each for each in layers.layers if text in each.text and each.origin == origin and each.depth > 1
    ]
    assert layer.parent is not None
    assert parent in by_hash[layer.parent].text
    assert layer.depth == by_hash[layer.parent].depth + 1


def test_code_that_a_timer_runs_is_told_of_too(layers: Seen) -> None:
    assert [layer.origin for layer in layers.layers if layer.text == "'later'"] == ["eval"]


def test_nothing_was_tampered_with(layers: Seen) -> None:
    assert layers.code == 0, layers.out
    assert not layers.of("bypass")
    assert not layers.of("reach_limit")


def test_a_layer_names_what_it_does(tmp_path: Path) -> None:
    code = hidden("require('fs').writeFileSync('made.txt', '')")
    seen = node(f"eval({code})", tmp_path)
    (write,) = seen.of("write", path="made.txt")
    assert write.layer == seen.layer("made.txt").sha256
    assert write.stack is not None
    assert write.layer[:12] in write.stack[0]


def test_published_code_is_no_layer_however_it_is_run(tmp_path: Path) -> None:
    library = "globalThis.answer = 42"
    script = "require('vm').runInThisContext(require('fs').readFileSync('library.js', 'utf8')); eval('1')"
    (tmp_path / "library.js").write_text(library)
    seen = node(
        script, tmp_path, published={hashlib.sha256(each.encode()).hexdigest() for each in (library, script)}
    )
    assert [(layer.text, layer.depth, layer.parent) for layer in seen.layers] == [("1", 1, None)]


def test_what_node_makes_by_itself_is_no_layer(tmp_path: Path) -> None:
    module, script = (
        "export default 1; export const two = 2;",
        "try { require('./module.mjs'); } catch {} fetch('data:,x')",
    )
    (tmp_path / "module.mjs").write_text(module)
    seen = node(
        script, tmp_path, published={hashlib.sha256(each.encode()).hexdigest() for each in (module, script)}
    )
    assert seen.layers == []


def test_a_file_that_was_dropped_and_run_is_a_layer(tmp_path: Path) -> None:
    script = "require('fs').writeFileSync('dropped.js', 'exports.dropped = 1'); require('./dropped.js')"
    seen = node(script, tmp_path, published={hashlib.sha256(script.encode()).hexdigest()})
    assert [(layer.origin, layer.text) for layer in seen.layers] == [("file", "exports.dropped = 1")]


CACHED = """
const vm = require('vm');
const text = 'globalThis.cached = "the-hidden-text"';
const cachedData = new vm.Script(text).createCachedData();
new vm.Script(' '.repeat(text.length), { cachedData }).runInThisContext();
"""


def test_cached_data_tells_what_its_source_does_not(tmp_path: Path) -> None:
    (layer,) = [layer for layer in node(CACHED, tmp_path).layers if layer.origin == "cachedData"]
    assert "the-hidden-text" in layer.text.partition("// the source shown")[0]


def test_web_assembly_is_kept_with_its_interface_and_its_texts(tmp_path: Path) -> None:
    from vetting.corpus.hiding import module

    data = module(b"curl http://c2.example.com/")
    script = f"WebAssembly.instantiate(Buffer.from('{data.hex()}', 'hex'), {{host: {{take() {{}}}}}})"
    (layer,) = [layer for layer in node(script, tmp_path).layers if layer.origin == "wasm"]
    assert layer.sha256 == hashlib.sha256(data).hexdigest()
    assert (
        ';; import function "host" "take"\n;; export memory "memory"\n;; export function "run"' in layer.text
    )
    assert "curl http://c2.example.com/" in layer.text


TAMPERING = """
const fs = require('fs');
const inspector = require('inspector');
const session = new inspector.Session(); session.connect(); session.post('Debugger.disable'); session.disconnect(); inspector.close();
for (const number of fs.readdirSync('/proc/self/fd')) {
  try { if (fs.readlinkSync(`/proc/self/fd/${number}`).endsWith('.jsonl')) fs.closeSync(+number); } catch {}
}
Object.defineProperty(Object.prototype, 'toJSON', { get() { throw 1; }, configurable: true });
Object.defineProperty(Array.prototype, Symbol.iterator, { value() { throw 1; } });
JSON.stringify = JSON.parse = () => '';
fs.writeSync = fs.openSync = fs.fstatSync = () => 0;
process.binding('fs').writeString = () => 0;
Map.prototype.get = Map.prototype.has = Map.prototype.set = () => undefined;
String.prototype.slice = String.prototype.startsWith = () => '';
Array.prototype.push = () => 0;
Function.prototype.call = Function.prototype.apply = () => undefined;
Error.prepareStackTrace = () => '';
Object.freeze(Error);
eval("globalThis.tampered = 1");
"""


def test_what_a_package_breaks_is_not_what_the_hook_uses(tmp_path: Path) -> None:
    seen = node(TAMPERING, tmp_path)
    assert [layer.origin for layer in seen.layers if layer.text == "globalThis.tampered = 1"] == ["eval"]


DEEP = """
let done = false;
function dive() { try { dive(); } catch (error) { if (!done) { eval('globalThis.deep = () => require("fs").existsSync("deep")'); done = true; } } }
globalThis.require = require;
dive();
deep();
"""


def test_no_room_on_the_stack_hides_nothing(tmp_path: Path) -> None:
    seen = node(DEEP, tmp_path)
    assert seen.code == 0, seen.out
    assert "existsSync" in seen.layer("globalThis.deep = ()").text


def test_a_flood_hides_nothing_that_acts(tmp_path: Path) -> None:
    script = """
    for (let i = 0; i < 1500; i += 1) eval(`${i}`);
    eval("require('fs').writeFileSync('after.txt', '')");
    """
    seen = node(script, tmp_path)
    assert [call.what for call in seen.of("reach_limit")] == ["node hook: layers"]
    (write,) = seen.of("write")
    assert write.layer == seen.layer("after.txt").sha256
    assert len(seen.layers) < 1100


def test_what_is_too_long_keeps_its_end(tmp_path: Path) -> None:
    seen = node("eval('/*' + 'x'.repeat(3_000_000) + '*/ globalThis.end = 1')", tmp_path)
    layer = seen.layer("globalThis.end")
    assert layer.truncated
    assert len(layer.text) <= 1 << 21


def test_a_log_that_is_taken_away_is_tampering(tmp_path: Path) -> None:
    seen = node(
        "const fs = require('fs'); for (const name of fs.readdirSync('log')) fs.unlinkSync('log/' + name); eval('1')",
        tmp_path,
    )
    assert not seen.of("execute", what="hooked")
    forged = node(
        "const fs = require('fs'); for (const name of fs.readdirSync('log')) fs.truncateSync('log/' + name); eval('1')",
        tmp_path,
    )
    assert "does not begin as a hook's log does" in str(forged.of("bypass")[0].what)


CALLS = """
const { execSync, spawn } = require('child_process');
const fs = require('fs');
const os = require('os');
const path = require('path');
execSync('echo started');
spawn('node', ['-e', '0'], { stdio: 'ignore', env: {} });
fs.writeFileSync('a.txt', 'a');
fs.promises.chmod('a.txt', 0o755).then(() => fs.rename('a.txt', 'b.txt', () => fs.unlinkSync('b.txt')));
try { fs.readFileSync(path.join(os.homedir(), '.npmrc')); } catch {}
try { process.dlopen({ exports: {} }, './none.node'); } catch {}
process.env.NPM_TOKEN;
const copy = { ...process.env };
'CI' in process.env;
const http = require('http');
const server = http.createServer((asked, answer) => answer.end()).listen(0, '127.0.0.1', () => {
  const { port } = server.address();
  const asked = http.request({ host: '127.0.0.1', port, path: '/keys?a=1', method: 'POST' }, (answer) => {
    answer.resume();
    server.close();
  });
  asked.write('first ');
  asked.end('last');
});
"""


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    return node(CALLS, tmp_path_factory.mktemp("calls"))


def test_children_are_told_of_with_what_they_are_given(calls: Seen) -> None:
    assert calls.code == 0, calls.out
    (shell,) = calls.of("execute", executable="/bin/sh")
    assert shell.arguments == ["/bin/sh", "-c", "echo started"]
    assert shell.pid
    (child,) = calls.of("execute", executable="node", what=None)
    (started,) = [call for call in calls.of("execute", what="hooked") if call.pid == child.pid]
    assert started.arguments
    assert started.arguments[1:] == ["-e", "0"]


def test_files_are_told_of(calls: Seen) -> None:
    told = [
        (call.call, Path(str(call.path)).name, call.target, call.mode) for call in calls.calls if call.path
    ]
    for expected in (
        ("write", "a.txt", None, None),
        ("change_mode", "a.txt", None, "0755"),
        ("rename", "a.txt", "b.txt", None),
        ("delete", "b.txt", None, None),
        ("read", ".npmrc", None, None),
        ("load_library", "none.node", None, None),
    ):
        assert expected in told


def test_the_environment_is_told_of_by_name_and_a_copy_as_one(calls: Seen) -> None:
    assert [call.name for call in calls.of("read_environment")] == ["NPM_TOKEN", "*", "CI"]


def test_requests_are_told_of_with_their_bodies(calls: Seen) -> None:
    (request,) = calls.of("request")
    assert (request.method, request.name, request.path, request.body) == (
        "POST",
        "127.0.0.1",
        "/keys?a=1",
        "first last",
    )
    assert request.port
    assert [(call.address, call.port) for call in calls.of("connect")] == [("127.0.0.1", request.port)]
    assert request.transport == "http"


WAITING = """
const begun = Date.now();
setTimeout((word) => {
  console.log(word, Math.round((Date.now() - begun) / 1e5), new Date() - begun > 3e6, new Date() instanceof Date);
}, 3_600_000, 'rung');
"""


def test_what_waits_long_does_not_and_the_clock_agrees(tmp_path: Path) -> None:
    seen = node(WAITING, tmp_path)
    assert seen.out == "rung 36 true true\n"
    assert [call.seconds for call in seen.of("wait")] == [3600.0]


def test_a_shell_that_sleeps_long_does_not(tmp_path: Path) -> None:
    seen = node("console.log(require('child_process').execSync('sleep 600; echo up').toString())", tmp_path)
    assert seen.out.strip() == "up"
    assert [call.seconds for call in seen.of("wait")] == [600.0]


def test_a_date_that_lies_ahead_is_told_of_and_comes(tmp_path: Path) -> None:
    later = datetime.date.today() + datetime.timedelta(days=400)
    script = f"""
console.log(new Date() > new Date('{later}'), Date.now() > Date.parse('{later}'), new Date(Date.now() + 1e9) > new Date(), Date.name, `${{Date}}`);
"""
    seen = node(script, tmp_path)
    assert seen.out == "true true true Date function Date() { [native code] }\n"
    assert {call.name for call in seen.of("read_environment")} == {f"date {later}T00:00:00.000Z"}


WINDOWS = """
const os = require('os');
console.log(process.platform, os.platform(), os.type(), `${os.platform}`, JSON.stringify(os.EOL));
require('child_process').exec('echo harmless', (error) => console.log(error));
require('child_process').spawn('powershell.exe', ['-c', 'echo']).on('error', console.log);
"""


def test_another_system_is_simulated(tmp_path: Path) -> None:
    seen = node(WINDOWS, tmp_path, platform="win32")
    assert seen.out == 'win32 win32 Windows_NT win32 "\\r\\n"\nnull\n'
    assert [call.arguments for call in seen.of("execute", what=None)] == [
        ["cmd.exe", "/d", "/s", "/c", '"echo harmless"'],
        ["powershell.exe", "-c", "echo"],
    ]
    assert seen.of("read_environment", name="process.platform")
    assert {call.platform for call in seen.calls} == {"win32"}


def test_arguments_that_are_no_texts_are_told_as_they_are_run(tmp_path: Path) -> None:
    script = "console.log(require('child_process').spawnSync('echo', ['-j', 4, true]).stdout.toString())"
    seen = node(script, tmp_path)
    assert seen.out == "-j 4 true\n\n"
    assert [call.arguments for call in seen.of("execute", what=None)] == [["echo", "-j", "4", "true"]]
    assert not seen.of("bypass")


HONEST = """
const fs = require('fs');
console.log(process.env.NODE_OPTIONS, process.env.CAPTURE, process.execArgv.length, 'CAPTURE' in process.env);
console.log(/watch|hook|capture/i.test(new Error().stack + fs.unlinkSync + Object.keys(require.cache)), fs.unlinkSync.name, fs.unlinkSync.length);
process.env.GIVEN = 1;
console.log(process.env.GIVEN, Object.keys(process.env).includes('GIVEN'), delete process.env.GIVEN, process.env.GIVEN);
console.log(require('util').promisify(fs.exists) !== undefined, typeof fs.realpathSync.native, new Date(0).getTime(), Date.length);
console.log(require('child_process').execFileSync('/usr/bin/env', { env: { A: '1', NODE_OPTIONS: '--no-warnings' } }).toString().includes('--no-warnings'));
"""


def test_honest_code_notices_nothing(tmp_path: Path) -> None:
    seen = node(HONEST, tmp_path)
    assert seen.out.splitlines() == [
        "undefined undefined 0 false",
        "false unlinkSync 1",
        "1 true true undefined",
        "true function 0 7",
        "true",
    ]


def test_npm_works_under_the_hook(tmp_path: Path) -> None:
    npm = shutil.which("npm") or pytest.skip("needs npm")
    plain = subprocess.run([npm, "--version"], capture_output=True, text=True, check=True, timeout=60).stdout
    script = f"process.argv = [process.argv[0], {npm!r}, '--version']; require({str(Path(npm).resolve())!r})"
    assert node(script, tmp_path).out == plain
