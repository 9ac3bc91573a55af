"""LoRAs, embeddings and parts on their way from what is set, and from the prompt, into jobs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from desktop import tags
from desktop.errors import UserError
from desktop.models.extras import Extra, Extras, with_called
from desktop.recipe import LoraUse, Recipe
from desktop.studio.plan import plan
from desktop.studio.session import Session
from desktop.styles import Style
from tests.studio.at_hand import extra
from tests.studio.things import recipe_of, starter

INK, TEA, EASY = extra("lora", "a", "ink", "Ink Pen"), extra("lora", "b", "tea"), extra("embedding", "c", "easy")
EXTRAS = Extras.of([TEA, INK, EASY, extra("vae", "d", "ink"), extra("embedding", "e", "Bad-Hands")])


@pytest.fixture
def session() -> Session:
    session = Session()
    session.choose(starter())
    session.prompt, session.negative, session.seed = "a lake", "people", 7
    return session


def _recipes(session: Session, styles: dict[str, Style] | None = None):
    return [job.work for job in plan(session, styles or {}, extras=EXTRAS)]


def test_tags_become_uses_and_leave_the_text(session: Session) -> None:
    session.prompt, session.negative = "a lake <lora:Ink Pen:0.8>", "people <lora:TEA:0.2:0.5>"
    (recipe,) = _recipes(session)
    assert (recipe.prompt, recipe.negative) == ("a lake", "people")
    assert recipe.loras == (LoraUse(INK.id, "ink", 0.8), LoraUse(TEA.id, "tea", 0.5, 0.2))


def test_a_tag_counts_more_than_the_panel(session: Session) -> None:
    session.loras = (LoraUse(INK.id, "ink", 0.5), LoraUse(TEA.id, "tea", 0.4))
    session.prompt = "a lake <lora:ink:0.9>"
    assert _recipes(session)[0].loras == (LoraUse(INK.id, "ink", 0.9), LoraUse(TEA.id, "tea", 0.4))


def test_what_is_called_twice_counts_twice(session: Session) -> None:
    session.prompt, session.negative = "<lora:ink:0.5> a <lora:tea:0.25:0.5>", "<lora:Ink Pen:0.25> <lora:tea:0.75>"
    assert _recipes(session)[0].loras == (LoraUse(INK.id, "ink", 0.75), LoraUse(TEA.id, "tea", 1.25, 1.0))


def test_each_seed_and_style_may_call_others(session: Session) -> None:
    session.count, session.style = 20, "Drawn"
    session.prompt = "a lake {<lora:ink:1>|}"
    styles = {"Drawn": Style("Drawn", "Paint", "{prompt}, drawn <lora:tea:1>", "")}
    found = {tuple(use.name for use in recipe.loras) for recipe in _recipes(session, styles)}
    assert found == {("ink", "tea"), ("tea",)}
    assert {recipe.prompt for recipe in _recipes(session, styles)} == {"a lake, drawn"}


def test_what_is_set_aside_is_not_used(session: Session) -> None:
    session.loras, session.loras_off = (LoraUse(INK.id, "ink"), LoraUse(TEA.id, "tea")), frozenset([INK.id])
    session.parts, session.clip_skip = {"vae": "d" * 64}, 1
    (recipe,) = _recipes(session)
    assert [use.name for use in recipe.loras] == ["tea"]
    assert (recipe.parts, recipe.clip_skip) == ({"vae": "d" * 64}, 1)


def test_embeddings_are_called_by_their_names(session: Session) -> None:
    session.prompt, session.negative = "a lake, embedding:easy.pt", "bad-hands, easygoing people"
    (recipe,) = _recipes(session)
    assert recipe.embeddings == {"easy": EASY.id, "Bad-Hands": "e" * 64}
    assert recipe.prompt == "a lake, embedding:easy.pt"


def test_the_same_one_in_other_capitals_is_one(session: Session) -> None:
    session.prompt = "embedding:bad-hands, BAD-HANDS"
    assert _recipes(session)[0].embeddings == {"bad-hands": "e" * 64}


def test_an_ordinary_word_calls_only_what_the_family_reads() -> None:
    house = extra("embedding", "f", "house", family="sd15")
    called = {family: _called("a house", family, house).embeddings for family in ("sd15", "starter", "sdxl", "flux")}
    assert called == {"sd15": {"house": house.id}, "starter": {}, "sdxl": {}, "flux": {}}
    assert _called("a embedding:house", "sdxl", house).embeddings == {"house": house.id}
    for_xl = extra("embedding", "f", "house", family="sdxl")
    assert _called("a house", "sdxl-refiner", for_xl).embeddings == {"house": for_xl.id}


def test_what_a_recipe_has_called_stays_what_it_was() -> None:
    old = recipe_of(prompt="an easy lake, tea", embeddings={"easy": "9" * 64})
    for typed in ((), ("negative",)):
        assert with_called(old, "sd15", EXTRAS, typed).embeddings == {"easy": "9" * 64}
    tea = Extras.of([EASY, extra("embedding", "8", "tea")])
    assert with_called(old, "sd15", tea, ("prompt",)).embeddings == {"easy": "9" * 64, "tea": "8" * 64}
    assert with_called(replace(old, prompt="a lake"), "sd15", EXTRAS, ("prompt",)).embeddings == {}


def test_what_a_recipe_has_called_means_nothing_to_another_family() -> None:
    old = recipe_of(prompt="easy", negative="embedding:hands", embeddings={"easy": EASY.id, "hands": "9" * 64})
    assert with_called(old, "flux", EXTRAS, ()).embeddings == {"hands": "9" * 64}


def _called(prompt: str, family: str, *others: Extra) -> Recipe:
    return with_called(recipe_of(prompt=prompt), family, Extras.of(others))


@pytest.mark.parametrize(
    ("prompt", "message", "hint"),
    [
        ("a <lora:inc:1>", "no LoRA 'inc'", "ink"),
        ("a <lora:none such:1>", "no LoRA 'none such'", "Find my models"),
        ("an embedding:easi", "no embedding 'easi'", "easy"),
    ],
)
def test_what_is_not_at_hand_is_told(session: Session, prompt: str, message: str, hint: str) -> None:
    session.prompt = prompt
    with pytest.raises(UserError, match=message) as caught:
        _recipes(session)
    assert hint in caught.value.hint


def test_files_go_by_their_own_names_first() -> None:
    other = extra("lora", "f", "pen", "ink")
    extras = Extras.of([other, INK])
    assert extras.find("lora", "INK") == INK
    assert extras.find("lora", r"styles\ink.safetensors") == INK
    assert extras.find("lora", "ink pen") == INK
    assert extras.by_id("f" * 64) == other
    assert extras.by_id("0" * 64) is None


def test_files_are_found_by_the_names_that_tags_can_hold() -> None:
    odd, plain = extra("lora", "f", "ink: old, new"), extra("lora", "0", "ink old new")
    assert Extras.of([odd]).find("lora", tags.callable_name("Ink: old, new")) == odd
    assert Extras.of([odd]).find("lora", "ink old, new") == odd
    assert Extras.of([odd, plain]).find("lora", "ink old new") == plain


def _in(folder: str, digit: str, family: str) -> Extra:
    found = extra("lora", digit, "ink", family=family)
    return replace(found, entry=replace(found.entry, path=Path(f"/models/{folder}/ink.safetensors")))


def test_of_one_name_that_of_the_models_family_is_called_or_that_of_the_folder() -> None:
    old, new = _in("old", "1", "sd15"), _in("new", "2", "sdxl")
    for extras in (Extras.of([old, new]), Extras.of([new, old])):
        assert [extras.find("lora", "ink", family).id for family in ("sd15", "sdxl")] == [old.id, new.id]
        assert extras.find("lora", "ink", "starter") == old  # whose LoRAs are labelled so
        assert extras.find("lora", "new/ink", "sd15") == new
        recipe = recipe_of(prompt="a lake <lora:ink:0.5>")
        assert with_called(recipe, "sdxl", extras).loras == (LoraUse(new.id, "ink", 0.5),)
    assert [Extras.of([old, new, TEA]).place(each) for each in (old, new, TEA)] == ["old", "new", ""]
