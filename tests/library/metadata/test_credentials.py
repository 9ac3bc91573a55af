"""Content Credentials: signed, read back, and worth what they are worth."""

from __future__ import annotations

import io
import json
import os
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import c2pa
import numpy as np
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa
from PIL import Image

import desktop
from desktop.errors import UserError
from desktop.library.metadata.authority import Identity
from desktop.library.metadata.credentials import BROKEN, NONE, UNTRUSTED, sign, verify
from desktop.library.metadata.reading import describe_image
from desktop.library.metadata.writing import FORMATS, Export, encode
from desktop.library.metadata.xmp import COMPOSED, MADE
from desktop.raster import Raster
from tests.library.metadata.test_writing import OURS

PICTURE = Raster(np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8))
WHOLE = replace(OURS, recipe={name: value for name, value in OURS.recipe.items() if name != "source"})
PART = replace(OURS, recipe={**WHOLE.recipe, "source": {"image": "0" * 64, "strength": 1, "mask": "1" * 64}})


@pytest.fixture(scope="module")
def identity(tmp_path_factory: pytest.TempPathFactory) -> Identity:
    return Identity.own(tmp_path_factory.mktemp("signer") / "deep")


@pytest.fixture(params=FORMATS)
def file(request: pytest.FixtureRequest) -> bytes:
    return encode(PICTURE, WHOLE, Export(request.param))


def _manifest(content: bytes) -> dict[str, Any]:
    with c2pa.Reader("image/png", io.BytesIO(content)) as reader:
        told = json.loads(reader.json())
    return told["manifests"][told["active_manifest"]]


def _actions(content: bytes) -> list[dict[str, Any]]:
    said = next(each for each in _manifest(content)["assertions"] if each["label"].startswith("c2pa.actions"))
    return said["data"]["actions"]


def test_what_is_signed_is_valid_by_a_signer_whom_nobody_knows(file: bytes, identity: Identity) -> None:
    signed = sign(file, WHOLE, identity)
    assert (verify(file), verify(signed)) == (NONE, UNTRUSTED)
    assert len(signed) - len(file) < 20_000
    with Image.open(io.BytesIO(signed)) as image, Image.open(io.BytesIO(file)) as before:
        assert np.array_equal(np.asarray(image), np.asarray(before))
        assert describe_image(image) == WHOLE


@pytest.mark.parametrize("format", ["png", "jpeg"])
def test_a_manifest_alone_says_that_a_picture_is_made_by_a_machine(format: Any, identity: Identity) -> None:
    """As in the pictures of services that write nothing else."""
    bare = encode(PICTURE, WHOLE, Export(format, recipe=False, mark=False))
    for content, expected in ((bare, False), (sign(bare, WHOLE, identity), True)):
        with Image.open(io.BytesIO(content)) as image:
            image.load()
            assert describe_image(image).ai_generated == expected


def test_what_is_changed_afterwards_is_told(file: bytes, identity: Identity) -> None:
    signed = bytearray(sign(file, WHOLE, identity))
    place = signed.index(file[-600:-560])  # among the pixels, or the notes behind them
    signed[place] ^= 1
    assert verify(bytes(signed)) == BROKEN


def test_a_whole_picture_is_created(identity: Identity) -> None:
    signed = sign(encode(PICTURE, WHOLE, Export("png")), WHOLE, identity)
    (created,) = _actions(signed)
    assert (created["action"], created["digitalSourceType"]) == ("c2pa.created", MADE)
    (generator,) = _manifest(signed)["claim_generator_info"]
    assert (generator["name"], generator["version"]) == ("Sfumato", desktop.__version__)


def test_what_is_made_in_a_picture_is_created_as_a_composite(identity: Identity) -> None:
    (created,) = _actions(sign(encode(PICTURE, PART, Export("png")), PART, identity))
    assert (created["action"], created["digitalSourceType"]) == ("c2pa.created", COMPOSED)


def test_the_authority_is_made_once_and_private(tmp_path: Path) -> None:
    first = Identity.own(tmp_path / "signer")
    assert Identity.own(tmp_path / "signer") == first
    leaf, root = x509.load_pem_x509_certificates(first.chain)
    leaf.verify_directly_issued_by(root)
    if os.name != "nt":
        assert stat.S_IMODE((tmp_path / "signer").stat().st_mode) == 0o700
        assert stat.S_IMODE((tmp_path / "signer/key.pem").stat().st_mode) == 0o600


def test_half_an_authority_is_made_anew(tmp_path: Path) -> None:
    first = Identity.own(tmp_path)
    (tmp_path / "chain.pem").unlink()
    again = Identity.own(tmp_path)
    assert again.key != first.key
    assert verify(sign(PICTURE.png(), WHOLE, again)) == UNTRUSTED


def _pem(key: Any, password: bytes | None = None) -> bytes:
    locked = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, locked)


KEYS = {
    "es256": ec.generate_private_key(ec.SECP256R1()),
    "es384": ec.generate_private_key(ec.SECP384R1()),
    "es512": ec.generate_private_key(ec.SECP521R1()),
    "ed25519": ed25519.Ed25519PrivateKey.generate(),
    "ps256": rsa.generate_private_key(65537, 2048),
}


@pytest.mark.parametrize("algorithm", KEYS)
def test_a_key_names_its_algorithm(algorithm: str) -> None:
    assert Identity(b"", _pem(KEYS[algorithm])).algorithm == algorithm


def test_the_users_own_certificate_signs(tmp_path: Path, identity: Identity) -> None:
    (tmp_path / "chain.pem").write_bytes(identity.chain)
    (tmp_path / "my key.pem").write_bytes(identity.key)
    own = Identity.read(tmp_path / "chain.pem", tmp_path / "my key.pem")
    assert verify(sign(PICTURE.png(), WHOLE, own)) == UNTRUSTED


@pytest.mark.parametrize("content", [b"", b"a letter", b"-----BEGIN PRIVATE KEY-----"])
def test_files_that_are_none_are_told(tmp_path: Path, identity: Identity, content: bytes) -> None:
    (tmp_path / "chain.pem").write_bytes(identity.chain)
    (tmp_path / "key.pem").write_bytes(content)
    with pytest.raises(UserError) as caught:
        sign(PICTURE.png(), WHOLE, Identity.read(tmp_path / "chain.pem", tmp_path / "key.pem"))
    assert caught.value.hint
    with pytest.raises(UserError, match="cannot be read"):
        Identity.read(tmp_path / "missing.pem", tmp_path / "key.pem")


@pytest.mark.parametrize(
    "key",
    [_pem(KEYS["es256"]), _pem(KEYS["es256"], b"secret"), _pem(dsa.generate_private_key(2048))],
    ids=["of another certificate", "locked", "of another kind"],
)
def test_keys_that_cannot_sign_are_told(identity: Identity, key: bytes) -> None:
    with pytest.raises(UserError) as caught:
        sign(PICTURE.png(), WHOLE, replace(identity, key=key))
    assert caught.value.hint


def test_where_nothing_can_be_kept_it_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UserError, match="cannot be kept"):
        Identity.own(tmp_path / "file" / "signer")


@pytest.mark.parametrize("content", [b"", b"a letter", b"GIF89a"])
def test_what_is_no_such_picture_is_told(content: bytes, identity: Identity) -> None:
    with pytest.raises(UserError):
        sign(content, WHOLE, identity)
    with pytest.raises(UserError):
        verify(content)


def test_a_cut_file_is_not_signed(identity: Identity) -> None:
    with pytest.raises(UserError):
        sign(PICTURE.png()[:20], WHOLE, identity)
