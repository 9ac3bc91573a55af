"""The text that A1111 writes: ours is read back, and that of others is taken for what it says."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from desktop.library.metadata import infotext
from desktop.library.metadata.tools import a1111, sfumato
from desktop.models.samplers import SAMPLERS
from desktop.recipe import MOST_GUIDANCE, SEEDS, SIZES, STEPS, Recipe, Source

# A prompt that looks like the text's own parts cannot be told from them, in any program.
prompts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters=":")).map(str.strip)
names = st.text(st.characters(exclude_categories=["Cs"]), max_size=20).map(lambda name: name.strip().strip('"').strip())
recipes = st.builds(
    Recipe,
    model=st.just(""),
    prompt=prompts,
    negative=prompts,
    width=st.sampled_from(SIZES),
    height=st.sampled_from(SIZES),
    steps=st.sampled_from(STEPS),
    guidance=st.floats(0, MOST_GUIDANCE),
    sampler=st.sampled_from(list(SAMPLERS)),
    seed=st.integers(SEEDS.start, SEEDS.stop - 1),
    source=st.none() | st.builds(Source, image=st.just("0" * 64), strength=st.floats(0.01, 1)),
)

RECIPE = Recipe(
    model="", prompt="a lake", width=512, height=768, steps=20, guidance=7, sampler="dpmpp_2m_karras", seed=2**64 - 1
)


def _write(recipe: Recipe, model: str) -> str:
    return a1111.written(sfumato.described(recipe.to_json(), {"model": model}))


def _read(text: str) -> tuple[dict[str, Any], dict[str, Any]]:
    found = a1111.described(infotext.read(text))
    return dict(found.recipe), dict(found.unused)


@given(recipes, names)
@example(RECIPE, 'a, b: c\n"d" \\ é🌅')
def test_what_is_written_is_read_back(recipe: Recipe, model: str) -> None:
    found, unused = _read(_write(recipe, model))
    assert found.pop("guidance") == pytest.approx(recipe.guidance, rel=1e-5, abs=1e-5)
    if recipe.source:
        assert found.pop("strength") == pytest.approx(recipe.source.strength, rel=1e-5)
    named = ("prompt", "negative", "width", "height", "steps", "sampler", "seed")
    assert found == {name: getattr(recipe, name) for name in named} | {"model": model}
    assert set(unused) == {"Version"}


def test_the_text_looks_as_the_others_write_it() -> None:
    text = _write(replace(RECIPE, negative="fog,\nrain"), "my model")
    lines = text.split("\n")
    assert lines[:3] == ["a lake", "Negative prompt: fog,", "rain"]
    settings = (
        "Steps: 20, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 7, Seed: 18446744073709551615, Size: 512x768"
    )
    assert lines[3].startswith(f"{settings}, Model: my model, Version: Sfumato ")
    assert "Negative prompt" not in _write(RECIPE, "m")


@pytest.mark.parametrize(
    ("model", "written"),
    [
        ("plain name", "Model: plain name,"),
        ("v1.5-é🌅", "Model: v1.5-é🌅,"),
        ("a, b", 'Model: "a, b",'),
        ("a: b", 'Model: "a: b",'),
        ("a\nb", r'Model: "a\nb",'),
        ('say "no", é', r'Model: "say \"no\", é",'),
    ],
)
def test_a_value_is_quoted_only_where_it_must_be(model: str, written: str) -> None:
    assert written in _write(RECIPE, model)


SETTINGS = "Steps: 30, Sampler: Euler a, CFG scale: 6.5, Seed: 12345, Size: 640x448"
KNOWN = {"steps": 30, "sampler": "euler_a", "guidance": 6.5, "seed": 12345, "width": 640, "height": 448}

SAMPLES: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "a prompt and settings": (f"a cat\n{SETTINGS}", {"prompt": "a cat", "negative": "", **KNOWN}, {}),
    "prompts of several lines": (
        f"a cat,\n\non a mat: red\nNegative prompt: dog,\nwet: very\n{SETTINGS}",
        {"prompt": "a cat,\n\non a mat: red", "negative": "dog,\nwet: very", **KNOWN},
        {},
    ),
    "no prompt": (SETTINGS, {"prompt": "", "negative": "", **KNOWN}, {}),
    "only a negative prompt": (
        f"Negative prompt: dog\n{SETTINGS}",
        {"prompt": "", "negative": "dog", **KNOWN},
        {},
    ),
    "lines that end as on Windows": (f"a cat\r\n{SETTINGS}\r\n", {"prompt": "a cat", "negative": "", **KNOWN}, {}),
    "a schedule in its own place": (
        "a cat\nSteps: 30, Sampler: DPM++ 2M SDE, Schedule type: Karras, Seed: 1",
        {"prompt": "a cat", "negative": "", "steps": 30, "sampler": "dpmpp_2m_sde_karras", "seed": 1},
        {},
    ),
    "a schedule in the sampler's name": (
        "a cat\nSteps: 30, Sampler: DPM++ 2M Karras, Seed: 1",
        {"prompt": "a cat", "negative": "", "steps": 30, "sampler": "dpmpp_2m_karras", "seed": 1},
        {},
    ),
    "a sampler that we lack": (
        "a cat\nSteps: 30, Sampler: Restart, Schedule type: Exponential, Seed: 1",
        {"prompt": "a cat", "negative": "", "steps": 30, "seed": 1},
        {"Sampler": "Restart", "Schedule type": "Exponential"},
    ),
    "all that a second pass needs": (
        f"a cat\n{SETTINGS}, Model hash: abcdef0123, Model: some-model_v2, Denoising strength: 0.4, Clip skip: 2, "
        'Hires upscale: 2, Hires steps: 12, Hires upscaler: 4x-Foo, Hires prompt: "a cat, big: very", '
        'Lora hashes: "ink: 0123456789ab, pen: ba9876543210", Version: v1.10.1',
        {"prompt": "a cat", "negative": "", "model": "some-model_v2", "clip_skip": 1, **KNOWN},
        {
            "Model hash": "abcdef0123",
            "Denoising strength": "0.4",
            "Hires upscale": "2",
            "Hires steps": "12",
            "Hires upscaler": "4x-Foo",
            "Hires prompt": "a cat, big: very",
            "Lora hashes": "ink: 0123456789ab, pen: ba9876543210",
            "Version": "v1.10.1",
        },
    ),
    "what Forge adds": (
        f'a cat\n{SETTINGS}, Distilled CFG Scale: 3.5, Module 1: ae, ControlNet 0: "Module: canny, Weight: 0.8"',
        {"prompt": "a cat", "negative": "", **KNOWN},
        {"Distilled CFG Scale": "3.5", "Module 1": "ae", "ControlNet 0": "Module: canny, Weight: 0.8"},
    ),
    "quotes within quotes": (
        f'a cat\n{SETTINGS}, Hires prompt: "say \\"no\\", \\\\ and\\nthen"',
        {"prompt": "a cat", "negative": "", **KNOWN},
        {"Hires prompt": 'say "no", \\ and\nthen'},
    ),
    "fewer than three settings": (
        "a cat\nSteps: 30, Seed: 1",
        {"prompt": "a cat\nSteps: 30, Seed: 1", "negative": ""},
        {},
    ),
    "numbers that are none": (
        "a cat\nSteps: many, CFG scale: high, Seed: , Size: large",
        {"prompt": "a cat", "negative": ""},
        {"Steps": "many", "CFG scale": "high", "Seed": "", "Size": "large"},
    ),
    "guidance that is no number": (
        "a cat\nSteps: 30, CFG scale: nan, Seed: 1",
        {"prompt": "a cat", "negative": "", "steps": 30, "seed": 1},
        {"CFG scale": "nan"},
    ),
    "nothing": ("", {"prompt": "", "negative": ""}, {}),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_the_text_of_others_is_taken_for_what_it_says(name: str) -> None:
    text, recipe, unused = SAMPLES[name]
    assert _read(text) == (recipe, unused)


def test_a_setting_that_is_its_own_name_is_written_once() -> None:
    assert str(infotext.Infotext("a cat", "", {"Steps": "3", "Tiling": "Tiling"})) == "a cat\nSteps: 3, Tiling"


@given(st.text(st.characters(exclude_categories=["Cs"])))
@example("Negative prompt:")
@example('a: "\\ud800", b: "1", c: "[1]", d: "')
def test_any_text_is_read_into_json(text: str) -> None:
    recipe, unused = _read(text)
    json.dumps([recipe, unused], allow_nan=False, ensure_ascii=False).encode()
    assert {"prompt", "negative"} <= set(recipe)


@pytest.mark.parametrize("piece", ["a: 1, ", "a b ", '"', "a-", 'Key: "', 'Key: "x\\', " "])
def test_of_an_endless_line_only_so_much_is_looked_at(piece: str) -> None:
    start = "Steps: 1, Seed: 2, CFG scale: 3, "
    line = start + piece * (30_000 // len(piece)) + ", End: 1"
    recipe, unused = _read(f"a cat\n{line}")
    assert "End" not in unused
    assert (recipe["prompt"], recipe["steps"], recipe["seed"]) == ("a cat", 1, 2)
    assert sum(len(name) + len(value) for name, value in unused.items()) <= infotext.LONGEST_LINE


@pytest.mark.parametrize(
    ("words", "sampler"),
    [
        ("Sampler: DPM++ 2M", "dpmpp_2m_karras"),  # what A1111 does when it chooses the schedule
        ("Sampler: DPM++ 2M, Schedule type: Automatic", "dpmpp_2m_karras"),
        ("Sampler: DPM++ 2M, Schedule type: Uniform", "dpmpp_2m"),
        ("Sampler: DPM++ 2M Karras", "dpmpp_2m_karras"),  # before the schedule had a field of its own
        ("Sampler: Euler", "euler"),
        ("Sampler: Euler, Schedule type: Uniform", "euler"),
    ],
)
def test_a_schedule_is_part_of_the_sampler(words: str, sampler: str) -> None:
    recipe, unused = _read(f"a cat\nSteps: 30, {words}, Seed: 1")
    assert recipe["sampler"] == sampler
    assert not unused


OURS = {
    **{"model": "d" * 64, "prompt": "a cat", "steps": 3, "seed": 1, "guidance": 4.0, "clip_skip": 1},
    "loras": [
        {"file": "a" * 64, "name": "ink: fine, wet", "weight": 0.8},
        {"file": "b" * 64, "name": "tea", "weight": 1, "text_weight": 0.5},
        {"file": "c" * 64, "name": "new", "weight": 1.0},
    ],
    "parts": {"vae": "e" * 64},
}
TOLD = {
    "a" * 64: {"name": "ink.safetensors", "autov2": "1" * 10, "autov3": "2" * 12},
    "b" * 64: {"name": "tea.safetensors", "autov3": "3" * 12},
    "c" * 64: {"name": "new.safetensors"},
    "d" * 64: {"name": "dreamer.safetensors", "autov2": "4" * 10},
    "e" * 64: {"name": "soft.safetensors", "autov2": "5" * 10},
}


def test_our_loras_are_tags_and_our_clip_skip_counts_one_more() -> None:
    text = a1111.written(sfumato.described(OURS, {}))
    assert text.startswith("a cat <lora:ink fine wet:0.8> <lora:tea:0.5:1> <lora:new:1>\nSteps: 3")
    found = a1111.described(infotext.read(text))
    assert (found.recipe["clip_skip"], found.unused) == (1, {"Version": found.unused["Version"]})


def test_what_is_known_of_our_files_is_told_as_a1111_tells_it() -> None:
    text = a1111.written(sfumato.described(OURS, {"model": "dreamer", "files": TOLD}))
    line = text.splitlines()[-1]
    assert "Model hash: 4444444444, Model: dreamer, VAE hash: 5555555555, VAE: soft.safetensors, Clip skip: 2" in line
    assert 'Lora hashes: "ink fine wet: 222222222222, tea: 333333333333", Version: Sfumato' in line
    found = a1111.described(infotext.read(text))
    assert found.hashes == {
        **{"dreamer": "4" * 10, "soft.safetensors": "5" * 10},
        **{"ink fine wet": "2" * 12, "tea": "3" * 12},
    }


@pytest.mark.parametrize("files", [None, [], {"a" * 64: "odd", "d" * 64: {"autov2": {}}, "e" * 64: None}])
@pytest.mark.parametrize("loras", [None, {}, ["odd"], [{"weight": "much"}], [{"name": 3, "weight": True}]])
def test_odd_files_are_told_as_far_as_that_goes(files: object, loras: object) -> None:
    said = sfumato.described({**OURS, "loras": loras, "parts": loras}, {"files": files})
    assert "Steps: 3" in a1111.written(said)


@pytest.mark.parametrize("told", ["0", "13", "two", "-1"])
def test_an_odd_clip_skip_is_left_as_it_is(told: str) -> None:
    found = a1111.described(infotext.read(f"a cat\nSteps: 30, Seed: 1, CFG scale: 6, Clip skip: {told}"))
    assert found.unused == {"Clip skip": told}
