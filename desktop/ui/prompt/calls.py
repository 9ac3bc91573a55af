"""CallsLine: what is to be told of the LoRAs that the prompts call by tags."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from desktop.studio.calls import told
from desktop.studio.clinic import Clinic
from desktop.studio.observable import watch
from desktop.studio.session import Session
from desktop.studio.shelf import Shelf
from desktop.ui.prompt.told import Told

MOST = 3  # sentences


class CallsLine(Told):
    """Below the prompts; nothing while all is well."""

    def __init__(self, session: Session, shelf: Shelf, clinic: Clinic, parent: QWidget | None = None):
        super().__init__(parent)
        self._session, self._shelf, self._clinic = session, shelf, clinic
        for name in ("prompt", "negative", "model"):
            watch(session, name, lambda _: self._tell(), self)
        watch(shelf, "extras", lambda _: self._tell(), self)
        watch(clinic, "findings", lambda _: self._tell(), self)

    def _tell(self) -> None:
        session, model = self._session, self._session.model
        if model is None:
            return
        texts = (session.prompt, session.negative)
        extras, family = self._shelf.extras, model.family.id
        found = [each for text in texts for each in told(text, extras, family, self._clinic.known)][:MOST]
        words = "\n".join(each.words for each in found)
        self.say(words, failure=not all(each.works for each in found))
