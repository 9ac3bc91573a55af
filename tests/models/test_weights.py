"""The header of a safetensors file: true for whole files, and a UserError for whatever else lies there."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from desktop.errors import UserError
from desktop.models.weights import BLOCK, LONGEST_HEADER, MOST_COMMAS, Header, content_id, read_header
from tests.models.folders import safetensors, tensor

WHOLE = safetensors({"__metadata__": {"format": "pt"}, "a": tensor([2, 3], 0, 24), "b": tensor([], 24, 28)}, bytes(28))


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("weights") / "model.safetensors"


def test_a_whole_file_tells_its_values_and_bytes(file: Path) -> None:
    file.write_bytes(WHOLE)
    assert read_header(file) == Header(values=7, bytes=len(WHOLE))


def test_a_file_without_tensors_is_whole(file: Path) -> None:
    file.write_bytes(safetensors({}))
    assert read_header(file).values == 0


@pytest.mark.parametrize("cut", [*range(len(WHOLE))[::7], len(WHOLE) - 1])
def test_a_file_cut_anywhere_is_refused(file: Path, cut: int) -> None:
    file.write_bytes(WHOLE[:cut])
    with pytest.raises(UserError) as caught:
        read_header(file)
    assert file.name in caught.value.message
    assert caught.value.hint


DAMAGED: dict[str, tuple[bytes, str | None]] = {
    "empty": (b"", "empty"),
    "a few bytes": (b"\x02\0\0", "no safetensors"),
    "a web page": (b"<!DOCTYPE html><html><body>404</body></html>", "a web page, not a model"),
    "a pointer": (b"version https://git-lfs.github.com/spec/v1\noid sha256:0", "a Git LFS pointer"),
    "a pickle": (b"PK\x03\x04" + bytes(60), "a pickle or another zip archive"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(60), "a picture, not a model"),
    "an answer": (b'{"error": "Unauthorized"}', "a JSON text, not a model"),
    "zeros": (bytes(5000), "nothing but zeros"),
    "a huge list": (safetensors(b'{"a": [' + b"0," * MOST_COMMAS + b",0]}"), "too large"),
    "a huge header": (LONGEST_HEADER.to_bytes(8, "little") + b"{}", "cut short"),
    "a header beyond the format": ((LONGEST_HEADER + 1).to_bytes(8, "little") + b"{}", "no safetensors"),
    "the largest header": (b"\xff" * 8 + b"{}", "no safetensors"),
    "a header beyond the end": ((100).to_bytes(8, "little") + b"{}", "cut short"),
    "data beyond the end": (safetensors({"a": tensor([4], 0, 16)}, bytes(15)), "incomplete"),
    "no data": (safetensors({"a": tensor([10**12], 0, 4 * 10**12)}), "incomplete"),
    "broken JSON": (safetensors(b'{"a": '), "broken"),
    "no JSON": (safetensors(b"\x80\x81\x82"), "no safetensors"),
    "deep JSON": (safetensors(b'{"":' * 100_000), "broken"),
    "a list": (safetensors([1, 2]), "no safetensors"),
    "a number": (safetensors(5), "no safetensors"),
    "tensors that are text": (safetensors({"a": "F32"}), "broken"),
    "no shape": (safetensors({"a": {"data_offsets": [0, 4]}}), "broken"),
    "no offsets": (safetensors({"a": {"shape": [1]}}), "broken"),
    "one offset": (safetensors({"a": {"shape": [1], "data_offsets": [0]}}), "broken"),
    "a shape of text": (safetensors({"a": tensor(["1"], 0, 4)}, bytes(4)), "broken"),
    "a shape of nothing": (safetensors({"a": tensor(None, 0, 4)}, bytes(4)), "broken"),
    "offsets of text": (safetensors({"a": tensor([1], "0", "4")}, bytes(4)), "broken"),
    "a negative shape": (safetensors({"a": tensor([-1, 4], 0, 4)}, bytes(4)), None),
    "an absurd shape": (safetensors({"a": tensor([10**15, 10**15], 0, 4)}, bytes(4)), None),
    "a broken shape": (safetensors({"a": tensor([0.5], 0, 4)}, bytes(4)), None),
    "negative offsets": (safetensors({"a": tensor([1], -8, -4)}, bytes(4)), None),
    "absurd offsets": (safetensors({"a": tensor([1], 0, 10**400)}, bytes(4)), None),
    "endless offsets": (safetensors({"a": tensor([1], 0, float("inf"))}, bytes(4)), None),
    "offsets that are no number": (safetensors({"a": tensor([1], 0, float("nan"))}, bytes(4)), None),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_file_is_refused_with_the_reason_and_a_hint(file: Path, name: str) -> None:
    content, reason = DAMAGED[name]
    file.write_bytes(content)
    with pytest.raises(UserError, match=reason) as caught:
        read_header(file)
    assert file.name in caught.value.message
    assert caught.value.hint


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just(10**400),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["1", "shape"]), inner, max_size=2),
    max_leaves=5,
)
headers = st.dictionaries(
    st.text(max_size=3),
    st.fixed_dictionaries({"shape": json_values, "data_offsets": json_values}) | json_values,
    max_size=3,
)
mutations = st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)), min_size=1, max_size=4)


def _mutated(changes: list[tuple[int, int]]) -> bytes:
    content = bytearray(WHOLE)
    for at, value in changes:
        content[at] = value
    return bytes(content)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=100) | headers.map(safetensors) | mutations.map(_mutated))
@example(safetensors({"a": {"shape": {"1": 1}, "data_offsets": {"1": 1}}}))
def test_whatever_lies_there_is_a_header_or_a_user_error(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    with suppress(UserError):
        header = read_header(file)
        assert header.bytes == len(content)
        assert 0 <= header.values <= len(content) * 8


# ---------------------------------------------------------------- content ids


def _large(size: int = 40 * BLOCK) -> bytearray:
    length = size - 100
    return bytearray(safetensors({"a": tensor([length // 4], 0, length)}, bytes(length)))


Change = Callable[[bytearray], Any]
SEEN: dict[str, Change] = {
    "first byte of the header": lambda content: content.__setitem__(9, 0x20),
    "first byte of the data": lambda content: content.__setitem__(8 + content[0], 1),
    "last byte": lambda content: content.__setitem__(-1, 1),
    "a byte in the third block": lambda content: content.__setitem__((len(content) - BLOCK) * 2 // 15 + 5, 1),
    "a byte more": lambda content: content.append(0),
    "a byte less": lambda content: content.pop(),
}


@pytest.mark.parametrize("name", SEEN)
def test_a_change_that_is_seen_gives_another_id(file: Path, name: str) -> None:
    content = _large()
    file.write_bytes(content)
    before = content_id(file)
    SEEN[name](content)
    file.write_bytes(content)
    assert content_id(file) != before


def test_the_same_content_has_the_same_id_under_any_name(tmp_path: Path) -> None:
    for name in ("one.safetensors", "two.safetensors"):
        (tmp_path / name).write_bytes(_large())
    assert content_id(tmp_path / "one.safetensors") == content_id(tmp_path / "two.safetensors")
    assert len(content_id(tmp_path / "one.safetensors")) == 64


@pytest.mark.parametrize("size", [200, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK])
def test_of_a_small_file_every_byte_counts(file: Path, size: int) -> None:
    content = _large(size)
    ids = set()
    for at in (None, *range(8, len(content), max(1, len(content) // 20))):
        changed = bytearray(content)
        if at is not None:
            changed[at] ^= 1
        file.write_bytes(changed)
        ids.add(content_id(file))
    assert len(ids) == len(range(8, len(content), max(1, len(content) // 20))) + 1


def test_a_large_file_is_not_read_whole(file: Path) -> None:
    """A byte between the blocks is not seen: that is the price of a cost that does not grow."""
    content = _large()
    file.write_bytes(content)
    before = content_id(file)
    content[BLOCK + 5_000] = 1
    file.write_bytes(content)
    assert content_id(file) == before


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes that lie in folders")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.safetensors")
    with pytest.raises(OSError, match="no file"):
        content_id(tmp_path / "a.safetensors")
    with pytest.raises(UserError, match="no file"):
        read_header(tmp_path / "a.safetensors")
