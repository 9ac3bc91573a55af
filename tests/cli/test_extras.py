"""Files beside the model on the command line: LoRAs, VAEs, embeddings, clip skip; and the doctor."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers import UNet2DConditionModel
from safetensors.torch import load_file, save_file
from transformers import CLIPTextModel

from desktop.library.metadata import reading
from desktop.models.weights import content_id
from desktop.paths import STARTER, data_folder
from desktop.raster import Raster
from tests.cli.conftest import Sfumato
from tests.engine.loras.files import kohya, saved

QUICK = ("--size", "64x64", "--steps", "2", "--seed", "7")


@pytest.fixture(scope="module")
def ink(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A LoRA for the starter's U-Net and text encoder."""
    unet = UNet2DConditionModel.from_pretrained(STARTER / "unet")
    encoder = CLIPTextModel.from_pretrained(STARTER / "text_encoder")
    tensors = kohya(unet) | kohya(encoder, "lora_te", seed=1)
    return saved(tmp_path_factory.mktemp("loras") / "ink.safetensors", tensors)


@pytest.fixture
def plain(sfumato: Sfumato, here: Path) -> Raster:
    return _made(sfumato, here / "plain.png")


def _made(sfumato: Sfumato, file: Path, *options: str | Path, prompt: str = "a lake at dawn") -> Raster:
    outcome = sfumato("generate", prompt, *QUICK, *options, "--out", file)
    assert outcome.code == 0, outcome.err
    return Raster.read(file)


def _recipe(file: Path) -> dict[str, Any]:
    return dict(reading.describe(file).recipe)


def test_a_lora_is_given_by_file_and_made_again_by_the_recipe(
    sfumato: Sfumato, here: Path, ink: Path, plain: Raster
) -> None:
    made = _made(sfumato, here / "a.png", "--lora", f"{ink}:0.8")
    assert made != plain
    assert _recipe(here / "a.png")["loras"] == [{"file": content_id(ink), "name": "ink", "weight": 0.8}]
    assert sfumato("generate", "--recipe", here / "a.png", "--out", here / "b.png").code == 0
    assert Raster.read(here / "b.png") == made


def test_a_lora_is_called_by_name_and_by_tag(sfumato: Sfumato, here: Path, ink: Path) -> None:
    shutil.copytree(ink.parent, data_folder() / "models")
    by_name = _made(sfumato, here / "a.png", "--lora", "INK:0.8")
    by_tag = _made(sfumato, here / "b.png", prompt="a lake at dawn <lora:ink:0.8>")
    assert by_name == by_tag
    assert _recipe(here / "b.png")["prompt"] == "a lake at dawn"


def test_what_a_tag_says_for_nothing_is_told_once(sfumato: Sfumato, here: Path, ink: Path) -> None:
    shutil.copytree(ink.parent, data_folder() / "models")
    outcome = sfumato("generate", "a lake <lora:ink:0.8:lbw=OUTD>", *QUICK, "--count", "2")
    assert outcome.code == 0, outcome.err
    assert outcome.err.count("Of ink, “lbw=OUTD” is not used") == 1


def test_weight_nothing_is_no_lora(sfumato: Sfumato, here: Path, ink: Path, plain: Raster) -> None:
    assert _made(sfumato, here / "a.png", "--lora", f"{ink}:0") == plain


def test_another_vae_draws_other_colours(sfumato: Sfumato, here: Path, plain: Raster) -> None:
    (own,) = (STARTER / "vae").glob("*.safetensors")
    save_file({name: tensor * 0.9 for name, tensor in load_file(own).items()}, here / "pale.safetensors")
    assert _made(sfumato, here / "a.png", "--vae", here / "pale.safetensors") != plain
    assert _recipe(here / "a.png")["parts"] == {"vae": content_id(here / "pale.safetensors")}


def test_a_vae_of_another_shape_is_refused_and_one_of_another_name_is_told(sfumato: Sfumato, here: Path) -> None:
    (own,) = (STARTER / "vae").glob("*.safetensors")
    tensors = load_file(own)
    save_file({**tensors, "more": torch.zeros(5_000_000)}, here / "large.safetensors")
    outcome = sfumato("generate", "a lake", *QUICK, "--vae", "large.safetensors")
    assert (outcome.code, "large is a VAE of another size" in outcome.err) == (2, True)
    assert "loading" not in outcome.err
    shutil.copy(own, here / "sdxl_vae.safetensors")
    outcome = sfumato("generate", "a lake", *QUICK, "--vae", "sdxl_vae.safetensors", "--out", "b.png")
    assert (outcome.code, "made for Stable Diffusion XL, and this is Starter" in outcome.err) == (0, True)


def test_layers_of_the_text_encoder_are_skipped(sfumato: Sfumato, here: Path, plain: Raster) -> None:
    assert _made(sfumato, here / "a.png", "--clip-skip", "1") != plain
    assert _recipe(here / "a.png")["clip_skip"] == 1


def test_a_part_takes_the_place_of_the_models_own(sfumato: Sfumato, here: Path, plain: Raster) -> None:
    (own,) = (STARTER / "text_encoder").glob("*.safetensors")
    save_file({name: tensor * 0.9 for name, tensor in load_file(own).items()}, here / "dull.safetensors")
    assert _made(sfumato, here / "a.png", "--part", "text_encoder=dull.safetensors") != plain
    (own,) = (STARTER / "vae").glob("*.safetensors")
    shutil.copy(own, here / "same.safetensors")
    assert sfumato("generate", "--recipe", "a.png", "--vae", "same.safetensors", "--out", "b.png").code == 0
    expected = {"text_encoder": content_id(here / "dull.safetensors"), "vae": content_id(own)}
    assert _recipe(here / "b.png")["parts"] == expected
    assert Raster.read(here / "b.png") == Raster.read(here / "a.png")


def _embedding(name: str, seed: int = 0) -> Path:
    """Within the folder of models."""
    file = data_folder() / "models" / f"{name}.safetensors"
    file.parent.mkdir(parents=True, exist_ok=True)
    width = CLIPTextModel.from_pretrained(STARTER / "text_encoder").config.hidden_size
    save_file({"emb_params": torch.randn(2, width, generator=torch.Generator().manual_seed(seed))}, file)
    return file


def test_an_embedding_is_called_in_the_prompt_and_found_again_by_the_recipe(sfumato: Sfumato, here: Path) -> None:
    file = _embedding("easy")
    made = _made(sfumato, here / "a.png", prompt="a lake at dawn, easy")
    assert _recipe(here / "a.png")["embeddings"] == {"easy": content_id(file)}
    moved = file.rename(file.with_stem("other"))
    _embedding("easy", seed=1)
    assert sfumato("generate", "--recipe", "a.png", "--out", "b.png").code == 0
    assert Raster.read(here / "b.png") == made
    moved.unlink()
    outcome = sfumato("generate", "--recipe", "a.png", "--out", "c.png")
    assert (outcome.code, "The embedding easy of this recipe is not here." in outcome.err) == (2, True)


def test_a_picture_made_without_an_embedding_is_made_again_without(sfumato: Sfumato, here: Path) -> None:
    made = _made(sfumato, here / "a.png", prompt="an easy lake")
    file = _embedding("easy")
    assert sfumato("generate", "--recipe", "a.png", "--out", "b.png").code == 0
    assert Raster.read(here / "b.png") == made
    assert sfumato("generate", "an easy lake", "--recipe", "a.png", "--out", "c.png").code == 0
    assert _recipe(here / "c.png")["embeddings"] == {"easy": content_id(file)}


def test_the_same_lora_twice_counts_twice(sfumato: Sfumato, here: Path, ink: Path) -> None:
    (here / "ink").mkdir()  # which is no LoRA
    shutil.copytree(ink.parent, data_folder() / "models")
    _made(sfumato, here / "a.png", "--lora", "ink:0.5", "--lora", f"{ink}:0.25")
    assert [use["weight"] for use in _recipe(here / "a.png")["loras"]] == [0.75]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--lora", "none"), "There is no LoRA 'none'."),
        (("--lora", "README.md:1"), "no LoRA 'README.md'"),
        (("--vae", "none"), "There is no VAE 'none'."),
        (("--part", "text_encoder=none"), "There is no text encoder 'none'."),
        (("--part", "none"), "--part none names no part and file."),
        (("--clip-skip", "12"), "Clip skip 12 is out of range."),
        (("--lora", "ink:abc"), "--lora ink:abc: 'abc' is no weight."),
        (("--lora", r"C:\loras\ink.safetensors"), r"There is no LoRA 'C:\\loras\\ink.safetensors'."),
        (("--lora", r"C:\loras\ink.safetensors:x"), "'x' is no weight."),
    ],
)
def test_what_cannot_be_is_told(sfumato: Sfumato, here: Path, options: tuple[str, ...], message: str) -> None:
    outcome = sfumato("generate", "a lake", *QUICK, *options)
    assert outcome.code == 2
    assert message in outcome.err


def test_a_pickle_in_a_parts_place_can_be_converted(sfumato: Sfumato, here: Path) -> None:
    torch.save({"decoder.conv_in.weight": torch.zeros(1)}, here / "soft.pt")
    outcome = sfumato("generate", "a lake", *QUICK, "--vae", here / "soft.pt")
    assert (outcome.code, "Convert it to safetensors" in outcome.err) == (2, True)


def test_the_doctor_says_whether_it_fits(sfumato: Sfumato, here: Path, ink: Path, models: dict[str, Path]) -> None:
    found = sfumato("doctor", ink, "--model", "starter", "--json")
    assert (found.code, json.loads(found.out)["works"]) == (0, True)
    other = sfumato("doctor", ink, "--model", models["sdxl"])
    assert other.code == 1
    assert "ink does not fit Stable Diffusion XL" in other.out
