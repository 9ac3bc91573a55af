"""Which files suit as parts, and what shapes say of a denoiser."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from diffusers import SD3Transformer2DModel

from desktop.engine import tiny
from desktop.errors import UserError
from desktop.models.entry import Entry
from desktop.models.extras import Extra, Extras
from desktop.models.folders import identify_folder
from desktop.models.measures import MEASURES, measured
from desktop.models.parts import completed, fit_for, joined, misfit, suits
from desktop.paths import STARTER
from tests.models.layouts import VAE, header, write
from tests.models.originals import transformers
from tests.models.originals.makers import DENOISERS


@pytest.mark.parametrize(
    ("family", "component", "kind", "of", "variant", "expected"),
    [
        ("sd15", "vae", "vae", "sd15", "", True),
        ("sd15", "vae", "vae", "", "", True),
        ("sd15", "vae", "vae", "flux", "", False),
        ("sd15", "vae", "vae", "", "tiny", False),
        ("zimage", "vae", "vae", "flux", "", True),
        ("pixart", "vae", "vae", "sdxl", "", True),
        ("sd15", "vae", "text_encoder", "", "clip-l", False),
        ("flux", "text_encoder", "text_encoder", "", "clip-l", True),
        ("flux", "text_encoder", "text_encoder", "", "t5-xxl", False),
        ("flux", "text_encoder_2", "text_encoder", "", "t5-xxl", True),
        ("sd3", "text_encoder_2", "text_encoder", "", "clip-g", True),
        ("sdxl", "text_encoder_3", "text_encoder", "", "t5-xxl", False),
        ("sd15", "vae", "unknown", "", "", False),
        ("flux2", "text_encoder", "text_encoder", "", "qwen3-4b", False),
        ("flux2-klein", "text_encoder", "text_encoder", "", "qwen3-4b", True),
    ],
)
def test_what_suits(
    models: dict[str, Path], family: str, component: str, kind: str, of: str, variant: str, expected: bool
) -> None:
    model = identify_folder(models[family])
    assert suits(model, component, Entry(Path("x"), kind, 1, of, variant)) == expected


def test_a_pickle_does_not_suit(models: dict[str, Path]) -> None:
    model = identify_folder(models["sd15"])
    assert [suits(model, "vae", Entry(Path(name), "vae", 1)) for name in ("x.pt", "x.safetensors")] == [False, True]


@pytest.mark.parametrize(
    ("family", "component", "variant", "expected"),
    [("flux", "text_encoder", "clip-l", False), ("flux", "text_encoder_2", "t5-xxl", True), ("sd15", "vae", "", False)],
)
def test_what_does_not_run_from_gguf_is_not_put_in(
    models: dict[str, Path], family: str, component: str, variant: str, expected: bool
) -> None:
    model = identify_folder(models[family])
    lacking = replace(model, part_values={part: 1 for part in model.part_values if part != component})
    entry = Entry(Path("/x.gguf"), "vae" if component == "vae" else "text_encoder", 1, "", variant)
    extra = Extra("a" * 64, ("x",), entry)
    assert (component in completed(lacking, {}, Extras.of([extra]))) == expected


@pytest.mark.parametrize(("variant", "loads"), [("t5-xxl", False), ("", True), ("tiny", True)])
def test_a_text_encoder_that_is_known_as_another_cannot_be_loaded(
    models: dict[str, Path], variant: str, loads: bool
) -> None:
    found = misfit(identify_folder(models["flux"]), "text_encoder", Entry(Path("/x"), "text_encoder", 1, "", variant))
    assert found
    assert found.loads == loads


def test_full_precision_goes_before_what_was_made_smaller(models: dict[str, Path]) -> None:
    model = identify_folder(models["sd3"])
    whole = Entry(Path("/x"), "text_encoder", 2 * model.part_values["text_encoder_3"], "", "t5-xxl", "float16")
    entries = [replace(whole, quantization="Q4_K"), replace(whole, precision="float8_e4m3fn"), whole]
    files = [Extra(str(number) * 64, (f"t5 {number}",), entry) for number, entry in enumerate(entries)]
    fitting = fit_for(model, "text_encoder_3", Extras.of(files))
    assert [extra.name for extra in fitting] == ["t5 2", "t5 1", "t5 0"]


def _vae(family: str = "", alike: tuple[str, ...] = (), values: int = 0, **facts: Any) -> Entry:
    return Entry(Path("/pale.safetensors"), "vae", values * 2, family, precision="float16", alike=alike, **facts)


FOUR, SIXTEEN = ("sd15", "sd2", "sdxl"), ("flux", "sd3")


@pytest.mark.parametrize(
    ("family", "alike", "size", "words", "loads"),
    [
        ("sdxl", FOUR, 1.0, "pale was made for Stable Diffusion XL, and this is Stable Diffusion 1.5.", True),
        ("flux", SIXTEEN, 1.0, "pale was made for Flux.1, and this is Stable Diffusion 1.5.", False),
        ("", SIXTEEN, 1.0, "pale was made for Flux.1 or Stable Diffusion 3, and this is Stable Diffusion 1.5.", False),
        ("sd15", FOUR, 50.0, "pale is a VAE of another size", False),
        ("sd15", FOUR, 0.1, "pale is a VAE of another size", False),
    ],
)
def test_a_vae_that_does_not_suit_is_told_by_its_name(
    models: dict[str, Path], family: str, alike: tuple[str, ...], size: float, words: str, loads: bool
) -> None:
    model = identify_folder(models["sd15"])
    found = misfit(model, "vae", _vae(family, alike, round(model.part_values["vae"] * size)))
    assert found
    assert (found.words[: len(words)], found.loads) == (words, loads)


def test_one_of_the_same_size_suits_the_starter_whatever_it_says() -> None:
    model = identify_folder(STARTER)
    assert suits(model, "vae", _vae("", FOUR, model.part_values["vae"]))
    assert suits(model, "text_encoder", Entry(Path("/a.safetensors"), "text_encoder", 0, precision="int8"))


def test_what_cannot_be_loaded_is_refused_before_it_is(models: dict[str, Path], tmp_path: Path) -> None:
    model = identify_folder(models["sd15"])
    wrong = Extra("a" * 64, ("pale",), _vae("flux", SIXTEEN, model.part_values["vae"]))
    with pytest.raises(UserError, match=r"pale was made for Flux\.1"):
        completed(model, {"vae": wrong.id}, Extras.of([wrong]))
    looks_wrong = Extra("b" * 64, ("dull",), _vae("sdxl", FOUR, model.part_values["vae"]))
    assert completed(model, {"vae": looks_wrong.id}, Extras.of([looks_wrong])) == {"vae": looks_wrong.id}
    with pytest.raises(UserError, match="full is a VAE of another size"):
        joined(model, {"vae": write(tmp_path / "full.safetensors", header(VAE))})


@pytest.mark.parametrize("name", [name for name in DENOISERS if name.partition("-")[0] in MEASURES])
def test_shapes_say_what_the_config_says(name: str) -> None:
    """In the original names and in those of diffusers."""
    pipe = tiny.make(name)
    module = pipe.components.get("unet") or pipe.transformer
    for tensors in (DENOISERS[name](pipe), module.state_dict()):
        shapes = {key.removeprefix("model.diffusion_model."): tuple(each.shape) for key, each in tensors.items()}
        found = measured(name.partition("-")[0], shapes)
        assert found == {field: module.config[field] for field in found}
        assert found


def test_attention_of_two_kinds_is_told() -> None:
    """As in SD 3.5."""
    config = {name: value for name, value in tiny.make("sd3").transformer.config.items() if name[0] != "_"}
    module = SD3Transformer2DModel(**(config | {"qk_norm": "rms_norm", "dual_attention_layers": (0,)}))
    for tensors in (transformers.sd3_transformer(module), module.state_dict()):
        found = measured("sd3", {name: tuple(tensor.shape) for name, tensor in tensors.items()})
        assert (found["qk_norm"], found["dual_attention_layers"]) == ("rms_norm", (0,))
