"""What a recipe names is looked for: LoRAs that another program means, by name and by hash."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from desktop.library.metadata import infotext
from desktop.library.metadata.description import Description
from desktop.library.metadata.tools import a1111, sfumato
from desktop.models import catalog as catalogs
from desktop.models.catalog import Catalog
from desktop.models.hashes import Hashes
from desktop.models.weights import content_id
from desktop.recipe import LoraUse, Recipe
from desktop.studio.pictures import Ingredients, gather
from tests.models.folders import safetensors, tensor
from tests.models.layouts import VAE, header, write
from tests.studio.things import of_family, recipe_of, starter

LAYER = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k"


def _lora(file: Path, **told: str) -> Path:
    """A small whole file of SD 1.5."""
    header = {
        "__metadata__": told,
        f"{LAYER}.lora_down.weight": tensor([4, 768], 0, 12288),
        f"{LAYER}.lora_up.weight": tensor([320, 4], 12288, 17408),
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(safetensors(json.dumps(header).encode(), bytes(17408)))
    return file


def _vae(file: Path) -> Path:
    return write(file, header(VAE))


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    _lora(tmp_path / "models/ink.safetensors")
    _lora(tmp_path / "models/renamed.safetensors", sshs_model_hash="0123456789ab" + "0" * 52)
    return Catalog(tmp_path)


def _gathered(catalog: Catalog, prompt: str, said: Description, loras: tuple[LoraUse, ...] = ()) -> Ingredients:
    recipe = replace(recipe_of(), prompt=prompt, loras=loras)
    return gather(recipe, catalog, lambda _: None, said)


def _names(found: Ingredients) -> list[tuple[str, float, float | None]]:
    return [(use.name, use.weight, use.text_weight) for use in found.recipe.loras]


def test_tags_of_what_is_here_become_loras_and_others_stay(catalog: Catalog) -> None:
    found = _gathered(catalog, "a cat <lora:ink:0.5:0.8> <lora:none:1>", Description("a1111"))
    assert found.recipe.prompt == "a cat <lora:none:1>"
    assert _names(found) == [("ink", 0.8, 0.5)]
    assert found.lacks == ("LoRA none",)


def test_a_hash_finds_what_is_called_otherwise_here(catalog: Catalog) -> None:
    said = Description("a1111", {}, {"Lora hashes": "pen: 0123456789ab"})
    found = _gathered(catalog, "a cat <lora:pen:1>", said)
    assert (found.recipe.prompt, _names(found), found.lacks) == ("a cat", [("renamed", 1.0, None)], ())


def test_one_that_is_meant_twice_is_used_that_much_more(catalog: Catalog) -> None:
    assert _names(_gathered(catalog, "a cat <lora:ink:0.5> <lora:INK:0.25>", Description("a1111"))) == [
        ("ink", 0.75, None)
    ]
    assert _names(_gathered(catalog, "a cat <lora:ink:15> <lora:ink:15>", Description("a1111"))) == [("ink", 15, None)]


def test_what_a1111_would_read_of_our_picture_is_the_same_recipe(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Names that tags cannot hold, and files that are called otherwise by now, are found by what is told of them."""
    folder = catalog.folder / "models"
    told, odd, vae = folder / "renamed.safetensors", folder / "ink fine, wet.safetensors", folder / "soft.safetensors"
    _lora(odd, about="another")
    _vae(vae)
    ids = {extra.entry.path: extra.id for extra in catalog.extras()}
    loras = (LoraUse(ids[told], "before", 0.8), LoraUse(ids[odd], odd.stem, 1.5, 0.25))
    recipe = replace(recipe_of(), loras=loras, parts={"vae": content_id(vae)}, clip_skip=2)
    hashes = Hashes(catalog.folder)
    for file in (vae, told):
        hashes.learn(file)
    made = hashes.told({"model": starter().name}, recipe.files)
    text = a1111.written(sfumato.described(recipe.to_json(), made))
    hashes.learn(vae.rename(folder / "other.safetensors"))
    said = a1111.described(infotext.read(text))
    monkeypatch.setattr(Catalog, "resolve", lambda *_: replace(of_family("sd15"), part_values={}))
    found = gather(Recipe.from_json({**recipe_of().to_json(), **said.recipe}), catalog, lambda _: None, said)
    assert found.lacks == ()
    uses = (replace(loras[0], name="renamed"), loras[1])
    assert replace(found.recipe, model=recipe.model) == replace(recipe, loras=uses)


@pytest.mark.parametrize(
    ("name", "family", "lack"),
    [("gone.pt", "sd15", "VAE gone.pt"), ("vae-ft-mse-840000.safetensors", "flux", "VAE {name} that suits {model}")],
)
def test_a_vae_that_is_not_here_is_told_and_so_is_one_for_another_model(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch, name: str, family: str, lack: str
) -> None:
    _vae(catalog.folder / "models/vae-ft-mse-840000.safetensors")
    model = replace(of_family(family), part_values={})
    monkeypatch.setattr(Catalog, "resolve", lambda *_: model)
    found = _gathered(catalog, "a cat", Description("a1111", {}, {"VAE": name}))
    assert (found.recipe.parts, found.lacks) == ({}, (lack.format(name=name, model=model.name),))


@pytest.mark.parametrize("weight", [0.6, 1, "much", 10**9])
def test_what_is_told_apart_from_the_prompt_counts_too(catalog: Catalog, weight: Any) -> None:
    rows = [{"name": "INK", "weight": weight}, {"name": "gone"}, "odd", {"weight": 1}]
    found = _gathered(catalog, "a cat", Description("comfyui", {"loras": rows}))
    expected = {0.6: [("ink", 0.6, None)], 1: [("ink", 1.0, None)], "much": [("ink", 1.0, None)]}
    assert _names(found) == expected.get(weight, [])
    assert found.lacks == ("LoRA gone",)


def test_our_own_stay_as_they_are(catalog: Catalog) -> None:
    use = LoraUse(content_id(catalog.folder / "models/ink.safetensors"), "ink", 0.7, None, (("up_blocks", 0.5),))
    said = Description("sfumato", {"loras": [use.to_json()]})
    found = _gathered(catalog, "a cat", said, (use,))
    assert (found.recipe.loras, found.lacks) == ((use,), ())


def test_a_tag_that_cannot_be_read_leaves_all_as_it_is(catalog: Catalog) -> None:
    found = _gathered(catalog, "a cat <lora:ink:much>", Description("a1111"))
    assert (found.recipe.prompt, found.recipe.loras) == ("a cat <lora:ink:much>", ())


def test_what_our_own_recipe_needs_and_is_not_here_is_named(catalog: Catalog) -> None:
    loras = (LoraUse(content_id(catalog.folder / "models/ink.safetensors"), "ink"), LoraUse("a" * 64, "pen"))
    parts = {"vae": "b" * 64, "text_encoder_2": "c" * 64}
    recipe = replace(recipe_of(), loras=loras, parts=parts, embeddings={"easy": "d" * 64})
    found = gather(recipe, catalog, lambda _: None)
    assert (found.recipe, found.lacks) == (recipe, ("LoRA pen", "VAE", "text encoder 2", "embedding easy"))


def test_the_folders_are_looked_through_once(catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[object] = []
    scan = catalogs.scan
    monkeypatch.setattr(catalogs, "scan", lambda roots: looks.append(roots) or scan(roots))
    _gathered(catalog, "a cat <lora:ink:1> <lora:renamed:1> <lora:none:1>", Description("a1111"))
    assert len(looks) == 1


def test_a_lora_that_goes_meanwhile_is_one_that_is_not_here(catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    still = catalog.snapshot()
    (catalog.folder / "models/ink.safetensors").unlink()
    monkeypatch.setattr(catalog, "snapshot", lambda: still)
    found = _gathered(catalog, "a cat <lora:ink:1>", Description("a1111"))
    assert (found.recipe.prompt, found.lacks) == ("a cat <lora:ink:1>", ("LoRA ink",))


def test_a_model_that_only_has_the_name_is_told(catalog: Catalog) -> None:
    recipe = replace(recipe_of(), model=starter().name)
    said = Description("a1111", {"model": starter().name}, {"Model hash": "0123456789"})
    found = gather(recipe, catalog, lambda _: None, said)
    assert found.model
    assert (found.model.id, found.is_namesake) == (starter().id, True)
    assert not gather(recipe_of(), catalog, lambda _: None, said).is_namesake
    assert not gather(recipe, catalog, lambda _: None, Description("a1111", {}, {})).is_namesake
