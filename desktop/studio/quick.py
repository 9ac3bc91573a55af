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
        session.drop_preset()
        return
    preset, family = PRESETS[name], session.model.family
    way = preset.ways[family.id]
    steps, lora = way.steps, None
    if not _does_it_alone(session, preset):
        lora = preset.lora(extras, family.id)
        if lora is None:
            raise UserError(
                f"There is no {preset.label} LoRA for {family.name} here.",
                "Models > Get a model finds one, or choose a model that is made for few steps.",
            )
        steps = steps_of(lora.name, steps)
    session.drop_preset()
    if lora:
        session.bring_lora(LoraUse(lora.id, lora.name, way.weight))
    session.sampler, session.steps, session.guidance, session.preset = way.sampler, steps, way.guidance, name


def _does_it_alone(session: Session, preset: Preset) -> bool:
    return session.model is not None and (
        preset.fits(session.model.name) or preset.fits(" ".join(session.model.variants))
    )
