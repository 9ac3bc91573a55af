"""Where configs and tokenizers of a single file come from, and what is said where there are none."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from safetensors.torch import save_file

from desktop.engine import tiny
from desktop.engine.api import Failed, Finished
from desktop.engine.local import LocalEngine
from desktop.models import skeletons
from desktop.models.families import FAMILIES
from desktop.models.identify import identify
from tests.engine.jobs import job
from tests.models.folders import change_json
from tests.models.originals import ldm

SD15 = FAMILIES["sd15"]


@pytest.fixture(scope="session")
def bones(models: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A skeleton without weights."""
    folder = tmp_path_factory.mktemp("skeleton") / "sd15"
    return Path(shutil.copytree(models["sd15"], folder, ignore=shutil.ignore_patterns("*.safetensors")))


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkpoint with nothing near it, and an empty cache of the Hub."""
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.delenv("HF_HUB_CACHE", raising=False)
    file = tmp_path / "here" / "models" / "ink.safetensors"
    file.parent.mkdir(parents=True)
    save_file({name: tensor.contiguous() for name, tensor in ldm.sd15(tiny.make("sd15")).items()}, file)
    return file


@pytest.fixture
def local() -> Iterator[LocalEngine]:
    with closing(LocalEngine("cpu")) as engine:
        yield engine


PLACES = {
    "beside it": lambda file: file.parent / "other",
    "in the folder above": lambda file: file.parent.parent / "other",
    "in ComfyUI's folder": lambda file: file.parent.parent / "diffusers" / "other",
    "Sfumato's models": lambda file: file.parents[2] / "sfumato-data" / "models" / "other",
    "the Hub's cache": lambda file: file.parents[2] / "hf/hub/models--some--model/snapshots/0123456789",
    "fetched": lambda file: file.parents[2] / "sfumato-data" / "skeletons" / "some--model",
}


@pytest.mark.parametrize("place", PLACES)
def test_a_skeleton_is_found(file: Path, bones: Path, place: str) -> None:
    assert identify(file).skeleton is None
    folder = PLACES[place](file)
    shutil.copytree(bones, folder)
    model = identify(file)
    assert model.skeleton == folder
    assert model.native == tiny.SIDE


def test_a_skeleton_without_weights_is_enough(file: Path, bones: Path, local: LocalEngine) -> None:
    shutil.copytree(bones, file.parent / "bones")
    assert isinstance(list(local.run(job(file)))[-1], Finished)


def test_the_hub_cache_may_be_elsewhere(file: Path, bones: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = file.parents[2] / "cache" / "models--a--b" / "snapshots" / "1"
    shutil.copytree(bones, folder)
    monkeypatch.setenv("HF_HUB_CACHE", str(file.parents[2] / "cache"))
    assert identify(file).skeleton == folder


def test_the_reference_goes_before_others(file: Path, bones: Path) -> None:
    for name in ("a--b", "stable-diffusion-v1-5--stable-diffusion-v1-5", "z--z"):
        shutil.copytree(bones, skeletons.kept(name.replace("--", "/")))
    found = identify(file).skeleton
    assert found == skeletons.kept("stable-diffusion-v1-5/stable-diffusion-v1-5")


def _without(name: str, bones: Path) -> None:
    shutil.rmtree(bones / name)


UNFIT = {
    "no scheduler": lambda bones: _without("scheduler", bones),
    "no tokenizer": lambda bones: _without("tokenizer", bones),
    "no config of the VAE": lambda bones: (bones / "vae/config.json").unlink(),
    "a broken config": lambda bones: (bones / "unet/config.json").write_text("{"),
    "a config that is a list": lambda bones: (bones / "unet/config.json").write_text("[]"),
    "a deep index": lambda bones: (bones / "model_index.json").write_text("[" * 100_000),
    "another family": lambda bones: change_json(
        bones / "model_index.json", lambda index: index.update(_class_name="StableDiffusionXLPipeline")
    ),
    "no class": lambda bones: change_json(bones / "model_index.json", lambda index: index.pop("_class_name") and None),
}


@pytest.mark.parametrize("name", UNFIT)
def test_what_does_not_serve_is_passed_over(file: Path, bones: Path, name: str) -> None:
    folder = Path(shutil.copytree(bones, file.parent / "bones"))
    UNFIT[name](folder)
    assert identify(file).skeleton is None


def test_what_is_missing_is_said_exactly(file: Path, local: LocalEngine) -> None:
    last = list(local.run(job(file)))[-1]
    assert isinstance(last, Failed)
    assert "ink" in last.message
    assert "configuration and tokenizers of Stable Diffusion 1.5" in last.message
    for part in ("fetched once, if you agree", "stable-diffusion-v1-5/stable-diffusion-v1-5", "MB", "model_index.json"):
        assert part in last.hint
    assert "*" not in last.hint  # in words
    assert not last.trace


@pytest.mark.parametrize("family", [name for name in FAMILIES if name != "starter"])
def test_every_family_has_a_reference(family: str) -> None:
    reference = skeletons.wanted(family, "some variant")
    assert reference is not None
    assert reference.repository.count("/") == 1


def test_what_is_to_be_fetched_is_all_that_is_needed(models: dict[str, Path], tmp_path: Path) -> None:
    """And none of the weights."""
    for name, folder in models.items():
        target = tmp_path / name
        for pattern in skeletons.PATTERNS:
            for found in folder.glob(pattern):
                (target / found.relative_to(folder)).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(found, target / found.relative_to(folder))
        left = {found.relative_to(folder).as_posix() for found in folder.rglob("*") if found.is_file()}
        left -= {found.relative_to(target).as_posix() for found in target.rglob("*")}
        assert all(".safetensors" in path for path in left), (name, left)
        assert not list(target.rglob("*.safetensors"))
        json.loads((target / "model_index.json").read_text())
