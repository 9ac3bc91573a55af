"""Denoisers and text encoders in GGUF: their pictures are those of the weights that the quantization has left."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file
from transformers import T5Config, T5EncoderModel

from desktop.engine import tiny
from desktop.engine.api import Event, Failed, Finished, Job
from desktop.engine.local import LocalEngine
from desktop.errors import UserError
from desktop.models.identify import identify
from tests.engine.jobs import job, picture
from tests.engine.parts import with_parts
from tests.models.folders import copied
from tests.models.originals import gguf_files, ldm, transformers
from tests.models.originals.aligned import save

Q4, Q8, F16 = (gguf.GGMLQuantizationType[name] for name in ("Q4_0", "Q8_0", "F16"))
MAKERS: dict[str, Any] = {
    "sd15": ("sd1", lambda pipe: ldm.unet(pipe.unet)),
    "sdxl": ("sdxl", lambda pipe: ldm.unet(pipe.unet)),
    "sd3": ("sd3", lambda pipe: transformers.sd3_transformer(pipe.transformer)),
}


@pytest.fixture(scope="module")
def engine() -> Iterator[LocalEngine]:
    with closing(LocalEngine("cpu", "float32")) as made:
        yield made


def whole(file: Path, folder: Path, near: Path) -> Job:
    """The denoiser with all other parts out of the diffusers folder, which is its skeleton, too."""
    if not (near / "folder").exists():
        (near / "folder").symlink_to(folder)
    others = {part: next((folder / part).glob("*.safetensors")) for part in identify(folder).family.parts}
    return with_parts(job(file), others)


def run(engine: LocalEngine, asked: Job) -> list[Event]:
    engine._pipelines.drop_all()
    return list(engine.run(asked))


@pytest.mark.parametrize("kind", [Q4, Q8, F16], ids=lambda kind: kind.name)
@pytest.mark.parametrize("family", MAKERS)
def test_the_picture_is_that_of_the_weights_that_are_left(
    engine: LocalEngine, models: dict[str, Path], tmp_path: Path, family: str, kind: gguf.GGMLQuantizationType
) -> None:
    architecture, original = MAKERS[family]
    weights = original(tiny.make(family))
    quantized = gguf_files.save(weights, tmp_path / "ink.gguf", architecture, kind)
    restored = save(gguf_files.restored(weights, kind), tmp_path / "restored.safetensors")
    events = run(engine, whole(quantized, models[family], tmp_path))
    expected = picture(run(engine, whole(restored, models[family], tmp_path)))
    away = np.abs(picture(events).pixels.astype(int) - expected.pixels)
    assert away.max() <= 1  # float32's rounding: the weights lie elsewhere in memory
    assert away.mean() < 0.02


def test_weights_stay_small(engine: LocalEngine, models: dict[str, Path], tmp_path: Path) -> None:
    weights = transformers.sd3_transformer(tiny.make("sd3").transformer)
    file = gguf_files.save(weights, tmp_path / "ink.gguf", "sd3", Q8)
    assert isinstance(run(engine, whole(file, models["sd3"], tmp_path))[-1], Finished)
    (loaded,) = engine._pipelines._loaded.values()
    denoiser: Any = loaded.denoiser
    linear = denoiser.transformer_blocks[0].ff.net[0].proj
    assert linear.weight.numel() * linear.weight.itemsize < 0.3 * linear.in_features * linear.out_features * 4


def test_a_kind_that_is_not_known_is_told(engine: LocalEngine, models: dict[str, Path], tmp_path: Path) -> None:
    weights = transformers.sd3_transformer(tiny.make("sd3").transformer)
    file = gguf_files.save(weights, tmp_path / "ink.gguf", "sd3", gguf.GGMLQuantizationType.MXFP4)
    last = run(engine, whole(file, models["sd3"], tmp_path))[-1]
    assert isinstance(last, Failed)
    assert "ink cannot be loaded" in last.message
    assert "quantization" in last.message
    assert not last.trace


@pytest.fixture
def t5(models: dict[str, Path], tmp_path: Path) -> Path:
    """SD 3 with a T5 as the true one is: with gates."""
    folder = copied(models["sd3"], tmp_path / "sd3")
    told = T5Config.from_pretrained(folder / "text_encoder_3")
    sides = {name: getattr(told, name) for name in ("vocab_size", "d_model", "d_kv", "d_ff", "num_layers", "num_heads")}
    config = T5Config(**sides, feed_forward_proj="gated-gelu")
    torch.manual_seed(0)
    T5EncoderModel(config).save_pretrained(folder / "text_encoder_3")
    return folder


def as_llama_cpp_names(weights: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.T5ENCODER, 2)
    return {str(names.get_name(name, (".weight",))): tensor for name, tensor in weights.items()}


@pytest.mark.parametrize("kind", [Q4, Q8, F16], ids=lambda kind: kind.name)
def test_a_t5_is_that_of_the_weights_that_are_left(
    engine: LocalEngine, t5: Path, tmp_path: Path, kind: gguf.GGMLQuantizationType
) -> None:
    weights = load_file(t5 / "text_encoder_3/model.safetensors")
    packed = gguf_files.save(as_llama_cpp_names(weights), tmp_path / "t5.gguf", "t5encoder", kind)
    restored = save(gguf_files.restored(weights, kind), tmp_path / "t5.safetensors")
    made, expected, plain = (
        picture(run(engine, with_parts(job(t5), parts)))
        for parts in ({"text_encoder_3": packed}, {"text_encoder_3": restored}, {})
    )
    assert made == expected
    assert (made != plain) or kind == F16


def test_a_t5_that_lacks_something_is_told(engine: LocalEngine, t5: Path, tmp_path: Path) -> None:
    weights = load_file(t5 / "text_encoder_3/model.safetensors")
    del weights["encoder.block.1.layer.1.DenseReluDense.wo.weight"]
    file = gguf_files.save(as_llama_cpp_names(weights), tmp_path / "t5.gguf", "t5encoder", Q8)
    last = run(engine, with_parts(job(t5), {"text_encoder_3": file}))[-1]
    assert isinstance(last, Failed)
    assert "text_encoder_3 lacks 1 of its weights" in last.message


def test_a_text_encoder_is_told(engine: LocalEngine, models: dict[str, Path], tmp_path: Path) -> None:
    pipe = tiny.make("sd15")
    file = gguf_files.save(ldm.clip(pipe.text_encoder), tmp_path / "text.gguf", "clip", Q8)
    last = run(engine, with_parts(job(models["sd15"]), {"text_encoder": file}))[-1]
    assert isinstance(last, Failed)
    assert last.message.endswith("does not run from GGUF, as text is.")
    assert not last.trace


@given(st.integers(0, 4000), st.binary(min_size=1, max_size=64), st.booleans())
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_damage_is_told(
    engine: LocalEngine, models: dict[str, Path], tmp_path: Path, at: int, noise: bytes, cut: bool
) -> None:
    file = tmp_path / "ink.gguf"
    if not (tmp_path / "whole").exists():
        weights = transformers.sd3_transformer(tiny.make("sd3").transformer)
        gguf_files.save(weights, tmp_path / "whole", "sd3", Q8)
    content = (tmp_path / "whole").read_bytes()
    file.write_bytes(content[:at] + noise + (b"" if cut else content[at + len(noise) :]))
    with contextlib.suppress(UserError):  # said before a job is made of it
        last = run(engine, whole(file, models["sd3"], tmp_path))[-1]
        assert isinstance(last, Finished | Failed)
        assert not getattr(last, "trace", "")
