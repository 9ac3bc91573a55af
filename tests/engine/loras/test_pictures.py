"""Pictures with LoRAs and embeddings, through the engine."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from desktop.engine import tiny
from desktop.engine.api import Cancelled, Engine, Event, Failed, Job, Produced, Warned
from desktop.engine.loras.site import Site
from desktop.engine.tiny.words import WIDTH
from desktop.models.identify import identify
from desktop.models.weights import content_id
from desktop.recipe import LoraUse
from tests.engine.jobs import job, picture
from tests.engine.loras import files
from tests.engine.test_parity import plain_pipeline

LEVELS = 1  # of 255: PEFT scales what comes out of both matrices, and we the second of them, which rounds otherwise


def with_loras(asked: Job, *loras: tuple[Path, float]) -> Job:
    uses = tuple(files.use(file, weight) for file, weight in loras)
    paths = {use.file: file for use, (file, _) in zip(uses, loras, strict=True)}
    return Job(replace(asked.work, loras=uses), {**asked.models, **paths}, asked.inputs)


def lora_of(pipe: Any, denoiser: str, seed: int) -> dict[str, Tensor]:
    """Of the denoiser and all its CLIPs."""
    tensors = files.peft(getattr(pipe, denoiser), f"{denoiser}.", seed=seed, size=0.4)
    for name in ("text_encoder", "text_encoder_2") if denoiser == "unet" else ():
        if encoder := getattr(pipe, name, None):
            tensors |= files.peft(encoder, f"{name}.", seed=seed + 10)
    return tensors


def by_diffusers(asked: Job, *loras: tuple[Path, float]) -> np.ndarray:
    recipe, model = asked.work, identify(asked.models[asked.work.model])
    pipe = plain_pipeline(asked, model.family.pipeline)
    for number, (file, _) in enumerate(loras):
        pipe.load_lora_weights(str(file), adapter_name=f"lora{number}")
    if loras:
        pipe.set_adapters([f"lora{number}" for number in range(len(loras))], [weight for _, weight in loras])
    options = {"negative_prompt": recipe.negative, "guidance_scale": recipe.guidance}
    accepted = inspect.signature(pipe.__call__).parameters
    made = pipe(
        recipe.prompt,
        width=recipe.width,
        height=recipe.height,
        num_inference_steps=recipe.steps,
        generator=torch.Generator().manual_seed(recipe.seed),
        output_type="np",
        **{name: value for name, value in options.items() if name in accepted},
    ).images[0]
    return (made * 255).round().astype(int)


def apart(one: np.ndarray, other: np.ndarray) -> int:
    return int(np.abs(one.astype(int) - other.astype(int)).max())


def test_putting_them_on_ends_when_the_job_is_cancelled(
    local: Engine, models: Mapping[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = files.saved(tmp_path / "ink.safetensors", lora_of(tiny.make("sd15"), "unet", 1))
    asked = with_loras(job(models["sd15"]), (file, 1.0))
    changed: list[Site] = []
    put = Site.set

    def put_and_cancel(site: Site, *given: Any) -> None:
        changed.append(site)
        put(site, *given)
        local.cancel(asked.id)

    monkeypatch.setattr(Site, "set", put_and_cancel)
    assert isinstance(list(local.run(asked))[-1], Cancelled)
    assert len(changed) == 1


@pytest.mark.filterwarnings("ignore:Already found a `peft_config`")
@pytest.mark.parametrize("family", ["sd15", "sdxl", "sd3", "flux"])
def test_they_are_those_of_diffusers(local: Engine, models: Mapping[str, Path], tmp_path: Path, family: str) -> None:
    pipe, denoiser = tiny.make(family), identify(models[family]).family.denoiser
    loras = [
        (files.saved(tmp_path / f"{seed}.safetensors", lora_of(pipe, denoiser, seed)), weight)
        for seed, weight in enumerate((0.8, -0.5))
    ]
    asked = job(models[family])
    ours = picture(list(local.run(with_loras(asked, *loras)))).pixels
    plain = picture(list(local.run(asked))).pixels
    assert apart(ours, by_diffusers(asked, *loras)) <= LEVELS < 10 < apart(ours, plain)
    assert np.array_equal(plain, by_diffusers(asked))  # nothing is left of them


def test_the_same_recipe_gives_the_same_bits_whatever_was_on_before(
    local: Engine, models: Mapping[str, Path], tmp_path: Path
) -> None:
    unet = tiny.make("sd15").unet
    first, second = (files.saved(tmp_path / f"{n}.safetensors", files.kohya(unet, seed=n, size=0.4)) for n in (1, 2))
    plain = job(models["sd15"])
    jobs = [plain, with_loras(plain, (first, 1.0)), with_loras(plain, (first, 0.5), (second, 1.0))]
    bits = [picture(list(local.run(each))).pixels.tobytes() for each in jobs]
    for each, expected in zip(reversed(jobs), reversed(bits), strict=True):
        again = Job(each.work, each.models)
        assert picture(list(local.run(again))).pixels.tobytes() == expected
    assert len(set(bits)) == 3


def test_doubts_are_told_and_what_does_not_fit_ends_the_job(
    local: Engine, models: Mapping[str, Path], tmp_path: Path
) -> None:
    unet = tiny.make("sd15").unet
    tensors = files.kohya(unet) | {"lora_te2_nowhere.alpha": torch.tensor(1.0)}
    file = files.saved(tmp_path / "ink.safetensors", tensors)
    told = [event for event in run(local, with_loras(job(models["sd15"]), (file, 1.0))) if isinstance(event, Warned)]
    assert "only in part: 32 of its 33" in told[0].message
    assert isinstance(run(local, with_loras(job(models["sd3"]), (file, 1.0)))[-1], Failed)


def run(engine: Engine, asked: Job) -> list[Event]:
    return list(engine.run(asked))


def test_an_embedding_of_the_prompt(local: Engine, models: Mapping[str, Path], tmp_path: Path) -> None:
    tensors = {"emb_params": torch.randn(2, WIDTH, generator=torch.Generator().manual_seed(0)) * 3}
    file = files.saved(tmp_path / "sky.safetensors", tensors)
    id = content_id(file)
    asked = job(models["sd15"], prompt="embedding:sky over a house")
    with_sky = Job(replace(asked.work, embeddings={"sky": id}), {**asked.models, id: file})
    ours = picture(run(local, with_sky)).pixels
    pipe = plain_pipeline(asked, "StableDiffusionPipeline")
    pipe.load_textual_inversion(tensors["emb_params"], token="<sky>")
    made = pipe(
        "<sky> over a house",
        negative_prompt="",
        width=64,
        height=64,
        num_inference_steps=4,
        guidance_scale=3.0,
        generator=torch.Generator().manual_seed(1),
        output_type="np",
    ).images[0]
    assert np.array_equal(ours, (made * 255).round().astype(np.uint8))
    assert not np.array_equal(ours, picture(run(local, asked)).pixels)


@pytest.mark.parametrize("name", ["emb_params", "string_to_param.*", "clip_l"])
def test_embeddings_that_a_lora_brings_are_those_of_files_of_their_own(
    local: Engine, models: Mapping[str, Path], tmp_path: Path, name: str
) -> None:
    """OneTrainer bundles them; a LoRA that is not used, or a word that is not said, changes nothing."""
    sky = torch.randn(2, WIDTH, generator=torch.Generator().manual_seed(0)) * 3
    lora = files.kohya(tiny.make("sd15").unet)
    bundled = files.saved(tmp_path / "bundled.safetensors", lora | {f"bundle_emb.<sky.v2>.{name}": sky})
    bare, alone = files.saved(tmp_path / "bare.safetensors", lora), files.saved(tmp_path / "a.safetensors", {"a": sky})
    asked = job(models["sd15"], prompt="a <sky.v2> over a house")
    ours = run(local, with_loras(asked, (bundled, 0.8)))
    id = content_id(alone)
    both = with_loras(asked, (bare, 0.8))
    both = Job(replace(both.work, embeddings={"<sky.v2>": id}), {**both.models, id: alone})
    assert not [event for event in ours if isinstance(event, Warned)]
    assert picture(ours) == picture(run(local, both))
    assert picture(ours) != picture(run(local, with_loras(asked, (bare, 0.8))))
    assert picture(run(local, with_loras(asked, (bundled, 0.0)))) == picture(run(local, asked))


def test_models_that_read_none_say_that_they_have_no_effect(
    local: Engine, models: Mapping[str, Path], tmp_path: Path
) -> None:
    lora = files.peft(tiny.make("flux").transformer, "transformer.")
    bundled = files.saved(tmp_path / "b.safetensors", lora | {"bundle_emb.sky.t5": torch.ones(2, 8)})
    said = job(models["flux"], prompt="the sky")
    told = [event.message for event in run(local, with_loras(said, (bundled, 1.0))) if isinstance(event, Warned)]
    assert told == ["Flux.1 reads no embeddings: those of a LoRA (sky) have no effect."]
    unsaid = job(models["flux"], prompt="a house")
    assert not [event for event in run(local, with_loras(unsaid, (bundled, 1.0))) if isinstance(event, Warned)]


@pytest.mark.parametrize(
    ("family", "prefix", "encoder"),
    [
        ("sd15", "lora_te_text_model", "text_encoder"),
        ("sdxl", "lora_te1_text_model", "text_encoder"),
        ("sdxl", "lora_te2", "text_encoder_2"),
        ("sd3", "lora_te3", "text_encoder_3"),
        ("flux", "lora_te3", "text_encoder_2"),
        ("flux", "lora_te2", "text_encoder_2"),
    ],
)
def test_kohyas_names_of_text_encoders(
    local: Engine, models: Mapping[str, Path], tmp_path: Path, family: str, prefix: str, encoder: str
) -> None:
    part = getattr(tiny.make(family), encoder)
    ends = (*files.ATTENTION, "SelfAttention.q", "SelfAttention.v")
    file = files.saved(tmp_path / "ink.safetensors", files.kohya(part, prefix, ends=ends, size=1.0))
    asked = job(models[family])
    events = run(local, with_loras(asked, (file, 1.0)))
    assert not [event for event in events if isinstance(event, Warned)]
    assert apart(picture(events).pixels, picture(run(local, asked)).pixels) > 0


def test_a_weight_of_nothing_is_as_good_as_none(local: Engine, models: Mapping[str, Path], tmp_path: Path) -> None:
    file = files.saved(tmp_path / "ink.safetensors", files.kohya(tiny.make("sd15").unet))
    asked = job(models["sd15"])
    use: LoraUse = files.use(file, 0.0)
    without = Job(replace(asked.work, loras=(use,)), {**asked.models, use.file: file})
    assert np.array_equal(picture(run(local, without)).pixels, picture(run(local, asked)).pixels)


def test_merged_they_make_the_same_and_leave_no_trace(
    local: Engine, models: Mapping[str, Path], tmp_path: Path
) -> None:
    """It is told with the picture, since the last bits differ."""
    file = files.saved(tmp_path / "ink.safetensors", lora_of(tiny.make("sd15"), "unet", 3))
    asked = job(models["sd15"])
    plain = picture(list(local.run(asked)))
    beside = list(local.run(with_loras(asked, (file, 0.8))))
    merged = list(local.run(replace(with_loras(asked, (file, 0.8)), merges=True)))
    assert apart(picture(beside).pixels, picture(merged).pixels) <= LEVELS
    assert [event.made.get("loras") for event in (*beside, *merged) if isinstance(event, Produced)] == [None, "merged"]
    assert picture(list(local.run(asked))) == plain
