"""Files in place of a model's parts: each in the layouts that it comes in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from desktop.engine import tiny
from desktop.engine.api import Failed
from desktop.engine.local import LocalEngine
from desktop.models.identify import identify
from desktop.models.parts import needed
from tests.engine.jobs import job, picture
from tests.engine.parts import with_parts
from tests.models.originals import ldm
from tests.models.originals.aligned import align, save
from tests.models.originals.makers import CHECKPOINTS, DENOISERS, ENCODERS, VAES
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


@pytest.mark.parametrize("layout", VAES)
@pytest.mark.parametrize("whole", ["folder", "file"])
def test_another_vae_takes_the_place_of_the_models_own(
    engine: LocalEngine, pairs: dict[str, Pair], tmp_path: Path, layout: str, whole: str
) -> None:
    other = tiny.make("sd15")
    for weight in other.vae.parameters():
        weight.data *= 1.1
    own, expected = pairs["sd15"], align(tiny.save(other, tmp_path / "expected"))
    vae = save(VAES[layout](other), tmp_path / "vae.safetensors")
    shown = picture(made(engine, with_parts(job(getattr(own, whole)), {"vae": vae})))
    assert shown == picture(made(engine, job(expected)))
    assert shown != picture(made(engine, job(own.folder)))


def test_a_vae_of_another_size_is_told(engine: LocalEngine, pairs: dict[str, Pair], tmp_path: Path) -> None:
    vae = save(ldm.vae(pairs["sd3"].pipe.vae), tmp_path / "vae.safetensors")
    last = made(engine, with_parts(job(pairs["sd15"].folder), {"vae": vae}))[-1]
    assert isinstance(last, Failed)
    assert "cannot be loaded" in last.message
    assert not last.trace


def test_a_part_that_the_family_has_not_is_told(engine: LocalEngine, pairs: dict[str, Pair]) -> None:
    last = made(engine, with_parts(job(pairs["sd15"].folder), {"text_encoder_2": pairs["sd15"].file}))[-1]
    assert isinstance(last, Failed)
    assert "has no text_encoder_2" in last.message
