"""Node's hook: each way that code comes to be, each way out of the hook."""

import base64
from pathlib import Path

import pytest

from vetting.capture.watching import Seen, node


def hidden(text: str) -> str:
    return f"Buffer.from('{base64.b64encode(text.encode()).decode()}','base64').toString()"


LAYERS = f"""
new Function({hidden("eval('1+41')")})();
require('vm').runInThisContext({hidden("globalThis.vm = 1")}, {{filename: 'node:fs'}});
eval({hidden("2+2//# sourceURL=node:os")});
module._compile({hidden("exports.compiled = 1")}, '/innocent.js');
require('child_process').spawnSync(process.execPath, ['-e', {hidden("eval('5+6')")}], {{env: {{}}}});
const {{ Worker, SHARE_ENV }} = require('worker_threads');
new Worker({hidden("eval('worker = 1')")}, {{eval: true, env: {{}}, execArgv: []}});
new Worker({hidden("eval('worker = 2')")}, {{eval: true, env: SHARE_ENV, execArgv: []}});
import('data:text/javascript,' + {hidden("eval('33')")});
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
        ("2+2", "eval", "new Function"),
        ("exports.compiled = 1", "compile", "new Function"),
        ("eval('5+6')", "command", "new Function"),
        ("5+6", "eval", "eval('5+6')"),
        ("worker = 1", "eval", "eval('worker = 1')"),
        ("worker = 2", "eval", "eval('worker = 2')"),
        ("eval('worker = 2')", "worker", "new Function"),
        ("eval('33')", "data", "new Function"),
    ],
)
def test_each_layer_is_told_of_with_the_layer_that_ran_it(
    layers: Seen, text: str, origin: str, parent: str
) -> None:
    by_hash = {layer.sha256: layer for layer in layers.layers}
    (layer,) = [each for each in layers.layers if text in each.text and each.origin == origin]
    assert layer.parent is not None
    assert parent in by_hash[layer.parent].text
    assert layer.depth == by_hash[layer.parent].depth + 1


def test_a_file_as_it_was_published_is_no_layer(layers: Seen, tmp_path: Path) -> None:
    import hashlib

    published = {hashlib.sha256(b"eval('1')").hexdigest()}
    seen = node("eval('1')", tmp_path, published=published)
    assert [(layer.text, layer.depth, layer.parent) for layer in seen.layers] == [("1", 1, None)]


def test_nothing_was_tampered_with(layers: Seen) -> None:
    assert not layers.of("bypass")
    assert not layers.of("reach_limit")
