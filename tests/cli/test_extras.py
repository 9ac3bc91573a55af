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


def test_weight_nothing_is_no_lora(sfumato: Sfumato, here: Path, ink: Path, plain: Raster) -> None:
    assert _made(sfumato, here / "a.png", "--lora", f"{ink}:0") == plain


def test_another_vae_draws_other_colours(sfumato: Sfumato, here: Path, plain: Raster) -> None:
    (own,) = (STARTER / "vae").glob("*.safetensors")
    save_file({name: tensor * 0.9 for name, tensor in load_file(own).items()}, here / "pale.safetensors")
    assert _made(sfumato, here / "a.png", "--vae", here / "pale.safetensors") != plain
    assert _recipe(here / "a.png")["parts"] == {"vae": content_id(here / "pale.safetensors")}


def test_layers_of_the_text_encoder_are_skipped(sfumato: Sfumato, here: Path, plain: Raster) -> None:
    assert _made(sfumato, here / "a.png", "--clip-skip", "1") != plain
    assert _recipe(here / "a.png")["clip_skip"] == 1


def test_an_embedding_is_called_in_the_prompt(sfumato: Sfumato, here: Path, plain: Raster) -> None:
    width = CLIPTextModel.from_pretrained(STARTER / "text_encoder").config.hidden_size
    (data_folder() / "models").mkdir(parents=True)
    vectors = torch.randn(2, width, generator=torch.Generator().manual_seed(0))
    save_file({"emb_params": vectors}, data_folder() / "models/easy.safetensors")
    _made(sfumato, here / "a.png", prompt="a lake at dawn, embedding:easy")
    assert set(_recipe(here / "a.png")["embeddings"]) == {"easy"}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--lora", "none"), "There is no LoRA 'none'."),
        (("--lora", "README.md:1"), "no LoRA 'README.md'"),
        (("--vae", "none"), "There is no VAE 'none'."),
        (("--clip-skip", "12"), "Clip skip 12 is out of range."),
    ],
)
def test_what_cannot_be_is_told(sfumato: Sfumato, here: Path, options: tuple[str, ...], message: str) -> None:
    outcome = sfumato("generate", "a lake", *QUICK, *options)
    assert outcome.code == 2
    assert message in outcome.err


def test_the_doctor_says_whether_it_fits(sfumato: Sfumato, here: Path, ink: Path, models: dict[str, Path]) -> None:
    found = sfumato("doctor", ink, "--model", "starter", "--json")
    assert (found.code, json.loads(found.out)["works"]) == (0, True)
    other = sfumato("doctor", ink, "--model", models["sdxl"])
    assert other.code == 1
    assert "ink does not fit Stable Diffusion XL" in other.out
