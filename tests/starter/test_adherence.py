"""Scores on known answers, and the whole command on a model of one picture."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from desktop.paths import STARTER
from desktop.starter.evaluate import ATTRIBUTES, SHEET_PROMPTS, Score, adherence, draw, report, score
from desktop.starter.painting import render
from desktop.starter.reader import load_reader
from desktop.starter.scenes import Scene, Thing, random_scenes

TENT = Thing("tent", "red", "left")
WANTED = Scene("noon", "lake", "red", "right", clouds=True, things=(TENT, Thing("pine", None, "center")))


def shares(seen: Scene, wanted: Scene = WANTED) -> dict[str, float]:
    return {name: row.share for name, row in score([seen], [wanted]).items()}


def test_what_is_drawn_as_asked_scores_in_full() -> None:
    wanted = random_scenes(200, seed=1)
    scores = score(wanted, wanted)
    assert tuple(scores) == ATTRIBUTES
    assert {row.share for row in scores.values()} == {1.0}
    assert scores["terrain"].trials == 200
    assert scores["object kind"].trials == sum(len(scene.things) for scene in wanted)
    assert 0.1 < scores["time of day"].chance < 0.4


@pytest.mark.parametrize(
    ("change", "lost"),
    [
        ({"time": "dawn"}, {"time of day"}),
        ({"terrain": "hills"}, {"terrain"}),
        ({"light": "yellow"}, {"sun colour or moon shape"}),
        ({"light": "full"}, {"sun or moon", "sun colour or moon shape"}),
        ({"light_position": "left"}, {"position of sun or moon"}),
        ({"clouds": False}, {"clouds"}),
        ({"rainbow": True}, {"no rainbow asked"}),
    ],
)
def test_each_mistake_costs_its_own_attribute(change: dict[str, object], lost: set[str]) -> None:
    found = shares(replace(WANTED, **change))
    assert {name for name, share in found.items() if share == 0} == lost | {"everything"}
    assert {share for name, share in found.items() if name not in lost | {"everything"}} == {1.0}


def test_mistakes_with_things() -> None:
    blue = shares(replace(WANTED, things=(replace(TENT, color="blue"), WANTED.things[1])))
    assert blue["colour when the kind is right"] == 0
    assert blue["object kind"] == blue["object at its position"] == 1
    swapped = (replace(TENT, position="center"), replace(WANTED.things[1], position="left"))
    assert shares(replace(WANTED, things=swapped))["object at its position"] == 0
    missing = shares(replace(WANTED, things=(TENT,)))
    assert missing["object kind"] == missing["object at its position"] == 0.5
    assert missing["number of objects"] == 0
    assert "colour when the kind is right" not in shares(replace(WANTED, things=()))


def test_what_was_not_asked_is_no_trial() -> None:
    found = shares(WANTED, Scene("night", "lake"))
    assert set(found) == {"time of day", "terrain", "clouds", "number of objects", "everything"}
    assert "rainbow asked" in shares(WANTED, replace(WANTED, rainbow=True))


def test_chance_holds_pictures_against_other_prompts() -> None:
    scenes = [Scene("noon", "lake"), Scene("night", "lake")]
    assert score(scenes, scenes)["time of day"] == Score(1.0, 0.0, 2)
    assert score(scenes, scenes)["terrain"] == Score(1.0, 1.0, 2)
    assert math.isnan(score(scenes[:1], scenes[:1])["terrain"].chance)


def test_renderings_adhere_to_their_scenes() -> None:
    wanted = random_scenes(40, seed=21)
    pictures = np.stack([render(scene) for scene in wanted])
    scores = adherence(pictures, wanted, load_reader(STARTER / "reader.safetensors"))
    assert all(row.share >= 0.95 for row in scores.values())


def test_report_leaves_everything_out_of_the_mean() -> None:
    rows = {"terrain": Score(1.0, 0.2, 3), "clouds": Score(0.5, 0.4, 3), "everything": Score(0.0, 0.0, 3)}
    last = report(rows).splitlines()[-1]
    assert last.startswith("mean")
    assert last.split()[-2:] == ["0.75", "0.30"]


def test_draw_in_batches_with_a_seed_each() -> None:
    calls: list[tuple[list[str], list[int]]] = []

    class Made:
        images = np.ones((1, 4, 4, 3))

    def pipeline(prompts: list[str], **options: object) -> Made:
        generators = options["generator"]
        assert isinstance(generators, list)
        calls.append((prompts, [generator.initial_seed() for generator in generators]))
        made = Made()
        made.images = np.ones((len(prompts), 4, 4, 3))
        return made

    pictures = draw(pipeline, SHEET_PROMPTS, steps=1, guidance=1.0, seed=100)
    assert pictures.shape == (36, 4, 4, 3)
    assert pictures.dtype == np.uint8
    assert (pictures == 255).all()
    assert [prompt for prompts, _ in calls for prompt in prompts] == SHEET_PROMPTS
    assert [seed for _, seeds in calls for seed in seeds] == list(range(100, 136))
