"""Pictures from single files in their makers' layouts are those from the diffusers folder, to the bit."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desktop.engine.api import Failed, Finished
from desktop.engine.local import LocalEngine
from desktop.errors import UserError
from desktop.models.identify import identify
from desktop.models.weights import content_id
from tests.engine.jobs import job, picture
from tests.engine.parts import with_parts
from tests.models.folders import change_json, copied
from tests.models.originals.aligned import save
from tests.models.originals.makers import CHECKPOINTS, DENOISERS
from tests.models.originals.pairs import Pair, made, make_pair


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Pair]:
    root = tmp_path_factory.mktemp("originals")
    return {name: make_pair(name, maker, root / name) for name, maker in CHECKPOINTS.items()}


@pytest.fixture(scope="module")
def engine() -> Iterator[LocalEngine]:
    with closing(LocalEngine("cpu", "float32")) as made:
        yield made


@pytest.mark.parametrize("name", [name for name in CHECKPOINTS if name != "sd15-inpaint"])
def test_a_checkpoint_makes_what_its_folder_makes(engine: LocalEngine, pairs: dict[str, Pair], name: str) -> None:
    pair = pairs[name]
    assert identify(pair.file).skeleton == pair.folder
    assert picture(made(engine, job(pair.file))) == picture(made(engine, job(pair.folder)))


@pytest.mark.parametrize("name", CHECKPOINTS)
def test_a_checkpoint_is_known_for_what_it_is(pairs: dict[str, Pair], name: str) -> None:
    file, folder = identify(pairs[name].file), identify(pairs[name].folder)
    assert file.family == folder.family
    assert (file.name, file.id) == (name, content_id(pairs[name].file))
    assert (file.native, file.decoder_width, file.missing) == (folder.native, folder.decoder_width, ())
    assert file.part_values.keys() == folder.part_values.keys()
    assert file.part_values["vae"] == folder.part_values["vae"]


@pytest.mark.parametrize("name", DENOISERS)
def test_a_denoiser_alone_makes_what_its_folder_makes(engine: LocalEngine, tmp_path: Path, name: str) -> None:
    """With the folder's other parts, each as a file."""
    pair = make_pair(name, DENOISERS[name], tmp_path)
    model = identify(pair.file)
    assert model.family == identify(pair.folder).family
    others = {part: next((pair.folder / part).glob("*.safetensors")) for part in model.family.parts}
    assert picture(made(engine, with_parts(job(pair.file), others))) == picture(made(engine, job(pair.folder)))


@pytest.mark.parametrize("marks", [("v_pred",), ("v_pred", "ztsnr")])
def test_a_checkpoint_trained_on_velocities(
    engine: LocalEngine, pairs: dict[str, Pair], tmp_path: Path, marks: tuple[str, ...]
) -> None:
    """Is what a folder is whose scheduler says so."""
    own = pairs["sdxl"]
    file = save(CHECKPOINTS["sdxl"](own.pipe) | {mark: torch.zeros(0) for mark in marks}, tmp_path / "ink.safetensors")
    folder = copied(own.folder, tmp_path / "folder")
    shown = picture(made(engine, job(file, guidance=5.0)))
    change_json(folder / "scheduler/scheduler_config.json", lambda config: config.update(identify(file).scheduling))
    assert picture(made(engine, job(folder, guidance=5.0))) == shown
    assert picture(made(engine, job(own.folder, guidance=5.0))) != shown


def test_sd3_may_come_without_its_t5(engine: LocalEngine, pairs: dict[str, Pair], tmp_path: Path) -> None:
    """As most of its files do; the skeleton has a tokenizer for it all the same."""
    tensors = CHECKPOINTS["sd3"](pairs["sd3"].pipe)
    kept = {name: tensor for name, tensor in tensors.items() if "t5xxl" not in name}
    (tmp_path / "skeleton").symlink_to(pairs["sd3"].folder)
    file = save(kept, tmp_path / "ink.safetensors")
    folder = copied(pairs["sd3"].folder, tmp_path / "lacking" / "folder")
    for part in ("text_encoder_3", "tokenizer_3"):
        shutil.rmtree(folder / part)
    assert picture(made(engine, job(file))) == picture(made(engine, job(folder)))
    (t5,) = (pairs["sd3"].folder / "text_encoder_3").glob("*.safetensors")
    whole = picture(made(engine, job(pairs["sd3"].folder)))
    assert picture(made(engine, with_parts(job(file), {"text_encoder_3": t5}))) == whole


LOST = {"vae": "first_stage_model.decoder.conv_in.bias", "unet": "out.2.bias", "text_encoder": "mlp.fc2.bias"}


@pytest.mark.parametrize("part", LOST)
def test_a_lost_weight_is_told(engine: LocalEngine, pairs: dict[str, Pair], tmp_path: Path, part: str) -> None:
    tensors = CHECKPOINTS["sd15"](pairs["sd15"].pipe)
    del tensors[next(name for name in tensors if name.endswith(LOST[part]))]
    (tmp_path / "folder").symlink_to(pairs["sd15"].folder)
    last = made(engine, job(save(tensors, tmp_path / "ink.safetensors")))[-1]
    assert isinstance(last, Failed)
    assert f"ink cannot be loaded: {part} lacks 1 of its weights" in last.message
    assert not last.trace


@pytest.mark.parametrize("part", LOST)
def test_a_weight_of_another_shape_is_told(
    engine: LocalEngine, pairs: dict[str, Pair], tmp_path: Path, part: str
) -> None:
    tensors = CHECKPOINTS["sd15"](pairs["sd15"].pipe)
    name = next(name for name in tensors if name.endswith(LOST[part]))
    (side,) = tensors[name].shape
    tensors[name] = torch.zeros(side + 3)
    (tmp_path / "folder").symlink_to(pairs["sd15"].folder)
    last = made(engine, job(save(tensors, tmp_path / "ink.safetensors")))[-1]
    assert isinstance(last, Failed)
    assert f"ink cannot be loaded: {part} takes " in last.message
    assert last.message.endswith(f"as {side}, its file has it as {side + 3}")


DAMAGES: dict[str, Callable[[torch.Tensor], torch.Tensor | None]] = {
    "lost": lambda _: None,
    "longer": lambda tensor: torch.cat([tensor, tensor]),
    "flat": lambda tensor: tensor.flatten(),
    "empty": lambda tensor: tensor[:0],
    "whole numbers": lambda tensor: tensor.long(),
    "half as precise": lambda tensor: tensor.half(),
}


@given(st.lists(st.tuples(st.integers(0, 10_000), st.sampled_from(sorted(DAMAGES))), min_size=1, max_size=3))
@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_in_a_checkpoint_no_bug_is_reported(
    engine: LocalEngine, pairs: dict[str, Pair], tmp_path: Path, damages: list[tuple[int, str]]
) -> None:
    tensors = CHECKPOINTS["sd15"](pairs["sd15"].pipe)
    for place, name in damages:
        key = sorted(tensors)[place % len(tensors)]
        tensor = DAMAGES[name](tensors.pop(key))
        tensors |= {} if tensor is None else {key: tensor}
    if not (tmp_path / "folder").exists():
        (tmp_path / "folder").symlink_to(pairs["sd15"].folder)
    file = save(tensors, tmp_path / "ink.safetensors")
    with contextlib.suppress(UserError):  # said before a job is made of it
        last = made(engine, job(file))[-1]
        assert isinstance(last, Finished | Failed)
        assert not getattr(last, "trace", "")
