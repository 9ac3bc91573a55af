"""PartsForm: which files the parts of the model come from, and how much of its text encoders is used."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from desktop.models.parts import fit_for, needed
from desktop.recipe import CLIP_SKIPS
from desktop.studio.observable import bind, watch
from desktop.studio.outfit import Outfit
from desktop.studio.session import Session
from desktop.studio.shelf import Shelf
from desktop.ui.prompt.form import form, label
from desktop.ui.widgets.choice import ChoiceBox
from desktop.ui.widgets.slider import NumberSlider

if TYPE_CHECKING:
    from desktop.models.model import Model

OWN = ""  # the part that the model brings along, or the first file at hand where it brings none
LABELS = {"vae": "VAE", "text_encoder": "Text", "text_encoder_2": "Text 2", "text_encoder_3": "Text 3"}
TIPS = {"vae": "What makes pixels of latents. Another one may mend pale or broken colours."}
TIP = "What reads the prompt. A diffusion model alone takes it from a file of its own."


class PartsForm(QWidget):
    """Bound to a session's parts and clip skip. Text encoders are shown for models that bring none."""

    def __init__(self, session: Session, shelf: Shelf, outfit: Outfit, parent: QWidget | None = None):
        super().__init__(parent)
        self._session, self._shelf = session, shelf
        self._rows = form(self)
        self.boxes = {component: self._box(component, outfit) for component in LABELS}
        self.clip_skip = NumberSlider(CLIP_SKIPS[0], 4, lambda: 0, parent=self)
        self.clip_skip.setAccessibleName("Clip skip")
        self.clip_skip.setToolTip("Layers of the text encoder that are left out: 1 for most drawn styles (A1111's 2).")
        bind(session, "clip_skip", self.clip_skip)
        self._rows.addRow(label("Clip skip"), self.clip_skip)
        watch(shelf, "extras", lambda _: self._offer(), self)
        watch(session, "model", lambda _: self._offer(), self)
        watch(session, "parts", lambda _: self._show(), self)

    def _box(self, component: str, outfit: Outfit) -> ChoiceBox:
        box = ChoiceBox(self)
        box.setAccessibleName(LABELS[component])
        box.setToolTip(TIPS.get(component, TIP))
        box.edited.connect(partial(outfit.use_part, component))
        self._rows.addRow(label(LABELS[component]), box)
        return box

    def _offer(self) -> None:
        model = self._session.model
        for component, box in self.boxes.items():
            self._rows.setRowVisible(box, component == "vae" or (model is not None and component in needed(model)))
            if model:
                box.offer(self._choices(model, component))
        self._rows.setRowVisible(self.clip_skip, model is None or model.family.clip)
        self._show()

    def _choices(self, model: Model, component: str) -> list[tuple[str, str]]:
        files = [(each.id, each.name) for each in fit_for(model, component, self._shelf.extras)]
        if component not in needed(model):
            return [(OWN, "The model's own"), *files]
        return [(OWN, f"As found: {files[0][1]}" if files else "None is at hand"), *files]

    def _show(self) -> None:
        for component, box in self.boxes.items():
            box.content = self._session.parts.get(component, OWN)
