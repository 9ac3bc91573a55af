"""A publisher of releases, for tests: with a key of its own, by the tool that the real one uses."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from desktop import releases

RELEASE = {
    "version": "0.10.0",
    "date": "2026-11-20",
    "news": "A line.\nAnother.",
    "page": "https://sfumato.example/0.10.0",
}
TOOL = Path(__file__).parents[1] / "packaging" / "releases.py"

_KEY = Ed25519PrivateKey.generate()
PRIVATE = _KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
PUBLIC = _KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def tool() -> ModuleType:
    """The real publisher's, which is no part of the program."""
    spec = importlib.util.spec_from_file_location("publishing", TOOL)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def listing(**changes: Any) -> str:
    return json.dumps({"issued": "2026-11-22", "expires": "2027-11-22", "releases": [RELEASE]} | changes)


def publish(context: bytes = releases.CONTEXT, **changes: Any) -> bytes:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(releases, "CONTEXT", context)
        return tool().sign(listing(**changes), PRIVATE)
