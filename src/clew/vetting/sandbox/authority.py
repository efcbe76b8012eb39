"""A certificate authority that lives as long as the run: inside it is trusted, so the sinkhole sees what TLS hides."""

from __future__ import annotations

import datetime
import ssl
from pathlib import Path
from typing import Any

from clew.errors import SandboxError


class Authority:
    """Makes a certificate for each name asked for; all share one key, kept in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._contexts: dict[str, ssl.SSLContext] = {}
        self._key = _key()
        self._key_text = _private(self._key)
        self._root = _certificate("Root", self._key, None, None)
        self.certificate = _text(self._root)
        """The root certificate, as PEM."""

    def context(self, name: str) -> ssl.SSLContext:
        """A server's context with a certificate for that name."""
        name = name.lower()[:253] or "localhost"
        if name not in self._contexts:
            if len(self._contexts) > 500:
                return next(iter(self._contexts.values()))
            self._contexts[name] = self._make(name)
        return self._contexts[name]

    def _make(self, name: str) -> ssl.SSLContext:
        file = self._folder / f"{len(self._contexts)}.pem"
        leaf = _certificate(name, self._key, self._root, name)
        file.write_text(self._key_text + _text(leaf))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        context.set_alpn_protocols(["http/1.1"])
        return context


def _key() -> Any:
    try:
        from cryptography.hazmat.primitives.asymmetric import ec
    except ImportError:
        raise SandboxError("the sandbox needs cryptography: pip install 'clew[vet]'") from None
    return ec.generate_private_key(ec.SECP256R1())


def _certificate(common: str, key: Any, issuer: Any, host: str | None) -> Any:
    """A certificate for `common`, signed with `key`: a root where there is no issuer, else a server's for `host`."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    now = datetime.datetime.now(datetime.UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common[:64])])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=400))
        .not_valid_after(now + datetime.timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=not issuer, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
    )
    if not host:
        return builder.add_extension(_signing(), critical=True).sign(key, hashes.SHA256())
    builder = builder.add_extension(x509.SubjectAlternativeName([_general(host)]), critical=False)
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    return builder.add_extension(usage, critical=False).sign(key, hashes.SHA256())


def _signing() -> Any:
    from cryptography import x509

    names = [
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
    ]
    off = dict.fromkeys([*names, "encipher_only", "decipher_only"], False)
    return x509.KeyUsage(key_cert_sign=True, crl_sign=True, **off)


def _general(host: str) -> Any:
    from ipaddress import ip_address

    from cryptography import x509

    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        pass
    try:
        return x509.DNSName(host)
    except ValueError:  # SNI is the package's to write
        return x509.DNSName("localhost")


def _text(certificate: Any) -> str:
    from cryptography.hazmat.primitives.serialization import Encoding

    return str(certificate.public_bytes(Encoding.PEM).decode())


def _private(key: Any) -> str:
    from cryptography.hazmat.primitives import serialization as form

    text = key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption())
    return str(text.decode())
