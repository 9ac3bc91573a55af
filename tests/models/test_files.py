"""What a single file is: models are known for what they are, all else is told for what it is."""

from __future__ import annotations

import contextlib
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.torch import save_file
from torch import Tensor

from desktop.engine import tiny
from desktop.errors import UserError
from desktop.models import contents
from desktop.models.identify import identify
from desktop.models.weights import content_id
from tests.models.originals import ldm
from tests.models.originals.makers import DENOISERS


@pytest.fixture(scope="module")
def weights() -> dict[str, Tensor]:
    return {name: tensor.contiguous() for name, tensor in ldm.sd15(tiny.make("sd15")).items()}


@pytest.fixture(scope="module")
def xl() -> dict[str, Tensor]:
    return {name: tensor.contiguous() for name, tensor in ldm.sdxl(tiny.make("sdxl")).items()}


def test_a_file_is_a_model_before_it_has_a_skeleton(weights: dict[str, Tensor], tmp_path: Path) -> None:
    save_file(weights, tmp_path / "ink.wash.safetensors")
    model = identify(tmp_path / "ink.wash.safetensors")
    assert (model.family.id, model.native, model.name, model.skeleton) == ("sd15", 512, "ink.wash", None)
    assert model.id == content_id(model.path)
    assert model.bytes == model.path.stat().st_size
    values = {part: sum(p.numel() for p in getattr(tiny.make("sd15"), part).parameters()) for part in ("unet", "vae")}
    assert {part: model.part_values[part] for part in values} == values


def test_its_header_is_parsed_once(weights: dict[str, Tensor], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_file(weights, tmp_path / "a.safetensors")
    parsed: list[object] = []
    parse = contents.parse_header
    monkeypatch.setattr(contents, "parse_header", lambda *given: parsed.append(given) or parse(*given))
    identify(tmp_path / "a.safetensors")
    assert len(parsed) == 1


def test_a_renamed_copy_is_the_same_model(weights: dict[str, Tensor], tmp_path: Path) -> None:
    for name in ("a", "b"):
        save_file(weights, tmp_path / f"{name}.safetensors")
    assert identify(tmp_path / "a.safetensors").id == identify(tmp_path / "b.safetensors").id


MARKS: dict[str, tuple[list[str], dict[str, Any]]] = {
    "neither": ([], {}),
    "velocities": (["v_pred"], {"prediction_type": "v_prediction"}),
    "and no signal at the end": (
        ["v_pred", "ztsnr"],
        {"prediction_type": "v_prediction", "rescale_betas_zero_snr": True, "timestep_spacing": "trailing"},
    ),
}


@pytest.mark.parametrize("name", MARKS)
def test_how_a_model_was_trained_is_said_by_its_tensors(xl: dict[str, Tensor], tmp_path: Path, name: str) -> None:
    marks, expected = MARKS[name]
    save_file(xl | {mark: torch.zeros(0) for mark in marks}, tmp_path / "ink.safetensors")
    model = identify(tmp_path / "ink.safetensors")
    assert model.scheduling == expected
    assert ("v-prediction" in model.variants) == bool(marks)


@pytest.mark.parametrize("other", ["flux", "flux-schnell"])
def test_what_its_tensors_say_goes_before_its_skeleton(models: dict[str, Path], tmp_path: Path, other: str) -> None:
    """As where there is a skeleton of dev, but none of schnell."""
    (tmp_path / "folder").symlink_to(models["flux"])
    tensors = DENOISERS[other](tiny.make(other))
    save_file(tensors, tmp_path / "ink.safetensors")
    model = identify(tmp_path / "ink.safetensors")
    assert model.denoising["guidance_embeds"] == (other == "flux")
    assert model.family.guide == ("distilled" if other == "flux" else "none")


NOT_MODELS: dict[str, tuple[Callable[[Any], dict[str, Tensor]], str]] = {
    "a VAE": (lambda pipe: ldm.vae(pipe.vae), "VAE"),
    "a text encoder": (lambda pipe: ldm.clip(pipe.text_encoder), "Text encoder"),
    "an embedding": (lambda pipe: {"emb_params": torch.zeros(2, 768)}, "Embedding"),
    "anything": (lambda pipe: {"a": torch.zeros(2)}, "Unknown"),
}


@pytest.mark.parametrize("name", NOT_MODELS)
def test_what_is_no_model_is_told_for_what_it_is(tmp_path: Path, name: str) -> None:
    make, words = NOT_MODELS[name]
    save_file({key: tensor.contiguous() for key, tensor in make(tiny.make("sd15")).items()}, tmp_path / "x.safetensors")
    with pytest.raises(UserError, match=f"x.safetensors is no model: {words}") as caught:
        identify(tmp_path / "x.safetensors")
    assert caught.value.hint


def test_a_quantization_that_does_not_run_is_told(weights: dict[str, Tensor], tmp_path: Path) -> None:
    name = "model.diffusion_model.out.2.weight"
    save_file(
        weights | {f"{name}.quant_state.bitsandbytes__nf4": torch.zeros(9, dtype=torch.uint8)},
        tmp_path / "x.safetensors",
    )
    with pytest.raises(UserError, match=r"x\.safetensors is quantized as nf4") as caught:
        identify(tmp_path / "x.safetensors")
    assert "GGUF" in caught.value.hint


BREAKAGES: dict[str, tuple[Callable[[Path], Any], str]] = {
    "empty": (lambda file: file.write_bytes(b""), "empty"),
    "a web page": (lambda file: file.write_bytes(b"<!doctype html><html>" * 9), "web page"),
    "cut short": (lambda file: file.write_bytes(file.read_bytes()[:-1000]), "incomplete"),
    "cut in its header": (lambda file: file.write_bytes(file.read_bytes()[:1000]), "incomplete"),
}


@pytest.mark.parametrize("name", BREAKAGES)
def test_broken_files_are_told(weights: dict[str, Tensor], tmp_path: Path, name: str) -> None:
    file = tmp_path / "ink.safetensors"
    save_file(weights, file)
    breakage, words = BREAKAGES[name]
    breakage(file)
    with pytest.raises(UserError, match=words) as caught:
        identify(file)
    assert caught.value.hint


@pytest.mark.parametrize("suffix", [".ckpt", ".pt", ".pth", ".bin"])
def test_pickles_are_offered_conversion(weights: dict[str, Tensor], tmp_path: Path, suffix: str) -> None:
    torch.save({"state_dict": weights}, tmp_path / f"ink{suffix}")
    with pytest.raises(UserError, match="is a pickle, which may run code") as caught:
        identify(tmp_path / f"ink{suffix}")
    assert "safetensors" in caught.value.hint


def test_a_pickle_that_would_run_code_is_offered_none(tmp_path: Path) -> None:
    (tmp_path / "ink.ckpt").write_bytes(pickle.dumps(print))
    with pytest.raises(UserError, match="unsafe") as caught:
        identify(tmp_path / "ink.ckpt")
    assert "onvert" not in caught.value.hint


@given(st.integers(0, 30_000), st.binary(min_size=1, max_size=40), st.booleans())
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_noise_in_a_header_is_told(
    weights: dict[str, Tensor], tmp_path: Path, at: int, noise: bytes, cut: bool
) -> None:
    whole, file = tmp_path / "whole", tmp_path / "ink.safetensors"
    if not whole.exists():
        save_file(weights, whole)
    content = whole.read_bytes()
    file.write_bytes(content[:at] + noise + (b"" if cut else content[at + len(noise) :]))
    with contextlib.suppress(UserError):  # and nothing else
        identify(file)
