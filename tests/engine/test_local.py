"""What goes wrong inside a model, and what the user hears of it."""

from __future__ import annotations

import json
import shutil
from contextlib import closing
from pathlib import Path

import pytest
import torch
from torch import nn

from desktop.engine import local as module
from desktop.engine.api import Cancelled, Engine, Failed, Finished, Produced, Progress, Warned
from desktop.engine.loaded import Loaded
from desktop.engine.local import LocalEngine
from desktop.engine.memory import Device
from desktop.models.samplers import SAMPLERS
from desktop.recipe import Recipe
from tests.engine.jobs import job, picture, steps


def loaded(engine: Engine) -> Loaded:
    """The model in the engine's memory."""
    assert isinstance(engine, LocalEngine)
    return next(iter(engine._pipelines._loaded.values()))


class Overflow(nn.Module):
    """Stands before a module and spoils its input, but only below full precision, or always."""

    def __init__(self, inner: nn.Module, always: bool):
        super().__init__()
        self.inner = inner
        self.always = always

    def forward(self, x: torch.Tensor, *rest: object, **options: object) -> torch.Tensor:
        spoiled = self.always or x.dtype != torch.float32
        return self.inner(x * float("inf") if spoiled else x, *rest, **options)


SPOTS = {"unet": "conv_in", "vae": "decoder"}


def spoil(engine: Engine, part: str, always: bool) -> None:
    owner = getattr(loaded(engine).pipe, part)
    setattr(owner, SPOTS[part], Overflow(getattr(owner, SPOTS[part]), always))


@pytest.mark.parametrize("part", ["unet", "vae"])
def test_numbers_that_overflow_are_done_again_at_full_precision(
    local: Engine, models: dict[str, Path], monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    monkeypatch.setattr(Device, "dtype", lambda *_: torch.bfloat16)
    healthy = picture(list(local.run(job(models["sd15"]))))
    spoil(local, part, always=False)
    events = list(local.run(job(models["sd15"])))
    assert isinstance(events[-1], Finished)
    assert sum(isinstance(event, Warned) for event in events) == 1
    made = next(event for event in events if isinstance(event, Produced))
    assert made.made["fallbacks"] == [f"{part} in float32"]
    assert made.picture.pixels.std() > 0
    assert abs(made.picture.pixels.astype(int) - healthy.pixels).mean() < 10
    assert loaded(local).pipe.unet.dtype == torch.bfloat16  # and back again


@pytest.mark.parametrize(("part", "name"), [("unet", "U-Net"), ("vae", "VAE")])
def test_a_black_picture_is_never_delivered(local: Engine, models: dict[str, Path], part: str, name: str) -> None:
    list(local.run(job(models["sd15"])))
    spoil(local, part, always=True)
    events = list(local.run(job(models["sd15"])))
    assert isinstance(events[-1], Failed)
    assert name in events[-1].message
    assert not any(isinstance(event, Produced) for event in events)


@pytest.mark.parametrize("error", [torch.OutOfMemoryError("CUDA out of memory"), MemoryError()])
def test_out_of_memory_names_numbers_and_leaves_an_engine_that_works(
    local: Engine, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    def fail(*_: object) -> None:
        raise error

    with monkeypatch.context() as patch:
        patch.setitem(module.WORKERS, Recipe, fail)
        last = list(local.run(job()))[-1]
    assert isinstance(last, Failed)
    assert "GB" in last.message
    assert last.hint
    assert isinstance(list(local.run(job()))[-1], Finished)


def test_the_allocators_own_error_counts_as_out_of_memory(local: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(module.WORKERS, Recipe, lambda *_: torch.empty(2**60))
    last = list(local.run(job()))[-1]
    assert isinstance(last, Failed)
    assert "GB" in last.message


def test_a_picture_too_large_for_the_memory_is_refused_before_it_starts(local: Engine) -> None:
    last = list(local.run(job(width=8192, height=8192)))[-1]
    assert isinstance(last, Failed)
    assert "GB" in last.message
    assert not last.trace


def test_a_model_too_large_for_the_memory_is_refused(local: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Device, "free_bytes", lambda _: 30_000_000)
    last = list(local.run(job()))[-1]
    assert isinstance(last, Failed)
    assert "to load the model" in last.message


def test_models_make_room_for_each_other(
    local: Engine, models: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    list(local.run(job(models["sd15"])))
    list(local.run(job(models["sdxl"])))
    assert isinstance(local, LocalEngine)
    held = local._pipelines._loaded
    assert [each.model.family.id for each in held.values()] == ["sd15", "sdxl"]
    monkeypatch.setattr(Device, "free_bytes", lambda _: 10**12 if len(held) < 2 else 0)
    list(local.run(job(models["sd3"])))
    assert [each.model.family.id for each in held.values()] == ["sdxl", "sd3"]


@pytest.mark.parametrize("part", ["unet", "text_encoder"])
def test_weights_of_another_part_are_refused(local: Engine, models: dict[str, Path], tmp_path: Path, part: str) -> None:
    folder = shutil.copytree(models["sd15"], tmp_path / "mixed")
    (weights,) = (folder / part).glob("*.safetensors")
    shutil.copy(folder / "vae" / "diffusion_pytorch_model.safetensors", weights)
    last = list(local.run(job(folder)))[-1]
    assert isinstance(last, Failed)
    assert part in last.message
    assert not last.trace


def test_a_config_that_does_not_fit_its_weights_is_told(local: Engine, models: dict[str, Path], tmp_path: Path) -> None:
    folder = shutil.copytree(models["sd15"], tmp_path / "mixed")
    config = folder / "unet" / "config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | {"block_out_channels": [16, 48]}))
    last = list(local.run(job(folder)))[-1]
    assert isinstance(last, Failed)
    assert "mixed cannot be loaded" in last.message
    assert not last.trace


def test_a_cancel_takes_effect_within_a_file(local: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desktop.engine.reading.BLOCK", 1024)  # so that reading the first file takes its time
    asked = job()
    events = []
    for event in local.run(asked):
        events.append(event)
        if event == Progress(0, 100, "loading model"):
            local.cancel(asked.id)
    assert isinstance(events[-1], Cancelled)
    assert max(steps(events, "loading model")) < 20
    assert isinstance(local, LocalEngine)
    assert not local._pipelines._loaded


@pytest.mark.parametrize("mixed", [False, True])
def test_plain_files_go_before_those_of_a_variant(
    local: Engine, models: dict[str, Path], tmp_path: Path, mixed: bool
) -> None:
    folder = shutil.copytree(models["sd15"], tmp_path / "variant")
    for file in sorted(folder.glob("*/*.safetensors")):
        file.rename(file.with_suffix(".fp16.safetensors"))
    if mixed:
        unet, vae = (f"{part}/diffusion_pytorch_model.fp16.safetensors" for part in ("unet", "vae"))
        shutil.copy(folder / unet, folder / unet.replace(".fp16", ""))
        shutil.copy(folder / vae, folder / unet)  # is refused if it is read
    assert picture(list(local.run(job(folder)))) == picture(list(local.run(job(models["sd15"]))))


def test_a_vae_that_overflows_in_fp16_is_loaded_at_full_precision(models: dict[str, Path]) -> None:
    with closing(LocalEngine("cpu", "float16")) as engine:
        assert picture(list(engine.run(job(models["sdxl"])))).pixels.std() > 0
        parts = {name: next(part.parameters()).dtype for name, part in loaded(engine).parts.items()}
    assert parts.pop("vae") == torch.float32
    assert set(parts.values()) == {torch.float16}


def test_a_bug_is_told_with_its_trace(local: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(module.WORKERS, Recipe, lambda *_: 1 / 0)
    last = list(local.run(job()))[-1]
    assert isinstance(last, Failed)
    assert "ZeroDivisionError" in last.message
    assert "Traceback" in last.trace
    assert isinstance(local, LocalEngine)


def test_an_unknown_device_is_told() -> None:
    engine = LocalEngine("cuda:99")
    last = list(engine.run(job()))[-1]
    engine.close()
    assert isinstance(last, Failed)
    assert "cpu" in last.hint


@pytest.mark.parametrize("sampler", [key for key, row in SAMPLERS.items() if not row.flow])
@pytest.mark.parametrize("steps", [1, 2, 5])
def test_every_sampler_makes_a_picture(local: Engine, sampler: str, steps: int) -> None:
    events = list(local.run(job(sampler=sampler, steps=steps)))
    assert picture(events).pixels.std() > 5


@pytest.mark.parametrize("sampler", [key for key, row in SAMPLERS.items() if row.flow])
def test_every_flow_sampler_makes_a_picture(local: Engine, models: dict[str, Path], sampler: str) -> None:
    assert picture(list(local.run(job(models["sd3"], sampler=sampler)))).pixels.std() > 0


def test_what_a_prompt_is_too_long_for_is_told(local: Engine) -> None:
    events = list(local.run(job(prompt="a lake " * 30 + "and a zebra", negative="rain " * 60)))
    prompt, negative = (event.message for event in events if isinstance(event, Warned))
    assert prompt.startswith("The prompt is longer")
    assert "a lake a lake" in prompt
    assert negative.startswith("The negative prompt is longer")
    assert not any(isinstance(event, Warned) for event in local.run(job(prompt="a lake")))


def test_sd3_without_t5(local: Engine, tmp_path: Path) -> None:
    from desktop.engine import tiny

    folder = tiny.save(tiny.make("sd3"), tmp_path / "sd3")
    for part in ("text_encoder_3", "tokenizer_3"):
        shutil.rmtree(folder / part)
    assert picture(list(local.run(job(folder)))).pixels.std() > 0


def test_engines_and_restarts_agree_to_the_bit(engine: Engine, local: Engine) -> None:
    asked = {"steps": 6, "sampler": "euler_a", "seed": 2**63 + 11}
    assert picture(list(engine.run(job(**asked)))) == picture(list(local.run(job(**asked))))
