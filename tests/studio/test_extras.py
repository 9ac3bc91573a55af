"""LoRAs, embeddings and parts on their way from what is set, and from the prompt, into jobs."""

from __future__ import annotations

import pytest

from desktop.errors import UserError
from desktop.models.extras import Extras
from desktop.recipe import LoraUse
from desktop.studio.plan import plan
from desktop.studio.session import Session
from desktop.styles import Style
from tests.studio.at_hand import extra
from tests.studio.things import starter

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
