"""What a file is: kind, family and variant of every layout; its triggers, its looks, and what is wrong with it."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from desktop.models.entries import entry_of
from desktop.models.entry import KINDS, Entry
from desktop.models.sidecars import picture
from tests.models.corpus import CASES, LORAS, SDXL_K
from tests.models.folders import copied
from tests.models.layouts import SD15, SDXL, header, kohya, write, written

LORA = kohya({SDXL_K: (640, 2048)})


@pytest.mark.parametrize("name", CASES)
def test_every_kind_of_file_is_known(tmp_path: Path, name: str) -> None:
    case = CASES[name]
    entry = entry_of(written(case, tmp_path))
    assert (entry.kind, entry.family, entry.variant) == (case.kind, case.family, case.variant)
    assert entry.problem == ""
    assert entry.bytes == (tmp_path / case.name).stat().st_size


def test_all_kinds_but_folders_are_in_the_corpus() -> None:
    assert {case.kind for case in CASES.values()} == set(KINDS)


@pytest.mark.parametrize("name", [name for name in LORAS if name != "told by its label alone"])
def test_the_name_of_a_file_does_not_turn_its_shapes(tmp_path: Path, name: str) -> None:
    lying = replace(LORAS[name], name="pixart_sigma.safetensors")
    assert entry_of(written(lying, tmp_path)).family == lying.family


def test_an_entry_comes_back_from_json(tmp_path: Path) -> None:
    file = write(tmp_path / "a.safetensors", header(LORA, {"modelspec.trigger_phrase": "ink, wash"}))
    (tmp_path / "a.png").write_bytes(b"")
    entry = entry_of(file)
    assert Entry.from_json(json.loads(json.dumps(entry.to_json()))) == entry


# ---------------------------------------------------------------- precision


@pytest.mark.parametrize(
    ("dtype", "expected"), [("F32", "float32"), ("F16", "float16"), ("BF16", "bfloat16"), ("F8_E4M3", "float8_e4m3fn")]
)
def test_the_precision_is_that_of_the_weights(tmp_path: Path, dtype: str, expected: str) -> None:
    assert entry_of(write(tmp_path / "a.safetensors", header(SD15, dtype=dtype))).precision == expected


@pytest.mark.parametrize(
    ("mark", "packed", "expected"),
    [
        ("double_blocks.0.img_attn.qkv.weight.quant_state.bitsandbytes__nf4", "U8", ("float32", "nf4")),
        ("scaled_fp8", "F8_E4M3", ("float8_e4m3fn", "fp8 scaled")),
        ("transformer_blocks.0.attn.wscales", "I8", ("float32", "svdquant")),
    ],
)
def test_a_quantization_is_told(tmp_path: Path, mark: str, packed: str, expected: tuple[str, str]) -> None:
    rows = header({"double_blocks.0.img_attn.norm.key_norm.scale": (128,)}, dtype="F32")
    end = rows["double_blocks.0.img_attn.norm.key_norm.scale"]["data_offsets"][1]
    rows[mark] = {"dtype": packed, "shape": [4096], "data_offsets": [end, end + 4096]}
    entry = entry_of(write(tmp_path / "a.safetensors", rows))
    assert (entry.family, (entry.precision, entry.quantization)) == ("flux", expected)


# ---------------------------------------------------------------- triggers and what lies beside


TAGS = {"10_ink": {"inkwash": 40, "1girl": 40, "lake": 30, "boat": 3}, "5_more": {"inkwash": 10}}


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        ({"ss_tag_frequency": json.dumps(TAGS)}, ("inkwash", "lake")),
        ({"ss_tag_frequency": json.dumps(TAGS), "modelspec.trigger_phrase": "in ink"}, ("in ink",)),
        ({"ss_tag_frequency": "[" * 100_000}, ()),
        ({"ss_tag_frequency": '{"a": {"b": "c", "d": -1}, "e": 5}'}, ()),
        ({"ss_tag_frequency": '[{"a": 1}]'}, ()),
    ],
)
def test_triggers_are_told_or_frequent_tags(
    tmp_path: Path, metadata: dict[str, str], expected: tuple[str, ...]
) -> None:
    assert entry_of(write(tmp_path / "a.safetensors", header(LORA, metadata))).triggers == expected


NOTES: dict[str, Any] = {
    "a.json": {"activation text": "ink wash, paper", "sd version": "SDXL"},
    "a.civitai.info": {
        "trainedWords": ["inkwash", " ", 5],
        "baseModel": "Chroma",
        "model": {"name": "Ink", "allowCommercialUse": "None"},
    },
}


@pytest.mark.parametrize(
    ("told", "weight"), [(0.7, 0.7), ("0.7", 0.7), (0, 0.0), ("much", 0.0), (None, 0.0), (1e9, 0.0), ([1], 0.0)]
)
def test_the_weight_that_people_prefer_is_read(tmp_path: Path, told: Any, weight: float) -> None:
    file = written(LORAS["kohya flux"], tmp_path)
    file.with_suffix(".json").write_text(json.dumps({"preferred weight": told}))
    assert entry_of(file).weight == weight


def test_notes_of_other_tools_are_read(tmp_path: Path) -> None:
    file = written(LORAS["kohya flux"], tmp_path)
    for name, note in NOTES.items():
        (tmp_path / name.replace("a.", f"{file.stem}.")).write_text(json.dumps(note))
    entry = entry_of(file)
    assert (entry.title, entry.license) == ("Ink", "no commercial use")
    assert entry.triggers == ("inkwash", "ink wash", "paper")
    assert entry.family == "chroma"


@pytest.mark.parametrize("content", ["", "[" * 100_000, "5", '{"model": 5, "trainedWords": {"a": 1}}', "\x00"])
def test_broken_notes_are_none(tmp_path: Path, content: str) -> None:
    file = write(tmp_path / "a.safetensors", header(LORA))
    for name in NOTES:
        (tmp_path / name).write_text(content)
    assert (entry_of(file).title, entry_of(file).triggers) == ("", ())


@pytest.mark.parametrize("ending", [".preview.png", ".png", ".jpg", ".webp"])
def test_a_picture_beside_it_is_its_preview(tmp_path: Path, ending: str) -> None:
    file = write(tmp_path / "a.safetensors", header(LORA))
    assert entry_of(file).preview is None
    (tmp_path / f"a{ending}").write_bytes(b"")
    assert entry_of(file).preview == tmp_path / f"a{ending}"


@pytest.mark.parametrize(
    ("thumbnail", "expected"),
    [
        ("data:image/jpeg;base64," + base64.b64encode(b"jpeg").decode(), b"jpeg"),
        ("data:text/html;base64,aaaa", None),
        ("data:image/png;base64,?", None),
        ("", None),
    ],
)
def test_a_picture_in_the_header_comes_out(tmp_path: Path, thumbnail: str, expected: bytes | None) -> None:
    assert picture(write(tmp_path / "a.safetensors", header(LORA, {"modelspec.thumbnail": thumbnail}))) == expected


def test_what_the_header_says_of_itself_is_told(tmp_path: Path) -> None:
    said = {"modelspec.title": "Ink", "modelspec.license": "CC0", "ss_output_name": "ink_v2"}
    entry = entry_of(write(tmp_path / "a.safetensors", header(LORA, said)))
    assert (entry.title, entry.license, entry.alias, entry.name) == ("Ink", "CC0", "ink_v2", "a")


# ---------------------------------------------------------------- what is wrong


def _cut(file: Path) -> None:
    write(file, header(SDXL | {"big": (10**9,)}, dtype="F32"), missing=3 * 10**9)


DAMAGED: dict[str, tuple[str, Any, str]] = {
    "a web page": ("a.safetensors", b"<!DOCTYPE html><html>", "a web page, not a model"),
    "a pointer": ("a.safetensors", b"version https://git-lfs.github.com/spec/v1\n", "a Git LFS pointer"),
    "empty": ("a.ckpt", b"", "empty"),
    "a page as a pickle": ("a.ckpt", b"<html></html>", "a web page"),
    "a pickle by another name": ("a.safetensors", b"\x80\x02}.", "a pickle named .safetensors"),
    "cut in its header": ("a.safetensors", (1000).to_bytes(8, "little") + b'{"a"', "download incomplete"),
    "cut in its data": ("a.safetensors", _cut, r"download incomplete: \d.\d of \d.\d GB"),
    "longer than it tells": (
        "a.safetensors",
        lambda file: file.write_bytes(write(file, header({"a": (2,)})).read_bytes() + b"xyz"),
        "damaged: 3 bytes more",
    ),
    "safetensors by another name": ("a.ckpt", lambda file: write(file, header(SD15)), "a safetensors file named .ckpt"),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_what_is_wrong_is_told_in_words(tmp_path: Path, name: str) -> None:
    called, content, problem = DAMAGED[name]
    file = tmp_path / called
    if callable(content):
        content(file)
    else:
        file.write_bytes(content)
    entry = entry_of(file)
    assert re.match(problem, entry.problem)
    assert entry.path == file


def test_of_a_file_that_is_cut_it_is_still_known_what_it_is(tmp_path: Path) -> None:
    _cut(tmp_path / "a.safetensors")
    entry = entry_of(tmp_path / "a.safetensors")
    assert (entry.kind, entry.family) == ("checkpoint", "sdxl")


def test_a_file_that_is_gone_is_told(tmp_path: Path) -> None:
    assert "cannot be read" in entry_of(tmp_path / "a.safetensors").problem


# ---------------------------------------------------------------- folders


def test_a_folder_is_one_model(models: Mapping[str, Path]) -> None:
    entry = entry_of(models["sdxl"])
    assert (entry.kind, entry.family, entry.problem) == ("checkpoint", "sdxl", "")
    assert entry.precision == "float32"
    assert entry.bytes > 0


def test_a_broken_folder_says_why(models: Mapping[str, Path], tmp_path: Path) -> None:
    folder = copied(models["sd15"], tmp_path / "mine")
    (folder / "unet/diffusion_pytorch_model.safetensors").write_bytes(b"")
    (folder / "README.md").write_text("---\nlicense: openrail++\n---\n")
    entry = entry_of(folder)
    assert "empty" in entry.problem
    assert entry.license == "openrail++"


def test_a_snapshot_of_the_hub_is_called_by_its_repository(models: Mapping[str, Path], tmp_path: Path) -> None:
    folder = copied(models["sd15"], tmp_path / "models--some--model" / "snapshots" / "0123abcd")
    assert entry_of(folder).title == "some/model"
