"""Who signs: an authority of one's own and the certificate that it gives, or the user's chain and key."""

from __future__ import annotations

import datetime
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from desktop.errors import UserError
from desktop.paths import write_atomically

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.x509 import Certificate, CertificateBuilder

YEARS = datetime.timedelta(days=3650)
BACK = datetime.timedelta(days=1)  # clocks differ
AUTHORITY, SIGNER = "Sfumato, of this computer", "Sfumato"
PLAIN = "Choose one of elliptic curves, Ed25519 or RSA (2048 bits and more), without a password."
ALGORITHMS = (
    ("ed25519", 0, "ed25519"),
    ("ec", 521, "es512"),
    ("ec", 384, "es384"),
    ("ec", 256, "es256"),
    ("rsa", 2048, "ps256"),
)
MOST_BYTES = 1_000_000  # of a certificate's file


@dataclass(frozen=True)
class Identity:
    """A chain of certificates, the signer's first, and its private key, both as PEM."""

    chain: bytes
    key: bytes

    @property
    def algorithm(self) -> str:
        """C2PA's name for how this key signs. Raises UserError."""
        from cryptography.hazmat.primitives import serialization

        try:
            key = serialization.load_pem_private_key(self.key, None)
        except (ValueError, TypeError) as error:  # TypeError: it wants a password
            raise UserError(f"The key for Content Credentials cannot be read: {error}", PLAIN) from None
        size, kind = getattr(key, "key_size", 0), type(key).__name__.lower()
        found = next((name for start, bits, name in ALGORITHMS if kind.startswith(start) and size >= bits), None)
        if found is None:
            raise UserError("Content Credentials cannot be signed with a key of this kind.", PLAIN)
        return found

    @staticmethod
    def read(chain: Path, key: Path) -> Identity:
        """The user's own. Raises UserError."""
        return Identity(_read(chain, b"CERTIFICATE"), _read(key, b"PRIVATE KEY"))

    @staticmethod
    def own(folder: Path) -> Identity:
        """That of this computer, made at its first use and kept in `folder`, for nobody else to read. UserError."""
        chain, key = folder / "chain.pem", folder / "key.pem"
        try:
            if not (chain.is_file() and key.is_file()):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                made = _made()
                chain.unlink(missing_ok=True)  # a kill from here on leaves none of it to be taken for whole
                _write_private(key, made.key)
                write_atomically(chain, made.chain)
        except OSError as error:
            message = f"The key for Content Credentials cannot be kept in {folder}: {error.strerror}."
            raise UserError(message, "Check who may write there.") from None
        return Identity.read(chain, key)


def _read(file: Path, kind: bytes) -> bytes:
    try:
        with file.open("rb") as stream:
            content = stream.read(MOST_BYTES)
    except OSError as error:
        raise UserError(f"{file.name} cannot be read: {error.strerror}.", "Choose another file.") from None
    if kind not in content:
        raise UserError(f"{file.name} holds no {kind.decode().lower()}.", "Choose a file in the PEM format.")
    return content


def _write_private(file: Path, content: bytes) -> None:
    """Private from the first moment on."""
    file.unlink(missing_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _made() -> Identity:
    """An authority that signs once and whose key is then forgotten, and what it has signed."""
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root = _certificate(AUTHORITY, root_key, AUTHORITY, root_key)
    leaf = _certificate(SIGNER, key, AUTHORITY, root_key)
    chain = leaf.public_bytes(Encoding.PEM) + root.public_bytes(Encoding.PEM)
    return Identity(chain, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def _certificate(
    name: str, key: EllipticCurvePrivateKey, issuer: str, issuer_key: EllipticCurvePrivateKey
) -> Certificate:
    """With what C2PA's certificate profile asks for; one's own name as issuer makes it an authority."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.x509.oid import NameOID

    def named(text: str) -> x509.Name:
        return x509.Name(
            [x509.NameAttribute(NameOID.COMMON_NAME, text), x509.NameAttribute(NameOID.ORGANIZATION_NAME, AUTHORITY)]
        )

    now = datetime.datetime.now(datetime.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(named(name))
        .issuer_name(named(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACK)
        .not_valid_after(now + YEARS)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
    )
    return _with_uses(builder, authority=name == issuer).sign(issuer_key, hashes.SHA256())


def _with_uses(builder: CertificateBuilder, authority: bool) -> CertificateBuilder:
    from cryptography import x509
    from cryptography.x509.oid import ExtendedKeyUsageOID

    others = (
        *("content_commitment", "key_encipherment", "data_encipherment"),
        *("key_agreement", "encipher_only", "decipher_only"),
    )
    uses = x509.KeyUsage(
        digital_signature=not authority,
        key_cert_sign=authority,
        crl_sign=authority,
        **dict.fromkeys(others, False),
    )
    builder = builder.add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
    builder = builder.add_extension(uses, critical=True)
    if authority:
        return builder
    return builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
