"""The LoRA doctor, through the engine."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path

import pytest
import torch
from diffusers import UNet2DConditionModel
from torch import Tensor

from desktop.engine import tiny
from desktop.engine.api import Checkup, Engine, Event, Examined, Failed, Finished, Job, Report
from desktop.models.identify import identify
from desktop.models.weights import content_id
from desktop.paths import STARTER
from tests.engine.loras import files

Models = Mapping[str, Path]


def checked(engine: Engine, model: Path, file: Path) -> list[Event]:
    found = identify(model)
    lora = content_id(file)
    return list(engine.run(Job(Checkup(found.id, lora, file.stem), {found.id: model, lora: file})))


def report(engine: Engine, model: Path, file: Path) -> Report:
    events = checked(engine, model, file)
    assert isinstance(events[-1], Finished), events[-1]
    return next(event.report for event in events if isinstance(event, Examined))


@pytest.fixture(scope="module")
def unet() -> dict[str, Tensor]:
    return files.kohya(tiny.make("sd15").unet)


def test_a_good_one(engine: Engine, models: Models, tmp_path: Path, unet: dict[str, Tensor]) -> None:
    text = files.kohya(tiny.make("sd15").text_encoder, "lora_te_text_model")
    found = report(engine, models["sd15"], files.saved(tmp_path / "ink.safetensors", unet | text))
    assert (found.works, found.kind, found.rank, found.fitting, found.layers) == (True, "LoRA", files.RANK, 40, 40)
    assert found.unused == ()
    assert found.verdict.startswith("ink fits Stable Diffusion 1.5. It changes what it touches by ")
    assert found.parts.keys() == {"unet", "text_encoder"}
    assert list(found.blocks.values()) == sorted(found.blocks.values(), reverse=True)
    assert "unet.mid_block.attentions.0" in found.blocks
    assert found.places == (
        "down_blocks",
        "down_blocks.0",
        "mid_block",
        "mid_block.attentions.0",
        "text_encoder",
        "text_encoder.encoder.layers.0",
        "text_encoder.encoder.layers.1",
        "up_blocks",
        "up_blocks.1",
    )
    json.dumps(found.to_json())


def test_the_effect_is_the_change_relative_to_the_weights(local: Engine, models: Models, tmp_path: Path) -> None:
    pipe = tiny.make("sd15")
    path = "mid_block.attentions.0.transformer_blocks.0.attn1.to_q"
    tensors = files.peft(pipe.unet, ends=(path,))
    weight = pipe.unet.get_submodule(path).get_parameter("weight")
    down, up = (tensors[f"unet.{path}.lora_{letter}.weight"] for letter in "AB")
    found = report(local, models["sd15"], files.saved(tmp_path / "ink.safetensors", tensors))
    assert found.effect is not None
    assert math.isclose(found.effect, float((up @ down).norm() / weight.detach().norm()), rel_tol=1e-4)


@pytest.mark.parametrize(("size", "words"), [(1e-4, "hardly be seen"), (3.0, "pictures may break")])
def test_weak_and_strong_ones(local: Engine, models: Models, tmp_path: Path, size: float, words: str) -> None:
    file = files.saved(tmp_path / "ink.safetensors", files.peft(tiny.make("sd15").unet, size=size))
    assert words in report(local, models["sd15"], file).verdict


def test_one_without_effect(local: Engine, models: Models, tmp_path: Path, unet: dict[str, Tensor]) -> None:
    tensors = {name: torch.zeros_like(tensor) if "lora_up" in name else tensor for name, tensor in unet.items()}
    found = report(local, models["sd15"], files.saved(tmp_path / "ink.safetensors", tensors))
    assert not found.works
    assert found.effect == 0
    assert "has no effect" in found.verdict


def test_one_for_another_family(local: Engine, models: Models, tmp_path: Path, unet: dict[str, Tensor]) -> None:
    file = files.saved(tmp_path / "ink.safetensors", unet, {"ss_base_model_version": "sd_v1-5"})
    found = report(local, models["sd3"], file)
    assert (found.works, found.fitting, found.family, found.model_family) == (False, 0, "sd15", "sd3")
    assert "made for Stable Diffusion 1.5" in found.verdict
    assert len(found.unused) == 8


@pytest.mark.parametrize(("label", "works"), [("sd_v1-5", True), ("sdxl_base_v1-0", False)])
def test_the_starters_loras_say_that_they_are_for_stable_diffusion(
    local: Engine, tmp_path: Path, label: str, works: bool
) -> None:
    """What fits whole is no stranger by that."""
    tensors = files.kohya(UNet2DConditionModel.from_pretrained(STARTER / "unet"))
    found = report(local, STARTER, files.saved(tmp_path / "ink.safetensors", tensors, {"ss_base_model_version": label}))
    assert (found.works, "It was made for" in found.verdict) == (works, not works)


def test_one_that_fits_in_part(local: Engine, models: Models, tmp_path: Path, unet: dict[str, Tensor]) -> None:
    file = files.saved(tmp_path / "ink.safetensors", unet | {"lora_te2_x.lora_down.weight": torch.ones(2, 2)})
    found = report(local, models["sd15"], file)
    assert found.unused == ("lora_te2_x",)
    assert "32 of its 33 layers fit" in found.verdict


def test_what_cannot_be_read_is_an_error(local: Engine, models: Models, tmp_path: Path) -> None:
    file = files.saved(tmp_path / "ink.safetensors", {"a": torch.ones(2)})
    assert checked(local, models["sd15"], file)[-1] == Failed(
        "ink is no LoRA.", "Choose a LoRA, or one of its relatives: LoHa, LoKr, DoRA, OFT."
    )
