"""plan(): from what is set to jobs that can be run. Pure: the same session, the same jobs but for their ids."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from desktop.engine.api import Job
from desktop.errors import UserError
from desktop.recipe import SEEDS, Recipe, Source
from desktop.studio.session import Session
from desktop.styles import Style


def plan(session: Session, styles: Mapping[str, Style]) -> tuple[Job, ...]:
    """One job a picture, with seeds one apart. Raises UserError where the model cannot do what is set."""
    model = session.model
    if model is None:
        raise UserError("No model is chosen.", "Choose one at the top of the prompt panel.")
    prompt, negative = session.prompt, session.negative
    if style := styles.get(session.style):
        prompt, negative = style.apply(prompt, negative)
    recipe = Recipe(
        model=model.id,
        prompt=prompt,
        negative=negative,
        width=session.width,
        height=session.height,
        steps=session.steps,
        guidance=session.guidance,
        sampler=session.sampler,
        seed=session.seed,
        source=Source(session.source.sha256, session.strength) if session.source else None,
    )
    model.family.check(recipe)
    inputs = {session.source.sha256: session.source} if session.source else {}
    recipes = [replace(recipe, seed=(recipe.seed + i) % SEEDS.stop) for i in range(session.count)]
    return tuple(Job(each, {model.id: model.path}, inputs) for each in recipes)


def words(session: Session) -> str:
    """What the button says it will do."""
    verb = "Refine" if session.refines else "Generate"
    return verb if session.count == 1 else f"{verb} {session.count}"
