"""`sfumato generate`: pictures from words, where they go, and the same ones again."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers import UNet2DConditionModel
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from safetensors.torch import save_file

from desktop.library.metadata import reading
from desktop.models.catalog import Catalog
from desktop.models.families import FAMILIES
from desktop.models.hashes import Hashes, autov3
from desktop.models.identify import identify
from desktop.paths import STARTER, data_folder
from desktop.raster import Raster
from desktop.recipe import Recipe
from tests.cli.conftest import Sfumato
from tests.engine.loras.files import kohya
from tests.library.metadata.corpus import CONTROLLED, KSAMPLER, nodes, png
from tests.models.folders import copied

QUICK = ("--size", "64x64", "--steps", "2")


def _results(sfumato: Sfumato, *words: str | Path) -> list[dict[str, Any]]:
    outcome = sfumato("generate", *words, "--json")
    assert outcome.code == 0, outcome.err
    return json.loads(outcome.out)


TINY = ("EmptyLatentImage", {"width": 64, "height": 72})


def _recipe(file: Path) -> Recipe:
    found = reading.describe(file)
    return Recipe.from_json({**found.recipe, **found.unused})


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# ---------------------------------------------------------------- what is made


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_the_precision_can_be_chosen(sfumato: Sfumato, here: Path, precision: str) -> None:
    _results(sfumato, "a lake", *QUICK, "--device", "cpu", "--precision", precision, "--out", "a.png")
    assert reading.describe(here / "a.png").made["dtype"] == precision


def test_a_prompt_is_enough(sfumato: Sfumato, here: Path) -> None:
    (result,) = _results(sfumato, "a lake at dawn")
    model, family = identify(STARTER), FAMILIES["starter"]
    seed = result["seed"]
    assert 0 <= seed < 2**32
    assert _names(here) == [f"sfumato-{seed}.png"]
    assert _recipe(here / result["file"]) == Recipe(
        model=model.id,
        prompt="a lake at dawn",
        width=model.native,
        height=model.native,
        steps=family.steps,
        guidance=family.guidance,
        sampler=family.sampler,
        seed=seed,
    )


def test_two_runs_without_a_seed_differ(sfumato: Sfumato) -> None:
    first, second = (_results(sfumato, "a lake", *QUICK)[0]["seed"] for _ in range(2))
    assert first != second


def test_what_is_asked_for_is_what_is_made(sfumato: Sfumato, here: Path) -> None:
    words = ("--negative", "fog", "--size", "64X96", "--steps", "3", "--guidance", "2.5", "--seed", "7")
    (result,) = _results(sfumato, "a lake", *words, "--sampler", "Euler a", "--out", "a.png")
    assert set(result) == {"file", "seed", "seconds", "recipe"}
    assert (result["file"], result["seed"]) == ("a.png", 7)
    assert isinstance(result["seconds"], float)
    assert result["seconds"] > 0
    recipe = Recipe.from_json(result["recipe"])
    assert (recipe.negative, recipe.width, recipe.height, recipe.steps) == ("fog", 64, 96, 3)
    assert (recipe.guidance, recipe.sampler) == (2.5, "euler_a")
    assert recipe == _recipe(here / "a.png")
    picture = Raster.read(here / "a.png")
    assert (picture.width, picture.height) == (64, 96)


def test_the_seeds_of_several_pictures_are_one_apart_and_go_round_at_the_end(sfumato: Sfumato, here: Path) -> None:
    results = _results(sfumato, "a lake", *QUICK, "--count", "3", "--seed", str(2**64 - 2))
    assert [result["seed"] for result in results] == [2**64 - 2, 2**64 - 1, 0]
    assert [_recipe(here / result["file"]).seed for result in results] == [2**64 - 2, 2**64 - 1, 0]
    assert len({Raster.read(here / result["file"]) for result in results}) == 3


def test_each_picture_has_the_words_of_its_seed(sfumato: Sfumato, here: Path) -> None:
    (data_folder() / "wildcards").mkdir(parents=True)
    (data_folder() / "wildcards" / "things.txt").write_text("a tent\na \\{red|blue} lake\n")
    results = _results(sfumato, "{dark|bright} __things__", *QUICK, "--count", "6", "--seed", "1")
    prompts = [result["recipe"]["prompt"] for result in results]
    assert set(prompts) <= {
        f"{light} {thing}" for light in ("dark", "bright") for thing in ("a tent", "a {red|blue} lake")
    }
    assert len(set(prompts)) > 1
    literal = next(result for result in results if "|" in result["recipe"]["prompt"])
    (again,) = _results(sfumato, "--recipe", literal["file"], "--out", "again.png")
    assert again["recipe"] == literal["recipe"]
    assert sfumato("generate", "__gone__", *QUICK).err.count(str(data_folder() / "wildcards" / "gone.txt")) == 1


def test_without_json_the_files_alone_are_on_stdout(sfumato: Sfumato) -> None:
    outcome = sfumato("generate", "a lake", *QUICK, "--seed", "1", "--count", "2")
    assert outcome.out.splitlines() == ["sfumato-1.png", "sfumato-2.png"]
    assert "denoising" in outcome.err


def test_where_somebody_watches_there_is_a_bar(sfumato: Sfumato, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    outcome = sfumato("generate", "a lake", *QUICK, "--seed", "1")
    assert outcome.out.splitlines() == ["sfumato-1.png"]
    assert "denoising |" in outcome.err
    assert "2/2" in outcome.err


def test_a_model_is_taken_by_its_folder_and_then_by_its_name(sfumato: Sfumato, models: dict[str, Path]) -> None:
    for name in (models["sd3"], "sd3"):
        (result,) = _results(sfumato, "a lake", *QUICK, "--model", name)
        assert result["recipe"]["model"] == identify(models["sd3"]).id
        assert result["recipe"]["sampler"] == "flow_euler"
    assert "sd3" in [model.name for model in Catalog().models()]


# ---------------------------------------------------------------- where it goes


@pytest.mark.parametrize(
    ("out", "count", "expected"),
    [
        ("a.png", 1, ["a.png"]),
        ("deep/er/a.png", 1, ["deep/er/a.png"]),
        ("there", 1, ["there/sfumato-5.png"]),
        ("new/", 1, ["new/sfumato-5.png"]),
        ("new/er/", 2, ["new/er/sfumato-5.png", "new/er/sfumato-6.png"]),
        ("a.png", 2, ["a-5.png", "a-6.png"]),
        ("über 🌅", 1, ["über 🌅"]),
    ],
)
def test_pictures_go_where_they_are_sent(
    sfumato: Sfumato, here: Path, out: str, count: int, expected: list[str]
) -> None:
    (here / "there").mkdir()
    results = _results(sfumato, "a lake", *QUICK, "--seed", "5", "--count", str(count), "--out", out)
    assert [result["file"] for result in results] == expected
    assert [_recipe(here / file).seed for file in expected] == list(range(5, 5 + count))


def test_a_name_that_is_taken_is_kept_unless_it_was_given(sfumato: Sfumato, here: Path) -> None:
    taken = ["sfumato-5.png", "sfumato-5-2.png", "a-5.png", "a.png"]
    for name in taken:
        (here / name).write_text("mine")
    for words in ((), ("--out", "."), ("--count", "2", "--out", "a.png")):
        _results(sfumato, "a lake", *QUICK, "--seed", "5", *words)
    assert all((here / name).read_text() == "mine" for name in taken)
    assert set(_names(here)) - set(taken) == {"sfumato-5-3.png", "sfumato-5-4.png", "a-5-2.png", "a-6.png"}
    _results(sfumato, "a lake", *QUICK, "--seed", "5", "--out", "a.png")
    assert _recipe(here / "a.png").seed == 5


# ---------------------------------------------------------------- again, and with changes


def test_a_picture_is_made_again_from_itself(sfumato: Sfumato, here: Path) -> None:
    _results(sfumato, "a lake", *QUICK, "--seed", str(2**64 - 1), "--out", "a.png")
    _results(sfumato, "--recipe", "a.png", "--out", "b.png")
    assert Raster.read(here / "a.png") == Raster.read(here / "b.png")
    assert _recipe(here / "a.png") == _recipe(here / "b.png")
    assert reading.describe(here / "a.png").made == reading.describe(here / "b.png").made


def test_a_picture_from_a_picture_is_made_again_though_that_is_gone(sfumato: Sfumato, here: Path, photo: Path) -> None:
    words = ("--image", photo, "--strength", "0.6", "--steps", "4")
    (result,) = _results(sfumato, "a lake", *words, "--out", "a.png")
    source = Raster.read(photo)
    assert result["recipe"]["source"] == {"image": source.sha256, "strength": 0.6}
    assert (result["recipe"]["width"], result["recipe"]["height"]) == (88, 72)
    photo.unlink()
    _results(sfumato, "--recipe", "a.png", "--out", "b.png")
    assert Raster.read(here / "a.png") == Raster.read(here / "b.png")
    assert _names(data_folder() / "inputs") == [f"{source.sha256}.png"]


def test_a_recipe_can_be_changed_in_part(sfumato: Sfumato, here: Path, photo: Path) -> None:
    _results(sfumato, "a lake", *QUICK, "--seed", "3", "--negative", "fog", "--image", photo, "--out", "a.png")
    before = _recipe(here / "a.png").to_json()
    words = ("--seed", "4", "--sampler", "ddim", "--size", "72x64", "--strength", "0.9", "--guidance", "0")
    (result,) = _results(sfumato, "a hill", "--recipe", "a.png", *words)
    changes = {"prompt": "a hill", "seed": 4, "sampler": "ddim", "width": 72, "guidance": 0.0}
    assert result["recipe"] == before | changes | {"source": {**before["source"], "strength": 0.9}}


def test_what_a_newer_version_has_added_stays_in_the_recipe(sfumato: Sfumato, here: Path) -> None:
    _results(sfumato, "a lake", *QUICK, "--out", "a.png")
    recipe = {**_recipe(here / "a.png").to_json(), "regions": [{"name": "ink"}]}
    info = PngInfo()
    info.add_itxt("sfumato", json.dumps({"recipe": recipe, "made": {}}))
    Image.new("RGB", (4, 4)).save("newer.png", pnginfo=info)
    _results(sfumato, "--recipe", "newer.png", "--out", "b.png")
    assert reading.describe(here / "b.png").unused == {"regions": [{"name": "ink"}]}
    assert Raster.read(here / "b.png") == Raster.read(here / "a.png")


def test_the_recipe_of_another_program_is_filled_up_by_the_models_own(sfumato: Sfumato, here: Path) -> None:
    info = PngInfo()
    info.add_text(
        "parameters", "a cat\nNegative prompt: dog\nSteps: 2, Sampler: Euler a, Seed: 9, Size: 64x72, Clip skip: 2"
    )
    Image.new("RGB", (4, 4)).save("other.png", pnginfo=info)
    (result,) = _results(sfumato, "--recipe", "other.png")
    assert Recipe.from_json(result["recipe"]) == Recipe(
        model=identify(STARTER).id,
        prompt="a cat",
        negative="dog",
        width=64,
        height=72,
        steps=2,
        guidance=FAMILIES["starter"].guidance,
        sampler="euler_a",
        seed=9,
    )


def test_a_large_picture_to_start_from_is_scaled_to_what_the_model_can_do(sfumato: Sfumato, tmp_path: Path) -> None:
    Image.new("RGB", (3000, 1500)).save(tmp_path / "large.png")
    (result,) = _results(sfumato, "a lake", "--image", tmp_path / "large.png", "--steps", "1", "--strength", "1")
    width, height = result["recipe"]["width"], result["recipe"]["height"]
    assert width * height <= (2 * identify(STARTER).native) ** 2 * 1.1
    assert width == pytest.approx(2 * height, abs=16)


def test_a_picture_of_comfyui_is_made_again_where_its_model_is_at_hand(
    sfumato: Sfumato, here: Path, models: dict[str, Path], tmp_path: Path
) -> None:
    graph = json.dumps(CONTROLLED | nodes(n3=("KSampler", {**KSAMPLER, "steps": 2, "latent_image": ["5", 0]}), n5=TINY))
    (here / "other.png").write_bytes(png(prompt=graph))
    outcome = sfumato("generate", "--recipe", "other.png")
    assert (outcome.code, "no model 'dreamer'" in outcome.err, "--model" in outcome.err) == (2, True, True)
    copied(models["sd15"], tmp_path / "sfumato-data" / "models" / "Dreamer")
    (result,) = _results(sfumato, "--recipe", "other.png")
    recipe = Recipe.from_json(result["recipe"])
    assert recipe.model == identify(models["sd15"]).id
    assert (recipe.prompt, recipe.negative, recipe.steps, recipe.sampler) == ("a cat", "dog", 2, "dpmpp_2m_karras")
    assert (recipe.width, recipe.height, recipe.seed, recipe.source, recipe.unknown) == (64, 72, 12345, None, {})


# ---------------------------------------------------------------- other files


@pytest.fixture
def pickled(tmp_path: Path) -> Path:
    """A LoRA for the starter."""
    unet = UNet2DConditionModel.from_pretrained(STARTER / "unet")
    torch.save(kohya(unet, ends=["mid_block.attentions.0.transformer_blocks.0.attn1.to_q"]), tmp_path / "ink.pt")
    return tmp_path / "ink.pt"


@pytest.mark.parametrize("engine", [(), ("--engine", "local")])
def test_pickles_are_read_in_a_process_of_their_own(
    sfumato: Sfumato, here: Path, pickled: Path, monkeypatch: pytest.MonkeyPatch, engine: tuple[str, ...]
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("read in this process")

    monkeypatch.setattr(torch, "load", refuse)
    made = sfumato("generate", "a lake", *QUICK, "--seed", "7", "--lora", pickled, "--out", here / "a.png", *engine)
    assert made.code == 0, made.err
    assert [use.name for use in _recipe(here / "a.png").loras] == ["ink"]
    examined = sfumato("doctor", pickled, "--model", "starter", *engine)
    assert "ink" in examined.out, examined.err


def test_the_hashes_of_files_that_are_known_are_told(sfumato: Sfumato, here: Path, pickled: Path) -> None:
    safe = pickled.with_suffix(".safetensors")
    save_file(torch.load(pickled), safe)
    Hashes(data_folder()).learn(safe)
    list(Hashes(data_folder()).content_ids([safe]))
    assert sfumato("generate", "a lake", *QUICK, "--lora", safe, "--out", here / "a.png").code == 0
    with Image.open(here / "a.png") as image:
        assert f'Lora hashes: "ink: {autov3(safe)}"' in image.info["parameters"]
