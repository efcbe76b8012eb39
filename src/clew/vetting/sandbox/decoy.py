"""Decoys: secrets that belong to nobody, new for each run. One that leaves is proof of theft.

They look like what the thieves of this field search for (docs of npm, GitHub, AWS, OpenSSH; MITRE ATT&CK T1552): in
the environment, in files of the home directory, in a browser's profile and a wallet. Nobody issued them, so nothing
is lost by them.
"""

from __future__ import annotations

import base64
import secrets
import string
import struct

import msgspec

_LETTERS = string.ascii_letters + string.digits


class Decoys(msgspec.Struct, frozen=True):
    """`values`: what to look for, by the decoy's name; `environment`: variables; `files`: paths under the home."""

    values: dict[str, str]
    environment: dict[str, str]
    files: dict[str, str]

    def paths(self, home: str) -> dict[str, str]:
        """The paths inside of the files that hold decoys."""
        return {f"{home}/{name}": name for name in self.files}


def decoys(user: str) -> Decoys:
    """New decoys for the user of that name."""
    npm, github = f"npm_{_random(36)}", f"ghp_{_random(36)}"
    access = "AKIA" + "".join(secrets.choice(string.ascii_uppercase + "234567") for _ in range(16))
    aws, wallet, cookie, password = _random(40), _random(64), _random(48), _random(20)
    key, line = _private_key(user)
    return Decoys(
        values={
            "NPM_TOKEN": npm,
            "GITHUB_TOKEN": github,
            "AWS_ACCESS_KEY_ID": access,
            "AWS_SECRET_ACCESS_KEY": aws,
            ".ssh/id_ed25519": line,
            "browser cookie": cookie,
            "wallet": wallet,
            ".netrc": password,
        },
        environment={
            "NPM_TOKEN": npm,
            "NODE_AUTH_TOKEN": npm,
            "GITHUB_TOKEN": github,
            "AWS_ACCESS_KEY_ID": access,
            "AWS_SECRET_ACCESS_KEY": aws,
        },
        files={
            ".npmrc": f"//registry.npmjs.org/:_authToken={npm}\n",
            ".pypirc": f"[pypi]\nusername = __token__\npassword = pypi-{password}\n",
            ".netrc": f"machine github.com login {user} password {password}\n",
            ".git-credentials": f"https://{user}:{github}@github.com\n",
            ".aws/credentials": f"[default]\naws_access_key_id = {access}\naws_secret_access_key = {aws}\n",
            ".config/gh/hosts.yml": f"github.com:\n    user: {user}\n    oauth_token: {github}\n",
            ".ssh/id_ed25519": key,
            ".config/google-chrome/Default/Cookies": f"SQLite format 3\0 .github.com user_session {cookie}\n",
            ".config/google-chrome/Default/Login Data": f"SQLite format 3\0 {user} {password}\n",
            ".config/Exodus/exodus.wallet/seed.seco": f"{wallet}\n",
            ".config/solana/id.json": f'"{wallet}"\n',
        },
    )


def _random(length: int) -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(length))


def _private_key(user: str) -> tuple[str, str]:
    """A file in OpenSSH's format (PROTOCOL.key) with random numbers for a key, and a part of its secret to look for."""

    def field(data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + data

    public, check = secrets.token_bytes(32), secrets.token_bytes(4)
    blob = field(b"ssh-ed25519") + field(public)
    secret = check * 2 + blob + field(secrets.token_bytes(32) + public) + field(user.encode())
    secret += bytes(range(1, 9 - len(secret) % 8)) if len(secret) % 8 else b""
    body = (
        b"openssh-key-v1\0"
        + field(b"none") * 2
        + field(b"")
        + struct.pack(">I", 1)
        + field(blob)
        + field(secret)
    )
    text = base64.b64encode(body).decode()
    lines = [text[at : at + 70] for at in range(0, len(text), 70)]
    head, tail = "-----BEGIN OPENSSH PRIVATE KEY-----", "-----END OPENSSH PRIVATE KEY-----"
    return "\n".join([head, *lines, tail, ""]), lines[3][8:]
