"""What a package does to its own files, and hides, shows in the tree."""

from pathlib import Path

from clew.vetting.detonate import detonate
from vetting import machine
from vetting.detonate import packages

_SCRIPT = """\
set -e
echo changed >> changed.txt
rm deleted.txt
cp -p back.txt /tmp/kept && rm back.txt && mv /tmp/kept back.txt
echo x > passing.txt && rm passing.txt
printf '#!/bin/sh\\n' > run.sh && chmod +x run.sh
ln -s /etc/passwd linked
mkdir -p ~/.config/systemd/user && echo x > ~/.config/systemd/user/x.service
"""


def test_each_change_is_found_where_it_was_made(tmp_path: Path) -> None:
    machine.sandbox("npm")
    names = ("changed.txt", "deleted.txt", "back.txt", "same.txt")
    subject = packages.npm(
        tmp_path / "shifty",
        {"act.sh": _SCRIPT, **dict.fromkeys(names, "as published\n")},
        scripts={"preinstall": "true", "postinstall": "sh act.sh"},
    )
    told = detonate(subject, workplace=tmp_path)
    here = "/home/user/project/node_modules/shifty"
    found = {(c.phase, c.call, c.path, c.mode, c.target) for c in told.calls if c.witness == "tree"}
    assert found == {
        ("postinstall", "find_changed", f"{here}/changed.txt", None, None),
        ("postinstall", "find_deleted", f"{here}/deleted.txt", None, None),
        ("postinstall", "find_unchanged", f"{here}/back.txt", None, None),
        ("postinstall", "find_added", f"{here}/run.sh", "755", None),
        ("postinstall", "find_added", f"{here}/linked", None, "/etc/passwd"),
        ("postinstall", "find_added", "/home/user/.config/systemd/user/x.service", None, None),
    }
