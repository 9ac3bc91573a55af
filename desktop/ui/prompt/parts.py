"""PartsForm: which files the parts of the model come from, and how much of its text encoders is used."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop.models.parts import fit_for, misfit, needed
from desktop.recipe import CLIP_SKIPS
from desktop.studio.observable import bind, watch
from desktop.studio.outfit import Outfit
from desktop.studio.session import Session
from desktop.studio.shelf import Shelf
from desktop.ui.prompt.form import form, label
from desktop.ui.prompt.told import Told
from desktop.ui.widgets.choice import ChoiceBox
from desktop.ui.widgets.slider import NumberSlider

if TYPE_CHECKING:
    from desktop.models.model import Model

OWN = ""  # the part that the model brings along, or the first file at hand where it brings none
LABELS = {"vae": "VAE", "text_encoder": "Text", "text_encoder_2": "Text 2", "text_encoder_3": "Text 3"}
TIPS = {"vae": "What makes pixels of latents. Another one may mend pale or broken colours."}
TIP = "What reads the prompt. A diffusion model alone takes it from a file of its own."


class PartsForm(QWidget):
    """Bound to a session's parts and clip skip. Text encoders are shown for models that bring none.

    `doubted`: something that is chosen does not suit, and should be seen.
    """

    doubted = Signal()

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
        self.told = Told(self)
        self._rows.addRow(self.told)
        watch(shelf, "extras", lambda _: self._offer(), self)
        watch(session, "model", lambda _: self._offer(), self)
        watch(session, "parts", lambda _: self._offer(), self)

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
            self._rows.setRowVisible(box, self._is_shown(component))
            if model:
                box.offer(self._choices(model, component))
        self._rows.setRowVisible(self.clip_skip, model is None or model.family.clip)
        self._show()

    def _is_shown(self, component: str) -> bool:
        model = self._session.model
        wanted = component in self._session.parts or (model is not None and component in needed(model))
        return component == "vae" or wanted

    def _choices(self, model: Model, component: str) -> list[tuple[str, str]]:
        """Those that suit, and the one that is chosen, whether it suits or not."""
        files = [(each.id, each.name) for each in fit_for(model, component, self._shelf.extras)]
        chosen = self._session.parts.get(component, OWN)
        if chosen and chosen not in dict(files):
            extra = self._shelf.extras.by_id(chosen)
            files.append((chosen, f"{extra.name} (does not suit)" if extra else "A file that is not here"))
        if component not in needed(model):
            return [(OWN, "The model's own"), *files]
        return [(OWN, f"As found: {files[0][1]}" if files else "None is at hand"), *files]

    def _show(self) -> None:
        for component, box in self.boxes.items():
            box.content = self._session.parts.get(component, OWN)
        before, words = self.told.text(), "\n".join(self._doubts())
        self.told.say(words)
        if words and words != before:
            self.doubted.emit()

    def _doubts(self) -> Iterator[str]:
        """What is wrong with those that are chosen."""
        model, extras = self._session.model, self._shelf.extras
        if model is None or not extras.all:
            return
        for component, id in self._session.parts.items():
            extra = extras.by_id(id)
            if extra and (found := misfit(model, component, extra.entry)):
                yield f"{found.words} The picture will look wrong." if found.loads else found.words
            elif extra is None:
                yield f"The file that was chosen for {LABELS.get(component, component)} is not here any more."
