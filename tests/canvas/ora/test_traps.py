"""OpenRaster that is meant to do harm."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from desktop.canvas.files import archive, limits, ora
from desktop.errors import UserError
from tests.canvas.ora.contents import QUICK, example, foreign, packed, png, read
from tests.canvas.things import noise, pixel
from tests.test_raster import hand_made_png

LAYER = '<layer src="data/one.png"/>'


def bomb() -> bytes:
    return hand_made_png(100_000, 100_000, 8, 0, bytes(100))


def bitmap() -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (4, 4)).save(stream, "BMP")
    return stream.getvalue()


def whole(stack: bytes | str) -> dict[str, bytes | str]:
    return foreign("") | {"stack.xml": stack}


TRAPS: dict[str, tuple[dict[str, bytes | str], str]] = {
    "no stack": ({"mimetype": "image/openraster"}, "stack.xml is missing"),
    "no XML": (whole("<image"), "no XML"),
    "no text": (whole("<image/>".encode("utf-16")), "cannot be read"),
    "another root": (whole("<svg><stack/></svg>"), "no stack"),
    "no layers": (whole("<image/>"), "no stack"),
    "entities": (whole('<!DOCTYPE x [<!ENTITY a "aaaa">]><image w="9" h="9"><stack/></image>'), "document type"),
    "a file of the disk": (
        whole('<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><image><stack name="&a;"/></image>'),
        "document type",
    ),
    "deep": (foreign("<stack>" * 60 + LAYER + "</stack>" * 60), "nested"),
    "very deep": (foreign("<stack>" * 10**5 + "</stack>" * 10**5), "nested"),
    "a layer without pixels": (foreign('<layer src="data/none.png"/>'), "none.png is missing"),
    "a layer without a name of them": (foreign("<layer/>"), "missing"),
    "a layer that is no PNG": (foreign('<layer src="data/x.png"/>', x=b"no pixels at all"), "x.png is no PNG"),
    "a layer of another format": (foreign('<layer src="data/x.png"/>', x=bitmap()), "x.png is no PNG"),
    "a layer that is the XML": (foreign('<layer src="stack.xml"/>'), "no PNG"),
    "a layer that is cut short": (foreign('<layer src="data/x.png"/>', x=png(noise(50, 50))[:900]), "cannot be read"),
    "a bomb of pixels": (foreign('<layer src="data/x.png"/>', x=bomb()), "too large"),
    "NaN": (foreign('<layer src="data/one.png" opacity="NaN"/>'), "opacity"),
    "no number": (foreign('<layer src="data/one.png" opacity="half"/>'), "half"),
    "infinity": (foreign('<layer src="data/one.png" x="inf"/>'), "x is inf"),
    "far": (foreign('<layer src="data/one.png" y="1e12"/>'), "y is"),
    "far apart": (foreign(f'{LAYER}<layer src="data/one.png" x="200000000" y="200000000"/>'), "spans"),
    "far by groups": (foreign('<stack x="2e8">' * 6 + LAYER + "</stack>" * 6), "1200000000 pixels"),
    "a huge picture": (whole(f'<image w="nan" h="1"><stack>{LAYER}</stack></image>'), "w is nan"),
}


@pytest.mark.parametrize("name", TRAPS)
def test_a_trap_is_told_and_does_no_harm(file: Path, name: str) -> None:
    content, message = TRAPS[name]
    with pytest.raises(UserError, match=message) as caught:
        ora.read(packed(file, content, zipfile.ZIP_DEFLATED))
    assert caught.value.hint


def test_an_entry_that_unpacks_without_end_is_not_unpacked(file: Path) -> None:
    for name in ("stack.xml", ora.OWN, ora.PROFILE):
        packed(file, foreign(LAYER) | {name: b" " * (archive.MOST_TEXT + 1)}, zipfile.ZIP_DEFLATED)
        with pytest.raises(UserError, match="unpacks to more"):
            ora.read(file)


CLAIMS = {"flags": (8, "<H"), "method": (10, "<H"), "packed": (20, "<I"), "size": (24, "<I")}


def _claiming(file: Path, name: str, **claims: int) -> None:
    """Sets what the directory at the end of the zip file says of an entry."""
    data = bytearray(file.read_bytes())
    at = data.index(b"PK\1\2", data.rindex(b"PK\1\2", 0, data.rindex(name.encode())))
    for field, (offset, kind) in CLAIMS.items():
        if field in claims:
            struct.pack_into(kind, data, at + offset, claims[field])
    file.write_bytes(data)


@pytest.mark.parametrize(
    ("claims", "message"),
    [
        ({"size": 2**32 - 2}, "unpacks to more"),
        ({"flags": 1}, "cannot be read"),
        ({"method": zipfile.ZIP_LZMA}, "unusual"),
        ({"method": 99}, "unusual"),
    ],
    ids=["a size", "encrypted", "another packer", "an unknown packer"],
)
def test_an_entry_that_claims_strange_things_is_refused(file: Path, claims: dict[str, int], message: str) -> None:
    packed(file, foreign('<layer src="data/two.png"/>'))
    _claiming(file, "data/two.png", **claims)
    with pytest.raises(UserError, match=message):
        ora.read(file)


def test_an_entry_that_goes_on_beyond_the_end_is_refused(file: Path) -> None:
    _claiming(packed(file, foreign(LAYER)), "stack.xml", packed=10**6, size=10**6)
    with pytest.raises(UserError, match="cannot be read"):
        ora.read(file)


@pytest.mark.parametrize(
    ("room", "limit", "most", "message"),
    [
        (archive, "MOST_UNPACKED", 300, "unpacks to more"),
        (archive, "MOST_DECODED", 4 * 4 * 2, "unpacks to more"),
        (limits, "MOST_LAYERS", 2, "more than 2 layers"),
        (limits, "MOST_TILES", 2, "megapixels"),
        (limits, "MOST_PIXELS", 256 * 256 - 1, "spans"),
    ],
)
def test_many_small_things_are_too_much_as_well(
    file: Path, room: Any, limit: str, most: int, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And what comes after it is not even looked for."""
    assert len(read(file, LAYER * 3).snapshot.layers) == 4
    missing = '<layer src="data/none.png"/>' if limit != "MOST_PIXELS" else ""
    packed(file, foreign(missing + LAYER * 3))
    monkeypatch.setattr(room, limit, most)
    with pytest.raises(UserError, match=message):
        ora.read(file)


def test_the_true_limits_let_large_documents_pass() -> None:
    assert archive.MOST_UNPACKED >= 2**33
    assert archive.MOST_DECODED >= 200 * 4096**2
    assert limits.MOST_TILES >= 100 * (4096 / 256) ** 2
    assert limits.MOST_LAYERS >= 1000


@pytest.mark.parametrize("name", ["../evil.png", "/tmp/sfumato-evil.png", "..\\evil.png", "C:\\evil.png"])
def test_names_of_entries_are_no_names_of_files(file: Path, name: str) -> None:
    before = {*file.parent.parent.rglob("*")}
    content = foreign(f'<layer src="{name}"/>') | {name: png(np.full((1, 1, 4), 255, np.uint8))}
    assert pixel(ora.read(packed(file, content)).snapshot.layers[0], 0, 0) == [255] * 4
    assert {*file.parent.parent.rglob("*")} - before == {file}
    assert not Path("/tmp/sfumato-evil.png").exists()


@pytest.mark.parametrize("content", [b"", b"PK", b"a letter", b"PK\5\6" + bytes(18), zlib.compress(bytes(99))])
def test_what_is_no_archive_is_a_user_error(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    with pytest.raises(UserError, match=r"document\.ora cannot be read") as caught:
        ora.read(file)
    assert caught.value.hint


@pytest.mark.parametrize("share", [0.05, 0.3, 0.6, 0.9, 0.999])
def test_a_document_cut_short_is_a_user_error(file: Path, share: float) -> None:
    ora.write(file, example())
    file.write_bytes(file.read_bytes()[: int(file.stat().st_size * share)])
    with pytest.raises(UserError, match="cannot be read"):
        ora.read(file)


@pytest.mark.parametrize("name", ["missing.ora", "missing/deep.ora", "."])
def test_what_is_not_there_is_a_user_error(tmp_path: Path, name: str) -> None:
    with pytest.raises(UserError):
        ora.read(tmp_path / name)


@settings(QUICK, max_examples=150)
@given(st.data())
def test_damage_anywhere_is_a_user_error_at_most(file: Path, data: st.DataObject) -> None:
    if not file.exists():
        ora.write(file, example())
    broken = bytearray(file.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        broken[data.draw(st.integers(0, len(broken) - 1))] = data.draw(st.integers(0, 255))
    other = file.with_name("broken.ora")
    other.write_bytes(broken)
    with suppress(UserError):
        ora.read(other)
