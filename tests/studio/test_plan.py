"""From what is set to jobs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint

from desktop.errors import UserError
from desktop.models.extras import Extras
from desktop.models.samplers import SAMPLERS
from desktop.raster import Raster
from desktop.recipe import SEEDS, Recipe, Source
from desktop.studio.plan import more_like, plan, plan_live, task_of, words
from desktop.studio.scene import Facts, Scene
from desktop.studio.session import Session
from desktop.styles import Style
from desktop.wildcards import resolve
from tests.studio.at_hand import extra
from tests.studio.things import of_family, plain, recipe_of, starter

STYLES = {"Oil": Style("Oil", "Paint", "an oil painting of {prompt}, thick", "photo, blurry")}


@pytest.fixture
def session() -> Session:
    session = Session()
    session.choose(starter())
    session.prompt, session.negative, session.seed = "a lake", "people", 7
    return session


def test_a_job_is_what_is_set(session: Session) -> None:
    session.width, session.height, session.steps = 192, 64, 5
    session.guidance, session.sampler = 2.5, "euler"
    (job,) = plan(session, {})
    assert job.work == Recipe(starter().id, "a lake", 192, 64, 5, 2.5, "euler", 7, "people")
    assert job.models == {starter().id: starter().path}
    assert job.inputs == {}


def test_the_same_session_plans_the_same_but_for_the_ids(session: Session) -> None:
    session.count, session.style, session.source = 3, "Oil", plain()
    first, again = plan(session, STYLES), plan(session, STYLES)
    assert [job.work for job in first] == [job.work for job in again]
    assert len({job.id for job in first + again}) == 6


@pytest.mark.parametrize(
    ("seed", "seeds"),
    [(7, [7, 8, 9]), (2**32 - 1, [2**32 - 1, 2**32, 2**32 + 1]), (SEEDS[-1] - 1, [2**64 - 2, 2**64 - 1, 0])],
)
def test_the_seeds_of_many_are_one_apart(session: Session, seed: int, seeds: list[int]) -> None:
    session.seed, session.count = seed, 3
    jobs = plan(session, {})
    assert [job.work.seed for job in jobs] == seeds
    assert len({(job.work.prompt, job.work.width) for job in jobs}) == 1


def test_a_style_is_around_the_prompt(session: Session) -> None:
    session.style = "Oil"
    (job,) = plan(session, STYLES)
    assert job.work.prompt == "an oil painting of a lake, thick"
    assert job.work.negative == "people, photo, blurry"
    assert session.prompt == "a lake"


def test_a_style_that_is_gone_changes_nothing(session: Session) -> None:
    session.style = "Gouache"
    assert plan(session, STYLES)[0].work.prompt == "a lake"


@pytest.mark.parametrize("strength", [0.3, 1.0])
def test_the_source_goes_along(session: Session, strength: float) -> None:
    session.source, session.strength = plain(), strength
    (job,) = plan(session, {})
    assert job.work.source == Source(plain().sha256, strength)
    assert job.inputs == {plain().sha256: plain()}


def test_without_a_model_there_is_no_plan() -> None:
    with pytest.raises(UserError, match="No model"):
        plan(Session(), {})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"width": 100}, "100 pixels"),
        ({"sampler": "flow_euler"}, "does not suit"),
        ({"sampler": "lcm", "steps": SAMPLERS["lcm"].most_steps + 1}, "at most 50 steps"),
        ({"prompt": "half \ud800"}, "no text"),
    ],
    ids=["size", "sampler", "steps", "text"],
)
def test_what_cannot_be_done_is_told(session: Session, changes: dict[str, object], message: str) -> None:
    for name, value in changes.items():
        setattr(session, name, value)
    with pytest.raises(UserError, match=message) as caught:
        plan(session, {})
    assert caught.value.hint


def test_each_family_can_draw_what_it_brings() -> None:
    for family in ("sd15", "sd2", "sdxl", "sd3", "starter"):
        session = Session()
        session.choose(starter())
        session.choose(of_family(family))
        assert plan(session, {})


@pytest.mark.parametrize(
    ("count", "source", "strength", "says"),
    [
        (1, False, 0.5, "Generate"),
        (4, False, 0.5, "Generate 4"),
        (1, True, 0.5, "Refine"),
        (4, True, 0.5, "Refine 4"),
        (1, True, 1.0, "Generate"),
    ],
)
def test_the_button_says_what_it_does(session: Session, count: int, source: bool, strength: float, says: str) -> None:
    session.count, session.strength = count, strength
    session.source = plain() if source else None
    assert words(session) == says


# ---------------------------------------------------------------- on the canvas

EVERYTHING = Facts(painted=True, gaps=False, masked=False)


def _scene(width: int = 96, height: int = 80, **facts: bool) -> Scene:
    found = replace(EVERYTHING, **facts)
    mask = np.full((height, width, 1), 255, np.uint8)
    if found.masked:
        mask[: height // 2] = 0
    return Scene("sheet", QPoint(7, 8), found, plain(3, width, height), Raster(mask))


TASKS = [  # painted, gaps, masked, strength, intent: the task, and the words on the button
    ((False, True, False, 1.0, "fill"), "generate", "Generate"),
    ((False, True, True, 0.4, "fill"), "generate", "Generate"),
    ((True, False, False, 1.0, "fill"), "generate", "Generate"),
    ((True, False, False, 0.4, "fill"), "refine", "Refine"),
    ((True, True, False, 1.0, "remove"), "expand", "Expand"),
    ((True, True, False, 0.4, "fill"), "refine", "Refine"),
    ((True, False, True, 1.0, "fill"), "fill", "Fill"),
    ((True, False, True, 0.4, "fill"), "refine", "Refine"),
    ((True, False, True, 1.0, "add"), "add", "Add"),
    ((True, True, True, 0.7, "remove"), "remove", "Remove"),
    ((True, False, True, 1.0, "background"), "background", "Replace background"),
]


@pytest.mark.parametrize(("canvas", "task", "button"), TASKS)
def test_the_task_follows_from_what_is_in_the_frame(session: Session, canvas, task: str, button: str) -> None:
    *facts, session.change, session.intent = canvas
    assert task_of(session, Facts(*facts)) == task
    assert words(session, Facts(*facts)) == button


def test_from_nothing_it_is_words_alone(session: Session) -> None:
    (job,) = plan(session, {}, _scene(painted=False))
    assert (job.work.source, job.work.width, job.work.height) == (None, 96, 80)
    assert job.inputs == {}


@pytest.mark.parametrize("size", [(97, 80), (400, 400)])
def test_what_the_model_cannot_make_in_one_go_is_made_by_way_of_a_mask(session: Session, size) -> None:
    scene = _scene(*size, painted=False)
    (job,) = plan(session, {}, scene)
    assert (job.work.width, job.work.height) == size
    assert job.work.source == Source(scene.picture.sha256, 1.0, scene.mask.sha256)


def test_what_is_generated_is_no_matter_of_strength_and_intent(session: Session) -> None:
    session.choose_intent("remove")
    session.change = 0.3
    (job,) = plan(session, {}, _scene(400, 400, painted=False, masked=True))
    assert job.work.source
    assert (job.work.source.strength, job.work.source.intent) == (1.0, "fill")


def test_a_masked_part_is_made_with_its_intent_strength_and_feather(session: Session) -> None:
    scene = _scene(masked=True)
    session.choose_intent("remove")
    session.feather = 3.0
    (job,) = plan(session, {}, scene)
    assert job.work.source == Source(scene.picture.sha256, 0.7, scene.mask.sha256, "remove", 3.0)
    assert job.inputs == {scene.picture.sha256: scene.picture, scene.mask.sha256: scene.mask}


def test_what_is_refined_as_a_whole_is_no_matter_of_intents(session: Session) -> None:
    session.choose_intent("add")
    session.change = 0.5
    (job,) = plan(session, {}, _scene())
    assert job.work.source
    assert (job.work.source.intent, job.work.source.strength) == ("fill", 0.5)


def test_what_is_expanded_masks_itself(session: Session) -> None:
    (job,) = plan(session, {}, _scene(gaps=True))
    assert job.work.source == Source(_scene().picture.sha256, 1.0, intent="expand")
    assert list(job.inputs) == [_scene().picture.sha256]


@pytest.mark.parametrize(("change", "steps"), [(1.0, 8), (0.5, 16), (0.3, 20), (0.01, 20)])
def test_of_a_live_picture_few_steps_are_run(session: Session, change: float, steps: int) -> None:
    session.change, session.count, session.steps = change, 4, 20
    job = plan_live(session, {}, _scene())
    assert job.work.steps == steps
    assert job.work.seed == session.seed


def test_more_like_one_starts_from_it(session: Session) -> None:
    made = plain(9, 96, 80)
    first = plan(session, {}, _scene(painted=False))[0].work
    jobs = more_like(first, starter(), made, 50, 3)
    assert [job.work.seed for job in jobs] == [50, 51, 52]
    assert {job.work.source for job in jobs} == {Source(made.sha256, 0.6)}
    assert jobs[0].inputs == {made.sha256: made}
    masked = plan(session, {}, _scene(masked=True))[0].work
    assert masked.source
    assert more_like(masked, starter(), made, 1, 1)[0].work.source == replace(
        masked.source, image=made.sha256, strength=0.6
    )
    grown = plan(session, {}, _scene(gaps=True))[0].work
    assert more_like(grown, starter(), made, 1, 1)[0].work.source == grown.source


def test_more_like_one_are_made_with_its_own_embeddings() -> None:
    embeddings = {"easy": "c" * 64}
    (job,) = more_like(recipe_of(embeddings=embeddings), starter(), plain(), 1, 1)
    assert job.work.embeddings == embeddings


@pytest.mark.parametrize(("name", "digit", "expected"), [("renamed", "c", "c"), ("easy", "d", "d")])
def test_a_recipe_that_is_used_keeps_its_own_embeddings_while_they_are_here(
    session: Session, name: str, digit: str, expected: str
) -> None:
    model = of_family("sd15")
    session.use(recipe_of(prompt="an easy cat", embeddings={"easy": "c" * 64}), model, None)
    again = Session()
    again.restore(session.to_json())
    again.choose(model)
    extras = Extras.of([extra("embedding", digit, name, family="sd15")])
    for each in (session, session.copied(), again):
        assert plan(each, {}, extras=extras)[0].work.embeddings == {"easy": expected * 64}


def test_a_scene_leaves_the_source_of_single_pictures_alone(session: Session) -> None:
    session.source = plain()
    assert plan(session, {}, _scene(painted=False))[0].work.source is None
    assert plan(session, {})[0].work.source == Source(plain().sha256, session.strength)


# ---------------------------------------------------------------- alternatives and lists


def test_each_of_many_has_the_words_of_its_own_seed(session: Session) -> None:
    session.prompt, session.negative, session.count = "a {red|blue} __thing__", "{x|y}", 40
    lists = {"thing": ["house", "tent"]}
    works = [job.work for job in plan(session, {}, lists=lists)]
    assert {work.prompt for work in works} == {f"a {c} {t}" for c in ("red", "blue") for t in ("house", "tent")}
    assert {work.negative for work in works} == {"x", "y"}
    assert [work.prompt for work in works] == [resolve(session.prompt, work.seed, lists) for work in works]
    assert session.prompt == "a {red|blue} __thing__"
    session.seed, session.count = works[5].seed, 1
    assert plan(session, {}, lists=lists)[0].work == works[5]


def test_a_style_is_around_the_words_that_were_chosen(session: Session) -> None:
    style = Style("Braces", "", "{{prompt}|of {this|that}}")
    session.prompt, session.style = "{a|b}", "Braces"
    assert plan(session, {"Braces": style})[0].work.prompt in ("{a|of {this|that}}", "{b|of {this|that}}")


def test_a_list_that_is_not_there_is_told(session: Session) -> None:
    session.prompt = "__thing__"
    with pytest.raises(UserError, match="no list thing"):
        plan(session, {})


def test_a_recipe_whose_words_look_like_alternatives_makes_the_same_again(session: Session) -> None:
    session.prompt = r"\{a|b}"
    work = plan(session, {})[0].work
    assert work.prompt == "{a|b}"
    session.use(work, starter(), None)
    assert plan(session, {})[0].work == work


def test_a_live_picture_has_the_words_of_its_seed(session: Session) -> None:
    session.prompt = "{red|blue}"
    assert plan_live(session, {}, _scene()).work.prompt == resolve("{red|blue}", session.seed, {})
