"""What is done with model files, by the real engine."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from diffusers import UNet2DConditionModel
from safetensors.torch import load_file

from desktop.engine.local import LocalEngine  # torch is there before anybody waits for it
from desktop.models.entries import entry_of
from desktop.models.marks import Mark
from desktop.models.weights import content_id
from desktop.paths import STARTER, data_folder
from desktop.recipe import LoraUse
from desktop.studio.notice import Kind, Notice
from desktop.studio.studio import Studio
from tests import model_files
from tests.engine.loras.files import kohya, saved
from tests.models.layouts import CLIP_L, VAE, header, write
from tests.studio.conftest import OpenStudio
from tests.studio.things import heard, of_family
from tests.ui.hands import settle, until

(OWN_VAE,) = (STARTER / "vae").glob("*.safetensors")


@pytest.fixture
def ink() -> Path:
    unet = UNet2DConditionModel.from_pretrained(STARTER / "unet")
    return saved(data_folder() / "models/ink.safetensors", kohya(unet))


@pytest.fixture
def studio(ink: Path, open_studio: OpenStudio) -> Studio:
    studio = open_studio(lambda device, precision: LocalEngine("cpu"))
    until(lambda: bool(studio.shelf.models and studio.shelf.extras.all))
    return studio


def test_a_lora_that_is_added_is_looked_at_closely(studio: Studio, ink: Path) -> None:
    studio.outfit.use(entry_of(ink))
    until(lambda: bool(studio.clinic.findings))
    assert studio.session.loras == (LoraUse(content_id(ink), "ink"),)
    finding = studio.clinic.findings[content_id(ink)]
    assert finding.works
    assert finding.words.startswith("ink fits Starter.")
    assert "layers fit" in finding.details


def test_one_is_checked_without_being_used(studio: Studio, ink: Path) -> None:
    noticed: list[Notice] = heard(studio.noticed)
    studio.outfit.check(entry_of(ink))
    until(lambda: bool(noticed))
    assert (noticed[0].kind, noticed[0].message[:16]) == (Kind.DONE, "ink fits Starter")
    assert studio.session.loras == ()


def test_a_pickle_is_converted_beside_it(studio: Studio, tmp_path: Path) -> None:
    pickle = tmp_path / "old.pt"
    torch.save({"state_dict": {"a.weight": torch.ones(2, 2)}}, pickle)
    noticed: list[Notice] = heard(studio.noticed)
    studio.outfit.convert(entry_of(pickle))
    until(lambda: bool(noticed))
    assert noticed[0].message == "old.safetensors is written."
    assert pickle.exists()
    assert (tmp_path / "old.safetensors").exists()
    studio.outfit.convert(entry_of(STARTER / "model_index.json"))
    until(lambda: len(noticed) > 1)
    assert noticed[1].kind is Kind.ERROR


def test_what_was_converted_is_used_at_a_click(studio: Studio, tmp_path: Path) -> None:
    pickle = tmp_path / "old.pt"
    torch.save(load_file(OWN_VAE), pickle)
    noticed: list[Notice] = heard(studio.noticed)
    studio.outfit.convert(entry_of(pickle))
    until(lambda: bool(noticed))
    [(_, use)] = noticed[0].actions
    use()
    until(lambda: bool(studio.session.parts))
    assert studio.session.parts == {"vae": content_id(tmp_path / "old.safetensors")}


def test_what_is_noted_of_a_pickle_is_noted_of_its_safetensors(studio: Studio) -> None:
    pickle = data_folder() / "models" / "old.pt"
    pickle.parent.mkdir(parents=True, exist_ok=True)
    torch.save({"state_dict": {"a.weight": torch.ones(2, 2)}}, pickle)
    pickle.with_suffix(".preview.png").write_bytes(b"picture")
    stock = studio.stock
    stock.look()
    until(lambda: "old" in {item.entry.name for item in stock.items})
    stock.note([item for item in stock.items if item.entry.path == pickle], favourite=True, tags=("ink",), notes="mine")
    studio.outfit.convert(entry_of(pickle))
    until(lambda: any(item.entry.path == pickle.with_suffix(".safetensors") for item in stock.items))
    both = [item for item in stock.items if item.entry.name == "old"]
    assert [item.mark for item in both] == [Mark(True, ("ink",), "mine")] * 2
    assert {item.entry.preview for item in both} == {pickle.with_suffix(".preview.png")}


def test_memory_is_given_back_and_the_next_picture_loads_anew(studio: Studio, ink: Path) -> None:
    noticed: list[Notice] = heard(studio.noticed)
    studio.outfit.unload()
    until(lambda: bool(noticed))
    assert noticed[0].message == "The memory of the models is given back."


def test_vaes_and_embeddings_find_their_places(studio: Studio, tmp_path: Path) -> None:
    vae = entry_of(OWN_VAE)
    studio.outfit.use(vae)
    until(lambda: bool(studio.session.parts))
    assert studio.session.parts == {"vae": content_id(vae.path)}
    studio.outfit.use_part("vae", "")
    assert studio.session.parts == {}
    words = saved(tmp_path / "easy.safetensors", {"emb_params": torch.zeros(2, 768)})
    studio.session.prompt = "a lake"
    studio.outfit.use(entry_of(words))
    assert studio.session.prompt == "a lake, embedding:easy"
    studio.outfit.use(entry_of(words.rename(tmp_path / "very easy (v2).safetensors")))
    assert studio.session.prompt == "a lake, embedding:easy, very easy (v2)"


@pytest.mark.parametrize("kind", ["lora", "vae"])
def test_a_file_from_elsewhere_is_at_hand_from_then_on(open_studio: OpenStudio, tmp_path: Path, kind: str) -> None:
    studio = open_studio()
    until(lambda: bool(studio.shelf.models))
    file = tmp_path / "downloads" / "a file.safetensors"
    if kind == "lora":
        model_files.lora(file)
    else:
        file.parent.mkdir()
        shutil.copy(OWN_VAE, file)
    studio.outfit.open(file)
    until(lambda: bool(studio.session.loras or studio.session.parts))
    id = studio.session.parts["vae"] if kind == "vae" else studio.session.loras[0].file
    assert studio.shelf.extras.by_id(id)
    assert studio.shelf.catalog().path_of(id) == file


def test_a_file_that_went_meanwhile_is_told(open_studio: OpenStudio, notices: list[Notice], tmp_path: Path) -> None:
    studio = open_studio()
    entry = entry_of(model_files.lora(tmp_path / "ink.safetensors"))
    entry.path.unlink()
    studio.outfit.use(entry)
    until(lambda: bool(notices))
    assert notices[0].message == "ink.safetensors cannot be read: No such file or directory."
    assert notices[0].details == ""
    assert studio.session.loras == ()


def test_a_text_encoder_goes_to_the_place_that_it_fits(open_studio: OpenStudio, tmp_path: Path) -> None:
    studio = open_studio()
    until(lambda: bool(studio.shelf.models))
    file = write(tmp_path / "clip_l.safetensors", header(CLIP_L))
    studio.session.choose(replace(of_family("sdxl"), part_values={}))
    studio.outfit.open(file)
    until(lambda: bool(studio.session.parts))
    assert studio.session.parts == {"text_encoder": content_id(file)}


def test_what_cannot_take_the_parts_place_is_told_and_not_used(
    open_studio: OpenStudio, notices: list[Notice], tmp_path: Path
) -> None:
    studio = open_studio()
    until(lambda: bool(studio.shelf.models))
    whole = VAE | {"decoder.mid.block_1.conv1.weight": (512, 512, 3, 3), "more": (4096, 4096)}
    studio.outfit.use(entry_of(write(tmp_path / "large.safetensors", header(whole))))
    studio.outfit.use(entry_of(write(tmp_path / "clip_l.safetensors", header(CLIP_L))))
    assert [notice.message.partition(":")[0] for notice in notices] == [
        "large is a VAE of another size",
        "clip_l is a text encoder of another size",
    ]
    settle()
    assert studio.session.parts == {}


def test_a_vae_that_only_says_it_is_of_another_family_is_used_with_a_warning(
    open_studio: OpenStudio, notices: list[Notice], tmp_path: Path
) -> None:
    studio = open_studio()
    until(lambda: bool(studio.shelf.models))
    entry = entry_of(Path(shutil.copy(OWN_VAE, tmp_path / "sdxl_vae.safetensors")))
    studio.outfit.use(entry)
    until(lambda: bool(studio.session.parts))
    assert notices[0].message == "sdxl_vae was made for Stable Diffusion XL, and this is Starter."
    assert notices[0].hint == "It is used all the same: pictures will look wrong."


def test_a_lora_begins_with_the_weight_that_is_told_beside_it(open_studio: OpenStudio, tmp_path: Path) -> None:
    studio = open_studio()
    until(lambda: bool(studio.shelf.models))
    file = model_files.lora(tmp_path / "ink.safetensors")
    model_files.note(file, **{"preferred weight": 0.65})
    studio.outfit.use(entry_of(file))
    until(lambda: bool(studio.session.loras))
    assert studio.session.loras[0].weight == 0.65
