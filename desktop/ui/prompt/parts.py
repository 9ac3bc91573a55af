"""PartsForm: which files the parts of the model come from, and how much of its text encoders is used."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from desktop.models.extras import Extras
from desktop.recipe import CLIP_SKIPS
from desktop.studio.observable import bind, watch
from desktop.studio.outfit import Outfit
from desktop.studio.session import Session
from desktop.studio.shelf import Shelf
from desktop.ui.prompt.form import form, label
from desktop.ui.widgets.choice import ChoiceBox
from desktop.ui.widgets.slider import NumberSlider

OWN = ""  # the part that the model brings along


class PartsForm(QWidget):
    """Bound to a session's parts and clip skip."""

    def __init__(self, session: Session, shelf: Shelf, outfit: Outfit, parent: QWidget | None = None):
        super().__init__(parent)
        self._session, self._shelf = session, shelf
        self.vae = ChoiceBox(self)
        self.vae.setAccessibleName("VAE")
        self.vae.setToolTip("What makes pixels of latents. Another one may mend pale or broken colours.")
        self.vae.edited.connect(lambda id: outfit.use_part("vae", id))
        self.clip_skip = NumberSlider(CLIP_SKIPS[0], 4, lambda: 0, parent=self)
        self.clip_skip.setAccessibleName("Clip skip")
        self.clip_skip.setToolTip("Layers of the text encoder that are left out: 1 for most drawn styles (A1111's 2).")
        bind(session, "clip_skip", self.clip_skip)
        self._rows = form(self)
        self._rows.addRow(label("VAE"), self.vae)
        self._rows.addRow(label("Clip skip"), self.clip_skip)
        watch(shelf, "extras", lambda _: self._offer(), self)
        watch(session, "model", lambda _: self._offer(), self)
        watch(session, "parts", lambda parts: setattr(self.vae, "content", parts.get("vae", OWN)), self)

    def _offer(self) -> None:
        family = self._session.model.family if self._session.model else None
        extras: Extras = self._shelf.extras
        fitting = (each for each in extras.kind("vae") if family and each.entry.family in ("", family.id))
        self.vae.offer([(OWN, "The model's own"), *((each.id, each.name) for each in fitting)])
        self._rows.setRowVisible(self.clip_skip, family is None or family.clip)
