"""Quick: few-step presets on a session, and the way back."""

from __future__ import annotations

from desktop.errors import UserError
from desktop.models.extras import Extras
from desktop.models.presets import PRESETS, Preset, steps_of
from desktop.recipe import LoraUse
from desktop.studio.session import Session

USUAL = ""


def choices(session: Session) -> list[tuple[str, str]]:
    """Names and labels of the presets that there are for the model's family, the usual way first."""
    family = session.model.family.id if session.model else ""
    return [(USUAL, "As usual"), *((name, row.label) for name, row in PRESETS.items() if family in row.ways)]


def choose(session: Session, extras: Extras, name: str) -> None:
    """Sets sampler, steps and guidance, and brings the LoRA that it takes. Raises UserError where none is at hand."""
    if session.model is None:
        return
    if name == USUAL:
        _go_back(session, extras)
        return
    preset, family = PRESETS[name], session.model.family
    way = preset.ways[family.id]
    steps = way.steps
    if not _does_it_alone(session, preset):
        lora = preset.lora(extras, family.id)
        if lora is None:
            raise UserError(
                f"There is no {preset.label} LoRA for {family.name} here.",
                "Models > Get a model finds one, or choose a model that is made for few steps.",
            )
        _drop_loras(session, extras)
        session.add_lora(LoraUse(lora.id, lora.name, way.weight))
        steps = steps_of(lora.name, steps)
    session.sampler, session.steps, session.guidance, session.preset = way.sampler, steps, way.guidance, name


def _does_it_alone(session: Session, preset: Preset) -> bool:
    return session.model is not None and (
        preset.fits(session.model.name) or preset.fits(" ".join(session.model.variants))
    )


def _go_back(session: Session, extras: Extras) -> None:
    assert session.model
    _drop_loras(session, extras)
    family = session.model.family
    session.sampler, session.steps, session.guidance, session.preset = (
        family.sampler,
        family.steps,
        family.guidance,
        USUAL,
    )


def _drop_loras(session: Session, extras: Extras) -> None:
    """Those that presets bring."""
    assert session.model
    for preset in PRESETS.values():
        if lora := preset.lora(extras, session.model.family.id):
            session.remove_lora(lora.id)
