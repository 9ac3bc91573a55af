"""From what is set to jobs."""

from __future__ import annotations

import pytest

from desktop.errors import UserError
from desktop.models.samplers import SAMPLERS
from desktop.recipe import SEEDS, Recipe, Source
from desktop.studio.plan import plan, words
from desktop.studio.session import Session
from desktop.styles import Style
from tests.studio.things import of_family, plain, starter

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
