"""plan(): from what is set, and what is on the canvas, to jobs that can be run.

Pure: the same session and scene, the same jobs but for their ids.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from desktop import wildcards
from desktop.engine.api import Job
from desktop.errors import UserError
from desktop.intents import INTENTS
from desktop.models.extras import NO_EXTRAS, Extras, with_called
from desktop.models.parts import completed
from desktop.recipe import SEEDS, Recipe, Source
from desktop.studio.session import Session
from desktop.styles import Style
from desktop.wildcards import Lists

if TYPE_CHECKING:
    from desktop.models.model import Model
    from desktop.raster import Raster
    from desktop.studio.scene import Facts, Scene

Pictures = Mapping[str, "Raster"]  # by their sha256
NO_LISTS: Lists = MappingProxyType({})
GENERATE, REFINE, EXPAND = "generate", "refine", "expand"  # tasks; the others are the keys of INTENTS
LIVE_STEPS = 8  # that are run at most for a picture of the moment
ALIKE = 0.6  # strength of pictures that are like another one


@dataclass(frozen=True)
class Draft:
    """What is set, its prompts not yet resolved and not in their style, its parts only those that were chosen."""

    recipe: Recipe
    model: Model
    pictures: Pictures
    style: Style | None
    inpaints: bool  # what is in the frame of a canvas, which keeps its size
    extras: Extras
    settled: frozenset[str] = frozenset()  # LoRAs that are used as the recipe has them, whatever tags say

    def job(self, lists: Lists) -> Job:
        """With the words that the seed makes of the prompts, and the files that they call.

        Raises UserError where one is not at hand, or the model cannot do it.
        """
        seed = self.recipe.seed
        words = (wildcards.resolve(text, seed, lists) for text in (self.recipe.prompt, self.recipe.negative))
        prompt, negative = self.style.apply(*words) if self.style else words
        resolved = replace(self.recipe, prompt=prompt, negative=negative)
        recipe = with_called(resolved, self.model.family.id, self.extras, settled=self.settled)
        self.model.check(recipe, self.inpaints)
        parts = completed(self.model, recipe.parts, self.extras)
        return Job(replace(recipe, parts=parts), {self.model.id: self.model.path}, self.pictures)


def plan(
    session: Session,
    styles: Mapping[str, Style],
    scene: Scene | None = None,
    lists: Lists = NO_LISTS,
    extras: Extras = NO_EXTRAS,
) -> tuple[Job, ...]:
    """One job a picture, with seeds one apart. `lists`: those that the prompts name; `extras`: those at hand.

    Raises UserError where the model cannot do what is set.
    """
    first = draft(session, styles, scene, extras)
    return tuple(replace(first, recipe=each).job(lists) for each in _seeded(first.recipe, session.count))


def plan_live(
    session: Session, styles: Mapping[str, Style], scene: Scene, lists: Lists = NO_LISTS, extras: Extras = NO_EXTRAS
) -> Job:
    """A single picture of the moment, in a few steps. Raises UserError."""
    first = draft(session, styles, scene, extras)
    recipe = first.recipe
    strength = recipe.source.strength if recipe.source else 1.0
    return replace(first, recipe=replace(recipe, steps=min(recipe.steps, round(LIVE_STEPS / strength)))).job(lists)


def draft(session: Session, styles: Mapping[str, Style], scene: Scene | None, extras: Extras = NO_EXTRAS) -> Draft:
    """Raises UserError."""
    model = _model(session)
    width, height = (scene.picture.width, scene.picture.height) if scene else (session.width, session.height)
    source, pictures = _source_in(scene, session, model) if scene else _source(session)
    recipe = Recipe(
        model=model.id,
        prompt=session.prompt,
        negative=session.negative,
        width=width,
        height=height,
        steps=session.steps,
        guidance=session.guidance,
        sampler=session.sampler,
        seed=session.seed,
        source=source,
        loras=session.active_loras,
        parts=session.parts,
        embeddings={word: id for word, id in session.embeddings.items() if extras.by_id(id)},
        clip_skip=session.clip_skip,
    )
    return Draft(recipe, model, pictures, styles.get(session.style), scene is not None and source is not None, extras)


def more_like(recipe: Recipe, model: Model, picture: Raster, seed: int, count: int) -> tuple[Job, ...]:
    """Jobs for pictures like the one that was made by that recipe: they start from it, under the same mask if any.

    What was grown over an edge is grown anew, since it has no mask.
    """
    source = Source(picture.sha256, ALIKE)
    if recipe.source and recipe.source.mask:
        source = replace(recipe.source, image=picture.sha256, strength=ALIKE)
    elif recipe.source and recipe.source.intent == EXPAND:
        source = recipe.source
    first = replace(recipe, seed=seed, source=source)
    return tuple(Job(each, {model.id: model.path}, {picture.sha256: picture}) for each in _seeded(first, count))


def _seeded(recipe: Recipe, count: int) -> Iterator[Recipe]:
    """So many, with seeds one apart."""
    return (replace(recipe, seed=(recipe.seed + i) % SEEDS.stop) for i in range(count))


def task_of(session: Session, facts: Facts | None) -> str:
    """What Generate does: GENERATE, REFINE, EXPAND or another of INTENTS. `facts` of the canvas, if it is worked on."""
    if facts is None:
        return REFINE if session.refines else GENERATE
    weak = session.change < 1
    if facts.painted and facts.masked:
        return REFINE if weak and INTENTS[session.intent].refines else session.intent
    if facts.painted and weak:
        return REFINE
    return EXPAND if facts.painted and facts.gaps else GENERATE


def words(session: Session, facts: Facts | None = None) -> str:
    """What the button says it will do."""
    task = task_of(session, facts)
    verb = INTENTS[task].label if task in INTENTS else task.capitalize()
    return verb if session.count == 1 else f"{verb} {session.count}"


def _model(session: Session) -> Model:
    if session.model is None:
        raise UserError("No model is chosen.", "Choose one at the top of the prompt panel.")
    return session.model


def _source(session: Session) -> tuple[Source | None, Pictures]:
    if session.source is None:
        return None, {}
    return Source(session.source.sha256, session.strength), {session.source.sha256: session.source}


def _source_in(scene: Scene, session: Session, model: Model) -> tuple[Source | None, Pictures]:
    """The engine cuts the context, scales it to the model's native size, and brings the result back: see area.py."""
    picture, mask = scene.picture, scene.mask
    task = task_of(session, scene.facts)
    if task == GENERATE and model.family.fits(model.native, picture.width, picture.height):
        return None, {}
    if task == EXPAND:  # transparent pixels are masked by themselves
        source = Source(picture.sha256, INTENTS[EXPAND].strength, intent=EXPAND, feather=session.feather)
        return source, {picture.sha256: picture}
    intent = session.intent if scene.facts.masked and task != GENERATE else Source.intent
    strength = 1.0 if task == GENERATE else session.change
    source = Source(picture.sha256, strength, mask.sha256, intent, session.feather)
    return source, {picture.sha256: picture, mask.sha256: mask}
