"""What is in a file of each format: GGUF as its library writes it, pickles as torch does, and whatever else."""

from __future__ import annotations

import os
import re
import struct
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import gguf
import numpy
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desktop.errors import UserError
from desktop.models.contents import SAMPLE, Contents, read_contents
from desktop.models.damage import Damaged
from desktop.models.entries import entry_of
from desktop.models.entry import KINDS, SUFFIXES
from desktop.models.files import identify_file
from desktop.models.gguf import TYPES
from desktop.models.pickles import END_OF_ZIP
from desktop.models.tensors import tensors_in
from tests.models.folders import safetensors, tensor
from tests.models.layouts import FLUX, header, write

SOON = 20.0  # seconds: a bound for hostile files, generous as the machine is busy


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "a.gguf"


# ---------------------------------------------------------------- GGUF


def _write_gguf(file: Path, quant: gguf.GGMLQuantizationType, type: int | None = None) -> Path:
    writer = gguf.GGUFWriter(file, "flux")
    if type is not None:
        writer.add_file_type(type)
    writer.add_array("tokenizer.ggml.tokens", ["a", "bb", "ccc"])
    writer.add_array("comfy.gguf.orig_shape.flat.weight", [2, 3, 4, 16])
    for name, shape in (("double_blocks.0.img_attn.norm.key_norm.scale", (128,)), ("img_in.weight", (6, 64))):
        writer.add_tensor(name, numpy.zeros(shape, numpy.float32))
    block, size = gguf.GGML_QUANT_SIZES[quant]
    flat = numpy.zeros((6, 4096 // block * size), numpy.uint8)
    writer.add_tensor("double_blocks.0.img_attn.qkv.weight", flat, raw_dtype=quant)
    writer.add_tensor("flat.weight", numpy.zeros(384, numpy.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return file


def test_gguf_tells_shapes_in_the_order_of_others(file: Path) -> None:
    contents = read_contents(_write_gguf(file, gguf.GGMLQuantizationType.Q4_K, 15))
    assert contents.shape("img_in.weight") == (6, 64)
    assert contents.shape("double_blocks.0.img_attn.qkv.weight") == (6, 4096)
    assert contents.shape("flat.weight") == (2, 3, 4, 16)
    assert (contents.quantization, contents.said("general.architecture"), contents.problem) == ("Q4_K_M", "flux", "")


@pytest.mark.parametrize("quant", ["Q8_0", "Q5_1", "IQ4_XS", "Q6_K"])
def test_the_quantization_without_a_name_is_that_of_most_bytes(file: Path, quant: str) -> None:
    assert read_contents(_write_gguf(file, gguf.GGMLQuantizationType[quant])).quantization == quant


def test_a_gguf_is_known_by_its_tensors(file: Path) -> None:
    entry = entry_of(_write_gguf(file, gguf.GGMLQuantizationType.Q8_0))
    assert (entry.kind, entry.family, entry.variant, entry.quantization) == ("diffusion", "flux", "schnell", "Q8_0")


def test_sizes_of_types_are_those_of_the_library() -> None:
    known = {kind.value: (kind.name, *gguf.GGML_QUANT_SIZES[kind]) for kind in gguf.GGMLQuantizationType}
    assert {number: row for number, row in TYPES.items() if known.get(number, row) != row} == {}


def test_a_gguf_that_is_cut_is_incomplete(file: Path) -> None:
    content = _write_gguf(file, gguf.GGMLQuantizationType.Q8_0).read_bytes()
    for length in (len(content) - 1, len(content) // 2, 100, 30, 5):
        file.write_bytes(content[:length])
        assert "download incomplete" in entry_of(file).problem


COUNT = struct.pack("<Q", 2**60)
HOSTILE: dict[str, bytes] = {
    "tensors": b"GGUF" + struct.pack("<IQQ", 3, 2**40, 0),
    "values": b"GGUF" + struct.pack("<IQQ", 3, 0, 2**40),
    "a name": b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + COUNT,
    "a list": b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + struct.pack("<Q1sIIQ", 1, b"a", 9, 8, 2**60),
    "a list of numbers": b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + struct.pack("<Q1sIIQ", 1, b"a", 9, 10, 2**60),
    "lists of lists": b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + struct.pack("<Q1sIIQ", 1, b"a", 9, 9, 5) * 9,
    "sides": b"GGUF" + struct.pack("<IQQ", 3, 1, 0) + struct.pack("<Q1sI", 1, b"a", 2**31),
    "an old version": b"GGUF" + struct.pack("<IQQ", 1, 0, 0),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_huge_counts_cost_nothing(file: Path, name: str) -> None:
    file.write_bytes(HOSTILE[name])
    start = time.monotonic()
    assert entry_of(file).problem
    assert time.monotonic() - start < SOON


# ---------------------------------------------------------------- pickles


class _Evil:
    def __init__(self, folder: Path):
        self.folder = folder

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.folder),)


def _weights() -> dict[str, Any]:
    return {
        "conv_first.weight": torch.zeros(4, 3, 3, 3).half(),
        "body.0.rdb1.conv1.weight": torch.nn.Parameter(torch.zeros(2, 4, 3, 3)),
    }


SAVED: dict[str, Callable[[Path], Any]] = {
    "plain": lambda file: torch.save(_weights(), file),
    "within": lambda file: torch.save({"params_ema": _weights(), "epoch": 5}, file),
    "as it was before": lambda file: torch.save(_weights(), file, _use_new_zipfile_serialization=False),
    "another protocol": lambda file: torch.save(_weights(), file, pickle_protocol=4),
}


@pytest.mark.parametrize("name", SAVED)
def test_a_pickle_is_known_by_its_tensors(tmp_path: Path, name: str) -> None:
    file = tmp_path / "a.pth"
    SAVED[name](file)
    contents = read_contents(file)
    assert contents.shape("conv_first.weight") == (4, 3, 3, 3)
    assert contents.shape("body.0.rdb1.conv1.weight") == (2, 4, 3, 3)
    assert (contents.problem, contents.precision) == ("", "float16")
    assert entry_of(file).kind == "upscaler"


def test_a_whole_module_is_known_by_its_parameters(tmp_path: Path) -> None:
    torch.save(torch.nn.Sequential(torch.nn.Linear(3, 2)), tmp_path / "a.pt")
    assert read_contents(tmp_path / "a.pt").shape("0.weight") == (2, 3)


@pytest.mark.parametrize("kind", [dict, torch.nn.ParameterDict])
def test_an_embedding_of_a1111_is_known(tmp_path: Path, kind: Callable[[Any], Any]) -> None:
    vectors = kind({"*": torch.nn.Parameter(torch.zeros(2, 1024))})
    torch.save({"string_to_token": {"*": 265}, "string_to_param": vectors, "name": "ink"}, tmp_path / "a.pt")
    entry = entry_of(tmp_path / "a.pt")
    assert (entry.kind, entry.family, entry.problem) == ("embedding", "sd2", "")


def test_nothing_in_a_pickle_runs_and_what_would_is_told(tmp_path: Path) -> None:
    file = tmp_path / "a.ckpt"
    torch.save({"state_dict": _weights(), "more": _Evil(tmp_path / "made")}, file)
    contents = read_contents(file)
    assert re.fullmatch(r"unsafe: it would call (posix|nt)\.mkdir", contents.problem)
    assert "conv_first.weight" in contents.tensors
    assert not (tmp_path / "made").exists()


def test_a_pickle_that_is_cut_is_incomplete(tmp_path: Path) -> None:
    file = tmp_path / "a.ckpt"
    torch.save({"a": torch.zeros(100_000)}, file)
    file.write_bytes(file.read_bytes()[:200_000])
    entry = entry_of(file)
    assert "download incomplete" in entry.problem


def _zipped(steps: bytes) -> bytes:
    head = struct.pack("<4sHHHHHIIIHH", b"PK\x03\x04", 0, 0, 0, 0, 0, 0, 0, 0, 8, 0)
    return head + b"data.pkl" + steps + END_OF_ZIP


TOWER = (
    b"\x80\x02)" + b"q\x00h\x00\x86" * 5000 + b"}" + b"h\x00K\x01s."
)  # each a pair of the one before: 2**5000 in all
NEST = (
    b"\x80\x02"
    + b"}q\x00"
    + b"".join(b"}(X\x01\x00\x00\x00ah\x00X\x01\x00\x00\x00bh\x00uq\x00" for _ in range(5000))
    + b"."
)
BOMBS = {
    "a tower of pairs": _zipped(TOWER),
    "dictionaries in dictionaries": _zipped(NEST),
    "a long text": _zipped(b"\x80\x04\x8d" + struct.pack("<Q", 2**40)),
    "endless steps": _zipped(b"\x80\x02" + b"N0" * 3_000_000 + b"."),
    "a huge number": _zipped(b"\x80\x02L" + b"9" * 1_000_000 + b"L\n."),
    "marks": _zipped(b"\x80\x02" + b"(" * 200_000 + b"t" * 200_000 + b"."),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_pickle_that_grows_costs_little(tmp_path: Path, name: str) -> None:
    (tmp_path / "a.pt").write_bytes(BOMBS[name])
    start = time.monotonic()
    entry_of(tmp_path / "a.pt")
    assert time.monotonic() - start < SOON


# ---------------------------------------------------------------- anything


def _samples(folder: Path) -> list[bytes]:
    torch.save(_weights(), folder / "a.pt")
    torch.save(_weights(), folder / "b.pt", _use_new_zipfile_serialization=False)
    whole = safetensors(
        {"__metadata__": {"ss_tag_frequency": "{}"}, "emb_params": tensor([1, 768], 0, 3072)}, bytes(3072)
    )
    names = [folder / "a.pt", folder / "b.pt", _write_gguf(folder / "a.gguf", gguf.GGMLQuantizationType.Q8_0)]
    return [*(name.read_bytes() for name in names), whole]


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    return _samples(tmp_path_factory.mktemp("samples"))


changes = st.lists(st.tuples(st.integers(0, 600), st.integers(0, 255)), max_size=4)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 3), changes, st.integers(0, 4000), st.sampled_from(SUFFIXES))
def test_whatever_lies_there_is_an_entry(
    samples: list[bytes], tmp_path: Path, which: int, changed: list[tuple[int, int]], cut: int, suffix: str
) -> None:
    content = bytearray(samples[which])
    for at, value in changed:
        content[at % len(content)] = value
    file = tmp_path / f"a{suffix}"
    file.write_bytes(content[: len(content) - cut])
    entry = entry_of(file)
    assert entry.kind in KINDS
    assert entry.bytes == file.stat().st_size
    file.unlink()


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just(10**400),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=5,
)
NAMES = [*FLUX, "emb_params", "lora_unet_a.lora_down.weight", "lora_unet_a.lokr_w1", "__metadata__", "v_pred"]
rows = st.fixed_dictionaries(
    {},
    optional={
        "dtype": json_values,
        "shape": json_values | st.lists(st.integers(-5, 5000)),
        "data_offsets": json_values,
    },
)
headers = st.dictionaries(st.sampled_from(NAMES), rows | json_values, max_size=4)
offsets = st.tuples(st.integers(-5, 100), st.integers(-5, 100)).map(list)
likely = st.dictionaries(
    st.sampled_from(NAMES),
    st.fixed_dictionaries({"dtype": st.just("F16"), "shape": json_values, "data_offsets": offsets}),
    max_size=4,
)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(headers | likely)
def test_whatever_a_header_says_is_an_entry(tmp_path: Path, said: dict[str, Any]) -> None:
    file = tmp_path / "a.safetensors"
    file.write_bytes(safetensors(said))
    assert entry_of(file).kind in KINDS
    with suppress(UserError):
        identify_file(file)


@pytest.mark.parametrize(
    "broken",
    [
        tensor([1], [0], 4),
        tensor([1], -4, 4),
        tensor([1], 8, 4),
        tensor([1], None, 4),
        tensor([-1, -1], 0, 4),
        tensor([0.5], 0, 4),
        tensor([10**15], 0, 4),
        tensor([1] * 1000, 0, 4),
        tensor([1], 0, 4) | {"data_offsets": [0, 4, 4]},
    ],
)
def test_one_impossible_tensor_among_many_is_seen(tmp_path: Path, broken: dict[str, Any]) -> None:
    """Though what the file is was told by a sample of them."""
    rows = {str(number): tensor([1], 0, 4) for number in range(3 * SAMPLE)} | {"1": broken}
    file = tmp_path / "a.safetensors"
    file.write_bytes(safetensors(rows, bytes(4)))
    with pytest.raises(UserError, match="its header is broken"):
        tensors_in(file)


def test_of_a_large_file_only_the_header_is_read(tmp_path: Path) -> None:
    file = write(tmp_path / "a.safetensors", header({"img_in.weight": (10**6, 10**5)}))
    assert read_contents(file).bytes > 10**11
    file.unlink()


def test_a_zip_that_is_no_model_is_nothing_that_is_known(tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(
        struct.pack("<4sHHHHHIIIHH", b"PK\x03\x04", 0, 0, 8, 0, 0, 0, 0, 0, 5, 0) + b"a.txt"
    )
    contents = read_contents(tmp_path / "a.bin")
    assert contents == Contents(35, problem="download incomplete: the end of its archive is missing")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes that lie in folders")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.safetensors")
    assert entry_of(tmp_path / "a.safetensors").problem == "cannot be read: no file"


def test_what_is_no_header_is_damaged(tmp_path: Path) -> None:
    (tmp_path / "a.safetensors").write_bytes(b"hello, this is no model at all")
    with pytest.raises(Damaged, match="no safetensors file"):
        read_contents(tmp_path / "a.safetensors")
