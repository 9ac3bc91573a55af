"""Prompts: layers of CLIP that are left out, and what a model does not read."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import diffusers
import numpy as np
import pytest
import sentencepiece
import torch
from diffusers import DiffusionPipeline
from safetensors.torch import save_file

from desktop.engine import tiny
from desktop.engine.api import Engine, Event, Failed, Job, Warned
from desktop.engine.loaded import Loaded
from desktop.engine.local import LocalEngine
from desktop.engine.memory import Device
from desktop.engine.prompt import cut_off
from desktop.engine.tiny.words import WIDTH
from desktop.models.identify import identify
from desktop.models.samplers import SAMPLERS
from desktop.models.weights import content_id
from desktop.raster import Raster
from desktop.recipe import Source
from tests.engine.jobs import job, picture
from tests.models.folders import copied

TEXT_ALONE = [name for name in tiny.MAKERS if name != "sdxl-refiner"]
WITHOUT_CLIP = ["flux", "zimage", "sana"]


def run(engine: Engine, asked: Job) -> list[Event]:
    return list(engine.run(asked))


def warnings(events: list[Event]) -> list[str]:
    return [event.message for event in events if isinstance(event, Warned)]


def plain(pipe: Any, asked: Job, **words: Any) -> np.ndarray:
    """What diffusers makes of these words."""
    scheduler = getattr(diffusers, SAMPLERS[asked.work.sampler].scheduler)
    pipe.scheduler = scheduler.from_config(pipe.scheduler.config, **SAMPLERS[asked.work.sampler].config)
    pipe.set_progress_bar_config(disable=True)
    made = pipe(
        **words,
        num_inference_steps=asked.work.steps,
        guidance_scale=asked.work.guidance,
        generator=torch.Generator().manual_seed(asked.work.seed),
        output_type="np",
        width=64,
        height=64,
    ).images[0]
    return (made * 255).round().astype(np.uint8)


@pytest.mark.parametrize("family", ["sdxl", "sd3"])
def test_clip_skip_is_that_of_diffusers(local: Engine, models: Mapping[str, Path], family: str) -> None:
    asked = job(models[family], clip_skip=1)
    pipe = DiffusionPipeline.from_pretrained(models[family], dtype=torch.float32)
    expected = plain(pipe, asked, prompt=asked.work.prompt, negative_prompt="", clip_skip=1)
    assert np.array_equal(picture(run(local, asked)).pixels, expected)


def test_clip_skip_of_sd15_takes_an_earlier_layer_through_the_last_norm(
    local: Engine, models: Mapping[str, Path]
) -> None:
    """Of the prompt alone, as diffusers does; its own way crashes with this version of transformers."""
    asked = job(models["sd15"], clip_skip=1)
    pipe: Any = DiffusionPipeline.from_pretrained(models["sd15"], dtype=torch.float32)

    @torch.no_grad()
    def layers(text: str) -> Any:
        ids = pipe.tokenizer(text, padding="max_length", max_length=77, return_tensors="pt").input_ids
        return pipe.text_encoder(ids, output_hidden_states=True).hidden_states

    norm = pipe.text_encoder.final_layer_norm
    words = {"prompt_embeds": norm(layers(asked.work.prompt)[-2]), "negative_prompt_embeds": norm(layers("")[-1])}
    expected = plain(pipe, asked, **{name: each.detach() for name, each in words.items()})
    assert np.array_equal(picture(run(local, asked)).pixels, expected)


def test_every_number_of_layers_is_another_picture(local: Engine, models: Mapping[str, Path]) -> None:
    found = [picture(run(local, job(models["sd15"], clip_skip=skip))) for skip in (0, 1, 0)]
    assert found[0] == found[2]
    assert found[0] != found[1]


def test_more_layers_than_there_are_is_told(local: Engine, models: Mapping[str, Path]) -> None:
    last = run(local, job(models["sdxl"], clip_skip=2))[-1]
    assert isinstance(last, Failed)
    assert "no 2 layers to skip" in last.message
    assert last.hint == "Choose 1 at most."
    assert not last.trace


@pytest.mark.parametrize("family", WITHOUT_CLIP)
def test_clip_skip_does_nothing_to_others_and_says_so(local: Engine, models: Mapping[str, Path], family: str) -> None:
    first, skipped = (run(local, job(models[family], steps=2, clip_skip=skip)) for skip in (0, 1))
    assert picture(first) == picture(skipped)
    assert not warnings(first)
    assert "clip skip" in warnings(skipped)[0]


@pytest.mark.parametrize("family", TEXT_ALONE)
def test_what_is_not_read_is_told(local: Engine, models: Mapping[str, Path], family: str) -> None:
    words = [f"tree{'s' * (i % 7)}" for i in range(400)]
    events = run(local, job(models[family], steps=1, prompt=" ".join(words)))
    told = warnings(events)
    assert picture(events).pixels.std() > 0
    assert len(told) == 1
    assert "The prompt is longer" in told[0]
    rest = told[0].split("“")[1].rstrip("”")
    assert 0 < len(rest) < len(" ".join(words))
    assert not warnings(run(local, job(models[family], steps=1, prompt="a red house at the sea")))


def test_an_embedding_counts_by_its_vectors(models: Mapping[str, Path], tmp_path: Path) -> None:
    pipe = DiffusionPipeline.from_pretrained(models["sd15"], dtype=torch.float32)
    loaded = Loaded(identify(models["sd15"]), pipe, Device(torch.device("cpu")), None)
    room = min(pipe.tokenizer.model_max_length, loaded.model.family.longest_text) - 2
    save_file({"emb_params": torch.ones(room - 1, WIDTH)}, tmp_path / "long-sky.safetensors")
    id = content_id(tmp_path / "long-sky.safetensors")
    called = {"long-sky": id}, {id: tmp_path / "long-sky.safetensors"}
    assert cut_off(loaded, "a long-sky", *called) == ""
    assert cut_off(loaded, "a long-sky a house", *called) == "a house"
    assert cut_off(loaded, "a a long-sky", *called) == "long-sky"
    assert cut_off(loaded, "a long-sky a", {}, {}) == ""


@pytest.mark.parametrize("name", [*TEXT_ALONE, "lumina2", "pixart-alpha"])
def test_a_prompt_is_encoded_once_for_the_same_words(local: Engine, models: Mapping[str, Path], name: str) -> None:
    run(local, job(models[name], steps=1))
    seen = reading(local)
    run(local, job(models[name], steps=1, seed=2))
    assert not seen
    run(local, job(models[name], steps=1, prompt="another"))
    assert seen


def test_what_is_cut_off_is_worked_out_once(
    local: Engine, models: Mapping[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Copies of a tokenizer that know embeddings take longer than a step."""
    long = " ".join(["tree"] * 400)
    told = warnings(run(local, job(models["sd15"], steps=1, prompt=long)))
    monkeypatch.delattr("desktop.engine.prompt._rest")
    assert warnings(run(local, job(models["sd15"], steps=1, prompt=long, seed=2))) == told
    assert told


def reading(engine: Engine) -> list[str]:
    """Grows whenever a text encoder runs."""
    assert isinstance(engine, LocalEngine)
    (loaded,) = engine._pipelines._loaded.values()
    seen: list[str] = []
    for name, part in loaded.parts.items():
        if name.startswith("text_encoder"):
            part.register_forward_pre_hook(lambda *_: seen.append("read"))
    return seen


def test_a_model_that_edits_reads_anew_for_another_picture(
    local: Engine, models: Mapping[str, Path], small_looks: None
) -> None:
    first, second = (Raster(np.full((64, 64, 3), value, np.uint8)) for value in (40, 200))
    jobs = [job(models["qwen-edit"], (each,), steps=1, source=Source(each.sha256)) for each in (first, first, second)]
    made = [picture(run(local, jobs[0]))]
    seen = reading(local)
    made.append(picture(run(local, jobs[1])))
    assert not seen
    made.append(picture(run(local, jobs[2])))
    assert len(seen) == 2  # prompt and negative prompt
    assert made[0] == made[1] != made[2]


def test_a_tokenizer_that_is_stored_as_sentencepiece_alone_is_read(
    local: Engine, models: Mapping[str, Path], tmp_path: Path
) -> None:
    """As that of PixArt-Sigma."""
    folder = copied(models["pixart"], tmp_path / "pixart")
    (folder / "tokenizer/tokenizer.json").unlink()
    (tmp_path / "text").write_text("a house with a red roof\nthe sea at night\n" * 20)
    files = {"input": str(tmp_path / "text"), "model_prefix": str(folder / "tokenizer/spiece")}
    few: dict[str, Any] = {"vocab_size": 40, "hard_vocab_limit": False, "minloglevel": 2}
    special: dict[str, Any] = {"pad_id": 0, "eos_id": 1, "unk_id": 2, "bos_id": -1}
    sentencepiece.SentencePieceTrainer.train(**files, **few, **special)
    assert (folder / "tokenizer/spiece.model").exists()
    first, second = (picture(run(local, job(folder, steps=1, prompt=each))) for each in ("a red house", "the sea"))
    assert first != second
