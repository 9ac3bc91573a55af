"""What two models share is one and the same in memory, and is not read again."""

from __future__ import annotations

import gc
import shutil
from pathlib import Path

import pytest
import torch
from diffusers import AutoencoderKL
from safetensors.torch import load_file, save_file

from desktop.engine import pipelines as module
from desktop.engine.api import Finished
from desktop.engine.local import LocalEngine
from desktop.engine.memory import Device
from desktop.engine.sources import STRIDE, Source
from tests.engine.jobs import job, picture, steps
from tests.models.folders import change_json


def changed(folder: Path, copy: Path, *parts: str) -> Path:
    """A copy with other weights in those parts: as little as one in each tensor's beginning."""
    shutil.copytree(folder, copy)
    for part in parts:
        (file,) = (copy / part).glob("*.safetensors")
        tensors = load_file(file)
        for tensor in tensors.values():
            tensor.view(-1)[0] += 1 / 64
        save_file(tensors, file, {"format": "pt"})
    return copy


def held(engine: LocalEngine) -> list[dict[str, torch.nn.Module]]:
    return [loaded.parts for loaded in engine._pipelines._loaded.values()]


def test_parts_with_the_same_weights_are_shared(local: LocalEngine, models: dict[str, Path], tmp_path: Path) -> None:
    other = changed(models["sd15"], tmp_path / "other", "unet")
    for folder in (models["sd15"], other):
        assert isinstance(list(local.run(job(folder)))[-1], Finished)
    first, second = held(local)
    assert second["text_encoder"] is first["text_encoder"]
    assert second["vae"] is first["vae"]
    assert second["unet"] is not first["unet"]


def test_pictures_of_shared_parts_are_the_same(local: LocalEngine, models: dict[str, Path], tmp_path: Path) -> None:
    other = changed(models["sd15"], tmp_path / "other", "unet")
    alone = picture(list(local.run(job(other))))
    local._pipelines.drop_all()
    list(local.run(job(models["sd15"])))
    assert picture(list(local.run(job(other)))) == alone


@pytest.mark.parametrize("part", ["unet", "vae", "text_encoder"])
def test_a_single_weight_makes_another_part(
    local: LocalEngine, models: dict[str, Path], tmp_path: Path, part: str
) -> None:
    """As does a config that says something else of the same weights."""
    other = shutil.copytree(models["sd15"], tmp_path / "other")
    (file,) = (other / part).glob("*.safetensors")
    tensors = load_file(file)
    min(tensors.values(), key=lambda tensor: tensor.numel()).view(-1)[0] += 1
    save_file(tensors, file, {"format": "pt"})
    third = shutil.copytree(models["sd15"], tmp_path / "third")
    change_json(third / part / "config.json", lambda config: config.update(hidden_act="gelu", scaling_factor=0.5))
    for folder in (models["sd15"], other, third):
        list(local.run(job(folder)))
    assert len({id(parts[part]) for parts in held(local)}) == 3


@pytest.mark.parametrize("row", [0, 379, -1])
def test_a_row_of_a_tensor_makes_another_part(
    local: LocalEngine, models: dict[str, Path], tmp_path: Path, row: int
) -> None:
    """As where a text encoder has learned words: all other rows are as they were."""
    other = shutil.copytree(models["sd15"], tmp_path / "other")
    (file,) = (other / "text_encoder").glob("*.safetensors")
    tensors = load_file(file)
    tensors["embeddings.token_embedding.weight"][row] += 1
    save_file(tensors, file, {"format": "pt"})
    alone = picture(list(local.run(job(other))))
    local._pipelines.drop_all()
    for folder in (models["sd15"], other):
        made = list(local.run(job(folder)))
    assert picture(made) == alone
    first, second = held(local)
    assert second["text_encoder"] is not first["text_encoder"]


def test_large_tensors_are_looked_at_in_many_places(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    keys = set()
    for changed_at in (0, *range(STRIDE, 3 * STRIDE, STRIDE), 3 * STRIDE - 1):
        tensor = torch.zeros(3 * STRIDE, dtype=torch.uint8)
        tensor[changed_at] = 1
        file = tmp_path / "weights.safetensors"
        save_file({"a": tensor}, file)
        keys.add(Source("vae", AutoencoderKL, tmp_path, (file,), 0).key)
    assert len(keys) == 4


def test_what_is_passing_in_a_config_makes_no_other_part(
    local: LocalEngine, models: dict[str, Path], tmp_path: Path
) -> None:
    other = changed(models["sd15"], tmp_path / "other", "unet")
    change_json(other / "vae/config.json", lambda config: config.update(_diffusers_version="0.1", _name_or_path="x"))
    change_json(other / "text_encoder/config.json", lambda config: config.update(transformers_version="4.0"))
    for folder in (models["sd15"], other):
        list(local.run(job(folder)))
    first, second = held(local)
    assert (second["vae"], second["text_encoder"]) == (first["vae"], first["text_encoder"])


def test_shared_parts_stay_when_the_other_model_goes(
    local: LocalEngine, models: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = changed(models["sd15"], tmp_path / "other", "unet")
    list(local.run(job(models["sd15"])))
    (first,) = held(local)
    text_encoder, unet = id(first["text_encoder"]), first.pop("unet")
    first.clear()
    monkeypatch.setattr(Device, "free_bytes", lambda _: 10**12 if not local._pipelines._loaded else 0)
    events = list(local.run(job(other)))
    assert isinstance(events[-1], Finished)
    (second,) = held(local)
    assert id(second["text_encoder"]) == text_encoder
    assert second["unet"] is not unet


def test_a_part_that_no_model_holds_is_let_go(local: LocalEngine, models: dict[str, Path]) -> None:
    list(local.run(job(models["sd15"])))
    assert len(local._pipelines._held) == 3
    local._pipelines.drop_all()
    gc.collect()
    assert not local._pipelines._held


def test_room_is_made_for_what_is_not_shared(
    local: LocalEngine, models: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    make_room = module.Pipelines._make_room
    monkeypatch.setattr(
        module.Pipelines,
        "_make_room",
        lambda self, weights, work, but=None: (asked.append(weights), make_room(self, weights, work, but))[1],
    )
    list(local.run(job(models["sd15"])))
    list(local.run(job(changed(models["sd15"], tmp_path / "vae", "vae"))))
    list(local.run(job(models["sd15"])))
    values = {name: sum(p.numel() for p in part.parameters()) * 4 for name, part in held(local)[0].items()}
    assert asked == [sum(values.values()), values["vae"], 0]


def test_only_what_is_read_is_told(local: LocalEngine, models: dict[str, Path], tmp_path: Path) -> None:
    list(local.run(job(models["sd15"])))
    told = steps(list(local.run(job(changed(models["sd15"], tmp_path / "other", "vae")))), "loading model")
    assert told[0] == 0
    assert told[-1] == 100
    assert sorted(told) == told
