"""The list of releases that Help > Check for updates reads: keys for it, and signing it. The publisher's own tool.

python packaging/releases.py key PRIVATE.pem              a new key; its public half becomes resources/releases.pem
python packaging/releases.py sign LIST.json PRIVATE.pem releases.json

LIST.json: {"issued": "2026-11-24", "expires": "2027-11-24", "releases": [
    {"version": "0.2.0", "date": "2026-11-24", "news": "What is new.\\nA line each.", "page": "https://…"}]}
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from base64 import b64encode
from datetime import date
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from desktop import releases
from desktop.errors import UserError


def make_key(private: Path, public: Path = releases.KEY) -> None:
    """The private half is for its owner's eyes only, and never overwrites another. Raises OSError."""
    key = Ed25519PrivateKey.generate()
    handle = os.open(private, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as stream:
        stream.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public.write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))


def sign(plain: str, private: bytes) -> bytes:
    """What is published of that list."""
    key = load_pem_private_key(private, None)
    assert isinstance(key, Ed25519PrivateKey)
    signature = key.sign(releases.CONTEXT + plain.encode())
    return json.dumps({"list": plain, "signature": b64encode(signature).decode()}, ensure_ascii=False).encode()


def main() -> int:
    parser = argparse.ArgumentParser(description="Keys and signatures of the list of releases.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("key").add_argument("private", type=Path)
    signing = commands.add_parser("sign")
    for name in ("list", "private", "out"):
        signing.add_argument(name, type=Path)
    options = parser.parse_args()
    try:
        if options.command == "key":
            make_key(options.private)
            return 0
        signed = sign(options.list.read_text(encoding="utf-8"), options.private.read_bytes())
        releases.read(signed, releases.KEY.read_bytes(), date.today())  # as the program will
        options.out.write_bytes(signed)
    except (UserError, OSError) as error:
        print(error, getattr(error, "hint", ""), sep="\n", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
