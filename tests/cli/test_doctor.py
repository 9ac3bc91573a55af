"""`sfumato doctor`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from desktop.engine import tiny
from tests.cli.conftest import Sfumato
from tests.engine.loras import files
from tests.models.originals.aligned import save
from tests.models.originals.makers import CHECKPOINTS, VAES
from tests.models.originals.pairs import make_pair


@pytest.fixture
def ink(here: Path) -> Path:
    return files.saved(here / "ink.safetensors", files.kohya(tiny.make("sd15").unet))


def test_a_lora_that_works(sfumato: Sfumato, models: Mapping[str, Path], ink: Path) -> None:
    outcome = sfumato("doctor", ink.name, "--model", str(models["sd15"]))
    assert outcome.code == 0
    assert outcome.out.startswith("ink fits Stable Diffusion 1.5. It changes")
    assert f"LoRA, rank {files.RANK}; 32 of 32 layers fit" in outcome.out
    assert "unet.mid_block.attentions.0" in outcome.out


def test_as_json(sfumato: Sfumato, models: Mapping[str, Path], ink: Path) -> None:
    outcome = sfumato("doctor", str(ink), "--model", str(models["sd15"]), "--json")
    told = json.loads(outcome.out)
    assert (outcome.code, told["works"], told["fitting"], told["model_family"]) == (0, True, 32, "sd15")


def test_a_name_of_the_catalog(sfumato: Sfumato, models: Mapping[str, Path], ink: Path, tmp_path: Path) -> None:
    folder = tmp_path / "sfumato-data" / "models" / "loras"
    folder.mkdir(parents=True)
    ink.rename(folder / ink.name)
    assert sfumato("doctor", "ink", "--model", str(models["sd15"])).code == 0


def test_what_the_model_lacks_is_found(sfumato: Sfumato, ink: Path, tmp_path: Path) -> None:
    pair = make_pair("sd15", CHECKPOINTS["sd15"], tmp_path / "models")
    tensors = {name: tensor for name, tensor in load_file(pair.file).items() if not name.startswith("first_stage")}
    save(tensors, pair.file)
    assert sfumato("doctor", ink, "--model", pair.file).code == 2
    shelf = tmp_path / "sfumato-data" / "models"
    shelf.mkdir(parents=True)
    save(VAES["original"](pair.pipe), shelf / "some.safetensors")
    assert sfumato("doctor", ink, "--model", pair.file).code == 0


def test_one_for_another_family_and_one_without_effect(
    sfumato: Sfumato, models: Mapping[str, Path], ink: Path, here: Path
) -> None:
    outcome = sfumato("doctor", ink.name, "--model", str(models["sd3"]))
    assert outcome.code == 1
    assert "does not fit Stable Diffusion 3 at all" in outcome.out
    nothing = {name: torch.zeros_like(tensor) for name, tensor in files.peft(tiny.make("sd15").unet).items()}
    files.saved(here / "nothing.safetensors", nothing)
    assert sfumato("doctor", "nothing.safetensors", "--model", str(models["sd15"])).code == 1


def test_errors(sfumato: Sfumato, models: Mapping[str, Path], ink: Path) -> None:
    assert sfumato("doctor", "nowhere", "--model", str(models["sd15"])).code == 2
    ink.write_bytes(ink.read_bytes()[:-100])
    outcome = sfumato("doctor", ink.name, "--model", str(models["sd15"]))
    assert outcome.code == 2
    assert "incomplete" in outcome.err
