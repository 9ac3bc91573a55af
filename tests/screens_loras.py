"""The prompt panel's LoRAs for tests.screens: what is found of them, their weights, parts of the model."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from desktop.models.extras import Extras
from desktop.recipe import LoraUse
from desktop.studio.clinic import Finding
from tests.studio.at_hand import extra

if TYPE_CHECKING:
    from tests.screens import Scene

INK = extra("lora", "a", "ink wash", family="starter", triggers=("sumi-e", "rice paper", "mountain mist"))
CLAY = extra("lora", "b", "claymation XL", family="sdxl", triggers=("clay figure",))
LONG = extra("lora", "c", "a film look of the seventies, third attempt, epoch 12", family="starter")
CLEAR = extra("vae", "d", "vae-ft-mse-840000", family="starter")
FITS = "ink wash fits Starter. It changes what it touches by 4.12%."


def _dressed(scene: Scene) -> None:
    studio, session = scene.studio, scene.studio.session
    studio.shelf.extras = Extras.of([INK, CLAY, LONG, CLEAR])
    assert session.model
    studio.clinic.take((session.model.id, INK.id), Finding(True, FITS))
    studio.clinic.take(
        (session.model.id, LONG.id), Finding(False, "It has no effect: all that it would change is zero.")
    )
    uses = (LoraUse(INK.id, INK.name, 0.8), LoraUse(CLAY.id, CLAY.name), LoraUse(LONG.id, LONG.name, 0.55))
    session.loras, session.loras_off = uses, frozenset([LONG.id])


def loras(scene: Scene) -> None:
    """One that fits, one for another family, one without effect that is set aside."""
    _dressed(scene)


def loras_details(scene: Scene) -> None:
    """Weights by part and by block, and the parts of the model."""
    _dressed(scene)
    session, panel = scene.studio.session, scene.window.panel
    ink = session.loras[0]
    session.loras = (replace(ink, text_weight=0.4, blocks=(("up_blocks", 0.5), ("mid_block", 0.0))),)
    session.parts = {"vae": CLEAR.id}
    for name in ("source", "picture"):
        panel.sections[name].open = False
    panel.parts_section.open = True
    panel.loras.rows[INK.id].more.click()


STATES = (loras, loras_details)
