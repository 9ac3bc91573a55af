"""The engine as the program runs it: its devices, and a picture of the starter."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from functools import partial

from desktop import app
from desktop.check.trial import Trial, Ways
from desktop.engine.api import Engine, Failed, Finished, Job, Produced, Warned
from desktop.errors import UserError
from desktop.recipe import Recipe

PROMPT = "a house with a red roof in front of snowy mountains at sunset"


def trials(ways: Ways) -> Iterator[Trial]:
    with closing(app.make_engine(ways.engine, ways.device, ways.precision)) as engine:
        yield Trial("picture", partial(_starter, engine))
        yield Trial("devices", lambda: "; ".join(f"{name}: {words}" for name, words in engine.devices().items()))


def _starter(engine: Engine) -> str:
    model = app.make_catalog().find("starter")
    family = model.family
    recipe = Recipe(model.id, PROMPT, model.native, model.native, family.steps, family.guidance, family.sampler, seed=1)
    produced, finished = made(engine, Job(recipe, {model.id: model.path}))
    size = f"{produced.picture.width} × {produced.picture.height}"
    phases = ", ".join(f"{phase} {seconds:.1f} s" for phase, seconds in finished.seconds.items())
    peak = f"{finished.peak_bytes / 1e6:.0f} MB at most"
    return f"{size} on {produced.made['device']}, {produced.made['dtype']}; {phases}; {peak}"


def made(engine: Engine, job: Job) -> tuple[Produced, Finished]:
    """The picture, made without a warning. Raises UserError for what people can mend, RuntimeError for bugs."""
    produced: Produced | None = None
    for event in engine.run(job):
        match event:
            case Produced():
                produced = event
            case Finished() if produced:
                return produced, event
            case Failed(message, hint, ""):
                raise UserError(message, hint)
            case Failed(message, _, trace):
                raise RuntimeError(f"{message}\n{trace}")
            case Warned(message):
                raise RuntimeError(f"a warning: {message}")
    raise RuntimeError("the engine ended without a last event")
