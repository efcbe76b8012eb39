"""Python's hook: each way that code comes to be, each way out of the hook, and that honest code notices nothing."""

import base64
import hashlib
from pathlib import Path

import pytest

from vetting.capture.watching import Seen, python


def hidden(text: str) -> str:
    return f"__import__('base64').b64decode({base64.b64encode(text.encode())!r}).decode()"


LAYERS = f"""
import ast, marshal, os, subprocess, sys, zlib
exec({hidden("exec('first = 1')")})
eval({hidden("'second'")})
exec(compile({hidden("third = 3")}, os.__file__, 'exec'))
exec(marshal.loads(zlib.decompress(MARSHALLED)))
exec(compile(ast.parse({hidden("fifth = 'tree'")}), '<tree>', 'exec'))
subprocess.run([sys.executable, '-I', '-c', {hidden("exec('sixth = 6')")}], env={{}})
subprocess.run([sys.executable, '-S', '-c', 'pass'])
if os.fork() == 0:
    exec({hidden("eighth = 8")})
    os._exit(0)
os.wait()
"""


@pytest.fixture(scope="module")
def layers(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    import marshal
    import zlib

    code = compile("import socket; fourth = 'the-hidden-text'", "/usr/lib/python3/os.py", "exec")
    script = LAYERS.replace("MARSHALLED", repr(zlib.compress(marshal.dumps(code))))
    return python(script, tmp_path_factory.mktemp("layers"))


@pytest.mark.parametrize(
    ("text", "origin", "parent"),
    [
        ("exec('first = 1')", "exec", "import ast"),
        ("first = 1", "exec", "exec('first = 1')"),
        ("'second'", "exec", "import ast"),
        ("third = 3", "exec", "import ast"),
        ("the-hidden-text", "marshal", "import ast"),
        ("fifth", "tree", "import ast"),
        ("exec('sixth = 6')", "command", "import ast"),
        ("sixth = 6", "exec", "exec('sixth = 6')"),
        ("eighth = 8", "exec", "import ast"),
    ],
)
def test_each_layer_is_told_of_with_the_layer_that_ran_it(
    layers: Seen, text: str, origin: str, parent: str
) -> None:
    by_hash = {layer.sha256: layer for layer in layers.layers}
    layer = max(
        (each for each in layers.layers if text in each.text and each.origin == origin),
        key=lambda each: each.depth,
    )
    assert layer.parent is not None
    assert parent in by_hash[layer.parent].text
    assert layer.depth == by_hash[layer.parent].depth + 1


def test_code_without_a_source_is_told_of_by_its_names_and_constants(layers: Seen) -> None:
    text = layers.layer("the-hidden-text").text
    assert text.startswith("# names\nsocket\nfourth\n# constants\n0\n'the-hidden-text'\n# code\n")
    assert "IMPORT_NAME" in text


def test_a_child_that_cannot_be_hooked_is_named(layers: Seen) -> None:
    (child,) = layers.of("execute", what="without site: cannot be hooked")
    assert child.arguments
    assert child.arguments[1:] == ["-S", "-c", "pass"]


def test_nothing_was_tampered_with(layers: Seen) -> None:
    assert layers.code == 0, layers.out
    assert not layers.of("bypass")
    assert not layers.of("reach_limit")


CALLS = """
import ctypes.util, os, shutil, subprocess, sys, urllib.request
os.system('true')
subprocess.run('true', shell=True)
open('a.txt', 'w').close()
os.chmod('a.txt', 0o755)
os.rename('a.txt', 'b.txt')
os.symlink('b.txt', 'c.txt')
os.remove('b.txt')
try: open(os.path.expanduser('~/.pypirc'))
except OSError: pass
try: ctypes.CDLL('./none.so')
except OSError: pass
os.environ.get('NPM_TOKEN')
dict(os.environ)
os.getenv('CI')
try: urllib.request.urlopen('http://user:secret@127.0.0.1:9/keys?a=1', data=b'body')
except OSError: pass
"""


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    return python(CALLS, tmp_path_factory.mktemp("calls"))


def test_calls_are_told_of(calls: Seen) -> None:
    assert calls.code == 0, calls.out
    told = [
        (call.call, Path(str(call.path)).name, call.target, call.mode) for call in calls.calls if call.path
    ]
    for expected in (
        ("write", "a.txt", None, None),
        ("change_mode", "a.txt", None, "0755"),
        ("rename", "a.txt", "b.txt", None),
        ("link", "c.txt", "b.txt", None),
        ("delete", "b.txt", None, None),
        ("read", ".pypirc", None, None),
        ("load_library", "none.so", None, None),
    ):
        assert expected in told
    assert [call.arguments for call in calls.of("execute", executable="/bin/sh", what=None)] == [
        ["sh", "-c", "true"],
        ["/bin/sh", "-c", "true"],
    ]


def test_requests_are_told_of_with_their_bodies(calls: Seen) -> None:
    request = calls.of("request")[0]
    assert (request.method, request.name, request.port, request.path, request.body) == (
        "POST",
        "127.0.0.1",
        9,
        "/keys?a=1",
        "body",
    )


def test_the_environment_is_told_of_by_name_and_a_copy_as_one(calls: Seen) -> None:
    assert [call.name for call in calls.of("read_environment")][:3] == ["NPM_TOKEN", "*", "CI"]


TAMPERING = """
import builtins, os, sys, time
os.write = os.open = os.fstat = os.getpid = time.time_ns = None
for number in os.listdir('/proc/self/fd'):
    try:
        if os.readlink('/proc/self/fd/' + number).endswith('.jsonl'): os.close(int(number))
    except OSError: pass
sys._getframe = sys.addaudithook = None
kept = builtins.isinstance
builtins.isinstance = lambda *given: False
builtins.str = builtins.len = builtins.list = builtins.any = builtins.bytes = None
exec("tampered = 1")
builtins.isinstance = kept
os._exit(0)
"""


def test_what_a_package_breaks_is_not_what_the_hook_uses(tmp_path: Path) -> None:
    assert python(TAMPERING, tmp_path).layer("tampered = 1").depth == 2


DEEP = """
done = False
def dive():
    global done
    try:
        dive()
    except RecursionError:
        if not done:
            exec("def deep(): exec('too = deep')", globals())
            done = True
dive()
deep()
"""


def test_no_room_on_the_stack_hides_nothing(tmp_path: Path) -> None:
    seen = python(DEEP, tmp_path)
    assert seen.code == 0, seen.out
    assert seen.layer("too = deep").depth == 3


def test_a_flood_hides_nothing_that_acts(tmp_path: Path) -> None:
    script = "for number in range(1500): exec(f'x = {number}')\nexec('open(\"after.txt\", \"w\").close()')"
    seen = python(script, tmp_path)
    assert [call.what for call in seen.of("reach_limit")] == ["python hook: layers"]
    (write,) = seen.of("write")
    assert write.layer == seen.layer('open("after.txt"').sha256
    assert len(seen.layers) < 1100


def test_what_waits_long_does_not_and_the_clock_agrees(tmp_path: Path) -> None:
    script = "import time; begun = time.time(); time.sleep(3600); print(round(time.time() - begun))"
    seen = python(script, tmp_path)
    assert seen.out == "3600\n"
    assert [call.seconds for call in seen.of("wait")] == [3600.0]


def test_another_system_is_simulated_but_not_for_the_library(tmp_path: Path) -> None:
    script = "import os, pathlib, platform, subprocess, sys; print(sys.platform, os.name, platform.system(), pathlib.Path('a'))"
    seen = python(script, tmp_path, platform="win32")
    assert seen.out == "win32 nt Windows a\n"
    assert len(seen.of("read_environment", name="sys.platform")) == 1


def test_children_are_started_as_on_windows(tmp_path: Path) -> None:
    script = (
        "import subprocess as s; info = s.STARTUPINFO(); info.dwFlags |= s.STARTF_USESHOWWINDOW; "
        "print(s.run(['true'], creationflags=s.CREATE_NO_WINDOW, startupinfo=info).returncode)"
    )
    seen = python(script, tmp_path, platform="win32")
    assert seen.out == "0\n"
    assert [call.arguments for call in seen.of("execute", what=None)] == [["true"]]


def test_a_published_file_that_is_executed_is_no_layer(tmp_path: Path) -> None:
    version, script = "__version__ = '1.0.0'\n", "exec(open('version.py').read())\n"
    (tmp_path / "version.py").write_text(version)
    seen = python(
        script, tmp_path, published={hashlib.sha256(each.encode()).hexdigest() for each in (version, script)}
    )
    assert seen.layers == []


def test_code_of_a_fixed_form_is_no_layer(tmp_path: Path) -> None:
    script = """
import collections, dataclasses
collections.namedtuple("Point", "x y")
@dataclasses.dataclass
class Circle:
    radius: float = 1.0
"""
    assert [layer.origin for layer in python(script, tmp_path).layers] == ["file"]


def test_honest_code_notices_nothing(tmp_path: Path) -> None:
    script = """
import os, sys, time
print([name for name in sys.modules if "audit" in name], [path for path in sys.path if "hooks" in path])
print(type(sys).__name__, time.sleep.__name__, time.time.__name__, os.environ.get("NONE", 1), "PATH" in os.environ)
"""
    assert python(script, tmp_path).out == "[] []\nmodule sleep time 1 True\n"
