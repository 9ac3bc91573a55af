"""The files of the catalog: listed once and from memory, found by name, content and hash; pictures find their own."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from desktop.errors import UserError
from desktop.models import catalog as catalogs
from desktop.models.catalog import Catalog
from desktop.models.hashes import autov2, autov3, legacy
from desktop.models.records import NAME
from desktop.models.weights import content_id
from desktop.paths import STARTER
from desktop.recipe import LoraUse, Recipe
from tests.models.corpus import CASES, SDXL_K
from tests.models.folders import copied, safetensors, tensor
from tests.models.layouts import VAE, header, kohya, write, written

LORA = kohya({SDXL_K: (640, 2048)})
INK = {"ss_output_name": "ink_v2", "modelspec.title": "Ink Wash"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path / "mine" / "loras" / "Ink.safetensors", header(LORA, INK))
    write(
        tmp_path / "mine" / "loras" / "ink_v2.safetensors", header(kohya({SDXL_K: (640, 2048), "lora_te2_x": (8, 8)}))
    )
    write(tmp_path / "mine" / "vae" / "sdxl_vae.safetensors", header(VAE))
    (tmp_path / "mine" / "broken.safetensors").write_bytes(b"<html>")
    return tmp_path / "mine"


@pytest.fixture
def catalog(tmp_path: Path, folder: Path) -> Catalog:
    return Catalog(tmp_path / "data", folders=[folder])


def _kinds(catalog: Catalog) -> dict[str, str]:
    return {entry.name: entry.kind for entry in catalog.entries()}


def test_all_files_are_listed_those_with_a_problem_too(catalog: Catalog) -> None:
    expected = {"starter": "checkpoint", "broken": "unknown", "Ink": "lora", "ink_v2": "lora", "sdxl_vae": "vae"}
    assert _kinds(catalog) == expected
    assert next(entry for entry in catalog.entries() if entry.name == "broken").problem == "a web page, not a model"


def test_what_has_not_changed_is_not_read_again(
    catalog: Catalog, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = catalog.entries()
    read: list[Path] = []
    entry_of = catalogs.entry_of
    monkeypatch.setattr(catalogs, "entry_of", lambda path: (read.append(path), entry_of(path))[1])
    assert Catalog(catalog.folder, folders=[folder]).entries() == before
    assert read == []
    file = folder / "vae" / "sdxl_vae.safetensors"
    os.utime(file, ns=(1, 1))
    (folder / "loras" / "Ink.png").write_bytes(b"")
    after = {entry.name: entry for entry in catalog.entries()}
    assert read == [folder / "loras" / "Ink.safetensors", file]
    assert after["Ink"].preview == folder / "loras" / "Ink.png"


def test_other_rules_look_at_all_files_anew(catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    catalog.entries()
    monkeypatch.setattr(catalogs, "RULES", "later")
    monkeypatch.setattr(catalogs, "entry_of", lambda path: pytest.fail("read"))
    with pytest.raises(pytest.fail.Exception):
        catalog.entries()


def test_whoever_leaves_a_scan_early_keeps_what_was_found(
    catalog: Catalog, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scan = catalog.scan([folder])
    first = list(islice(scan, 2))
    scan.close()
    entry_of = catalogs.entry_of
    read: list[Path] = []
    monkeypatch.setattr(catalogs, "entry_of", lambda path: (read.append(path), entry_of(path))[1])
    assert catalog.entries()[1:3] == first
    assert not {entry.path for entry in first} & set(read)


@pytest.mark.parametrize("content", [b"", b"no database" * 999])
def test_a_broken_memory_is_no_loss(catalog: Catalog, content: bytes) -> None:
    before = catalog.entries()
    for file in catalog.folder.glob(f"{NAME}*"):
        file.unlink()
    (catalog.folder / NAME).write_bytes(content)
    assert catalog.entries() == before
    assert catalog.entries() == before


def test_where_nothing_can_be_kept_all_is_found_all_the_same(folder: Path) -> None:
    catalog = Catalog(folder / "broken.safetensors", folders=[folder])
    assert len(catalog.entries()) == 5
    assert catalog.path_of(content_id(folder / "vae" / "sdxl_vae.safetensors"))


def test_names_that_are_no_text_are_kept(tmp_path: Path) -> None:
    file = write(tmp_path / "mine" / os.fsdecode(b"\xff.safetensors"), header(VAE))
    catalog = Catalog(tmp_path / "data", folders=[tmp_path / "mine"])
    assert [entry.path for entry in catalog.entries()][1:] == [file]
    assert [entry.path for entry in catalog.entries()][1:] == [file]
    assert catalog.path_of(content_id(file)) == file


# ---------------------------------------------------------------- found


def test_a_file_is_found_by_its_content(catalog: Catalog, folder: Path) -> None:
    file = folder / "loras" / "Ink.safetensors"
    id = content_id(file)
    assert catalog.path_of(id) == file
    moved = file.rename(folder / "Ink elsewhere.safetensors")
    assert catalog.path_of(id) == moved
    with pytest.raises(UserError, match="0000000000"):
        catalog.path_of("0" * 64)


def test_a_file_that_changed_is_not_what_it_was(catalog: Catalog, folder: Path) -> None:
    file = folder / "loras" / "Ink.safetensors"
    id = catalog.entry(str(file)) and content_id(file)
    assert catalog.path_of(id) == file
    write(file, header(LORA))
    with pytest.raises(UserError):
        catalog.path_of(id)


def test_a_recipe_finds_all_its_files(catalog: Catalog, folder: Path) -> None:
    starter = catalog.find("starter")
    lora, vae = (content_id(folder / name) for name in ("loras/Ink.safetensors", "vae/sdxl_vae.safetensors"))
    use = LoraUse(lora, "Ink")
    recipe = Recipe(starter.id, "a", 64, 64, 1, 1.0, "euler", 0, loras=(use,), parts={"vae": vae})
    found = catalog.paths(recipe)
    assert found == {
        starter.id: STARTER.resolve(),
        lora: folder / "loras" / "Ink.safetensors",
        vae: folder / "vae" / "sdxl_vae.safetensors",
    }


@pytest.mark.parametrize(
    ("what", "told"),
    [
        ({"loras": (LoraUse("1" * 64, "ink"),)}, "The LoRA ink of this recipe"),
        ({"parts": {"vae": "1" * 64}}, "The VAE of this recipe"),
        ({"parts": {"text_encoder_2": "1" * 64}}, "The text encoder 2 of this recipe"),
        ({"embeddings": {"easy": "1" * 64}}, "The embedding easy of this recipe"),
        ({"model": "1" * 64}, "The model of this recipe"),
    ],
)
def test_what_a_recipe_misses_is_named(catalog: Catalog, what: dict[str, Any], told: str) -> None:
    recipe = Recipe(catalog.find("starter").id, "a", 64, 64, 1, 1.0, "euler", 0)
    with pytest.raises(UserError, match=told):
        catalog.paths(replace(recipe, **what))


def test_a_folder_of_the_same_name_is_in_nobodys_way(
    catalog: Catalog, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "Ink").mkdir()
    (tmp_path / "notes").mkdir()
    monkeypatch.chdir(tmp_path)
    assert catalog.entry("Ink").path == folder / "loras" / "Ink.safetensors"
    with pytest.raises(UserError, match="notes"):
        catalog.find("notes")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ink", "Ink"),
        ("INK.safetensors", "Ink"),
        ("style\\Ink", "Ink"),
        ("Ink Wash", "Ink"),
        ("ink_v2", "ink_v2"),  # a file's own name counts more than what its trainer called another
        ("sdxl_vae", None),
        ("", None),
        ("nul\0nul", None),
    ],
)
def test_a_file_of_a_kind_is_found_by_its_names(catalog: Catalog, name: str, expected: str | None) -> None:
    found = catalog.resolve_file("lora", name)
    assert (found and found.name) == expected


@pytest.mark.parametrize("hash", [autov2, autov3, legacy])
def test_a_file_is_found_by_hash_once_that_is_worked_out(
    catalog: Catalog, tmp_path: Path, hash: Callable[[Path], str]
) -> None:
    content = bytes(range(256)) * 8192
    file = tmp_path / "mine" / "other.safetensors"
    clips = {"clip_l": tensor([0, 768], 0, 0), "clip_g": tensor([len(content) // 5120, 1280], 0, len(content))}
    file.write_bytes(safetensors(clips, content))
    wanted = hash(file)
    list(catalog.learn_hashes())
    found = catalog.resolve_file("embedding", "another name", wanted)
    assert found
    assert (found.path, found.hash) == (file, hashlib.sha256(file.read_bytes()).hexdigest())


def test_hashing_may_be_left_and_goes_on(catalog: Catalog) -> None:
    learning = catalog.learn_hashes()
    first = next(learning)
    learning.close()
    assert first.is_relative_to(STARTER.resolve())
    assert len(set(catalog.learn_hashes())) == 5
    assert all(entry.hash for entry in catalog.entries() if entry.path.is_file())


def test_any_file_is_told_of_by_path_content_or_name(catalog: Catalog, folder: Path) -> None:
    file = folder / "vae" / "sdxl_vae.safetensors"
    for name in (str(file), content_id(file), "SDXL_VAE"):
        assert catalog.entry(name).path == file
    with pytest.raises(UserError, match="no model file 'nothing'"):
        catalog.entry("nothing")


def test_extras_go_by_all_their_names(catalog: Catalog, folder: Path) -> None:
    extras = {extra.name: extra for extra in catalog.extras()}
    assert set(extras) == {"Ink", "ink_v2", "sdxl_vae"}
    assert extras["Ink"].names == ("Ink", "ink_v2", "Ink Wash")
    assert extras["Ink"].id == content_id(folder / "loras" / "Ink.safetensors")


# ---------------------------------------------------------------- models


def test_models_are_found_at_any_depth_and_folders_of_settings_count(
    models: Mapping[str, Path], tmp_path: Path
) -> None:
    copied(models["sd15"], tmp_path / "hub" / "models--some--model" / "snapshots" / "012345")
    catalog = Catalog(tmp_path / "data", folders=[tmp_path / "hub"])
    assert [model.name for model in catalog.models()] == ["starter", "some/model"]
    assert catalog.find("some/model").family.id == "sd15"


def test_what_cannot_run_is_listed_but_is_no_model(tmp_path: Path) -> None:
    written(CASES["a video model"], tmp_path / "mine")
    (tmp_path / "mine" / "a.ckpt").write_bytes(b"\x80\x02}.")
    catalog = Catalog(tmp_path / "data", folders=[tmp_path / "mine"])
    assert [entry.kind for entry in catalog.entries()] == ["checkpoint", "unknown", "diffusion"]
    assert [model.name for model in catalog.models()] == ["starter"]


def test_a_snapshot_looks_through_the_folders_once_and_stays_as_it_is(
    catalog: Catalog, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[object] = []
    scan = catalogs.scan
    monkeypatch.setattr(catalogs, "scan", lambda roots: looks.append(roots) or scan(roots))
    still = catalog.snapshot()
    (folder / "vae" / "sdxl_vae.safetensors").unlink()
    assert still.resolve_file("lora", "ink_v2")
    assert {extra.name for extra in still.extras()} == {"Ink", "ink_v2"}  # what is gone is not given out
    assert [model.name for model in still.models()] == ["starter"]
    assert len(still.entries()) == 5
    assert len(looks) == 1
    assert len(catalog.entries()) == 4


def test_a_look_ends_once_it_is_stopped(folder: Path, tmp_path: Path) -> None:
    stopped: list[bool] = []
    catalog = Catalog(tmp_path / "data", folders=[folder], stopped=lambda: bool(stopped))
    still = catalog.snapshot()
    stopped.append(True)
    for look in (catalog.entries, lambda: list(still.extras())):
        with pytest.raises(UserError, match="not looked through"):
            look()


def test_a_folder_that_breaks_meanwhile_does_not_end_hashing(
    catalog: Catalog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied(STARTER, tmp_path / "mine" / "a model")

    def broken(path: Path) -> None:
        raise UserError(f"{path.name} is no model any more.")

    monkeypatch.setattr(catalogs, "identify", broken)
    list(catalog.learn_hashes())
    assert all(entry.hash for entry in catalog.entries() if entry.path.is_file())
