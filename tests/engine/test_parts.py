"""Files in place of a model's parts: each in the layouts that it comes in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from desktop.engine import tiny
from desktop.engine.api import Failed
from desktop.engine.local import LocalEngine
from desktop.models.identify import identify
from desktop.models.parts import needed
from desktop.raster import Raster
from desktop.recipe import Source
from tests.engine.jobs import job, picture
from tests.engine.parts import with_parts
from tests.models.folders import copied
from tests.models.originals import ldm
from tests.models.originals.aligned import align, save
from tests.models.originals.makers import CHECKPOINTS, DENOISERS, ENCODERS, VAES
from tests.models.originals.names import Tensors, prefixed
from tests.models.originals.pairs import Pair, made, make_pair


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Pair]:
    root = tmp_path_factory.mktemp("originals")
    return {name: make_pair(name, CHECKPOINTS[name], root / name) for name in ENCODERS}


@pytest.fixture(scope="module")
def engine() -> Iterator[LocalEngine]:
    with closing(LocalEngine("cpu", "float32")) as made:
        yield made


@pytest.fixture
def taken_apart(pairs: dict[str, Pair], request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, dict[str, Path]]:
    """A denoiser alone beside its skeleton, and a file for each other part."""
    pair = pairs[request.param]
    (tmp_path / "folder").symlink_to(pair.folder)
    parts = {"vae": VAES["original"], **ENCODERS[request.param]}
    files = {
        component: save(make(pair.pipe), tmp_path / f"{component}.safetensors") for component, make in parts.items()
    }
    return save(DENOISERS[request.param](pair.pipe), tmp_path / "denoiser.safetensors"), files


@pytest.mark.parametrize("taken_apart", ENCODERS, indirect=True)
def test_parts_make_what_the_whole_makes(
    engine: LocalEngine,
    pairs: dict[str, Pair],
    taken_apart: tuple[Path, dict[str, Path]],
    request: pytest.FixtureRequest,
) -> None:
    name = request.node.callspec.params["taken_apart"]
    denoiser, parts = taken_apart
    assert needed(identify(denoiser)) == tuple(
        part for part in identify(pairs[name].folder).family.parts if part != "text_encoder_3"
    )
    whole = picture(made(engine, job(pairs[name].folder)))
    assert picture(made(engine, with_parts(job(denoiser), parts))) == whole


@pytest.mark.parametrize("taken_apart", ["sdxl"], indirect=True)
def test_what_a_diffusion_model_lacks_is_named(engine: LocalEngine, taken_apart: tuple[Path, dict[str, Path]]) -> None:
    denoiser, parts = taken_apart
    last = made(engine, with_parts(job(denoiser), {"text_encoder": parts["text_encoder"]}))[-1]
    assert isinstance(last, Failed)
    assert last.message == "denoiser comes without text_encoder_2, vae."
    assert last.hint
    assert not last.trace


@dataclass(frozen=True)
class Swap:
    """A model with another VAE, the picture that it makes, and that of the model as it was."""

    pipe: Any
    expected: Raster
    own: Raster


@pytest.fixture(scope="module")
def swap(engine: LocalEngine, pairs: dict[str, Pair], tmp_path_factory: pytest.TempPathFactory) -> Swap:
    pipe = tiny.make("sd15")
    for weight in pipe.vae.parameters():
        weight.data *= 1.1
    folder = align(tiny.save(pipe, tmp_path_factory.mktemp("swap") / "folder"))
    return Swap(pipe, picture(made(engine, job(folder))), picture(made(engine, job(pairs["sd15"].folder))))


@pytest.mark.parametrize("layout", VAES)
@pytest.mark.parametrize("whole", ["folder", "file"])
def test_another_vae_takes_the_place_of_the_models_own(
    engine: LocalEngine, pairs: dict[str, Pair], swap: Swap, tmp_path: Path, layout: str, whole: str
) -> None:
    vae = save(VAES[layout](swap.pipe), tmp_path / "vae.safetensors")
    shown = picture(made(engine, with_parts(job(getattr(pairs["sd15"], whole)), {"vae": vae})))
    assert shown == swap.expected
    assert shown != swap.own


def test_a_vae_of_another_size_is_told(engine: LocalEngine, pairs: dict[str, Pair], tmp_path: Path) -> None:
    vae = save(ldm.vae(pairs["sd3"].pipe.vae), tmp_path / "vae.safetensors")
    last = made(engine, with_parts(job(pairs["sd15"].folder), {"vae": vae}))[-1]
    assert isinstance(last, Failed)
    assert last.message.startswith("vae was made for Flux.1 or Stable Diffusion 3 or ")
    assert not last.trace


def _pickled(vae: Tensors, file: Path) -> Path:
    torch.save(vae, file.with_suffix(".pt"))
    return file.with_suffix(".pt")


def _of_no_type(vae: Tensors, file: Path) -> Path:
    """A header that only the library which reads the weights takes offence at."""
    save(vae, file)
    file.write_bytes(file.read_bytes().replace(b'"F32"', b'"F33"', 1))
    return file


def _lora(_: Tensors, file: Path) -> Path:
    layers = {f"lora_unet_mid_block_attentions_0_proj_in.lora_{end}.weight": torch.ones(4, 4) for end in ("up", "down")}
    return save(layers, file)


@pytest.mark.parametrize(
    ("make", "told"),
    [(_pickled, "vae.pt is a pickle"), (_of_no_type, "cannot be loaded"), (_lora, "vae is no VAE: LoRA.")],
)
def test_a_vae_that_is_none_is_told(
    engine: LocalEngine, pairs: dict[str, Pair], tmp_path: Path, make: Callable[[Tensors, Path], Path], told: str
) -> None:
    file = make(VAES["original"](pairs["sd15"].pipe), tmp_path / "vae.safetensors")
    last = made(engine, with_parts(job(pairs["sd15"].folder), {"vae": file}))[-1]
    assert isinstance(last, Failed)
    assert told in last.message
    assert last.hint
    assert not last.trace


def test_a_part_that_the_family_has_not_is_told(engine: LocalEngine, pairs: dict[str, Pair]) -> None:
    last = made(engine, with_parts(job(pairs["sd15"].folder), {"text_encoder_2": pairs["sd15"].file}))[-1]
    assert isinstance(last, Failed)
    assert "has no text_encoder_2" in last.message


# ---------------------------------------------------------------- language models

LANGUAGE: dict[str, Callable[[Tensors], Tensors]] = {  # as ComfyUI has them: their half for text
    "qwen": lambda tensors: without(tensors, "visual.", "lm_head."),
    "qwen-edit": lambda tensors: tensors,
    "zimage": lambda tensors: prefixed("model.", tensors),
    "sana": lambda tensors: prefixed("model.", tensors),
    "flux2": lambda tensors: {
        name.removeprefix("language_model."): each
        for name, each in without(tensors, "vision_tower.", "multi_modal_projector.", "lm_head.").items()
    },
    "flux2-klein": lambda tensors: without(tensors, "lm_head."),
}


def without(tensors: Tensors, *prefixes: str) -> Tensors:
    return {name: tensor for name, tensor in tensors.items() if not name.startswith(prefixes)}


def language_model(folder: Path, file: Path, change: Callable[[Tensors], Tensors]) -> Path:
    (own,) = (folder / "text_encoder").glob("*.safetensors")
    return save(change(load_file(own)), file)


@pytest.mark.parametrize("name", LANGUAGE)
def test_a_language_model_as_a_file(engine: LocalEngine, models: dict[str, Path], tmp_path: Path, name: str) -> None:
    folder = align(copied(models[name], tmp_path / name))
    file = language_model(folder, tmp_path / "text.safetensors", LANGUAGE[name])
    pixels = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    source = Raster(pixels)
    given = {"inputs": (source,), "source": Source(source.sha256, 1.0)} if "edit" in name else {}
    expected = picture(made(engine, job(folder, **given)))
    assert picture(made(engine, with_parts(job(folder, **given), {"text_encoder": file}))) == expected


def test_a_model_that_looks_at_pictures_needs_its_eyes(
    engine: LocalEngine, models: dict[str, Path], tmp_path: Path
) -> None:
    file = language_model(models["qwen-edit"], tmp_path / "text.safetensors", LANGUAGE["qwen"])
    source = Raster(np.zeros((64, 64, 3), np.uint8))
    asked = job(models["qwen-edit"], (source,), source=Source(source.sha256, 1.0))
    last = made(engine, with_parts(asked, {"text_encoder": file}))[-1]
    assert isinstance(last, Failed)
    assert "text_encoder lacks" in last.message
