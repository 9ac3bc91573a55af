"""CanvasForm: what becomes of what is in the frame."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from desktop.intents import INTENTS, usual_feather
from desktop.studio.observable import watch
from desktop.studio.plan import EXPAND
from desktop.studio.session import Session
from desktop.ui.prompt.form import form, label
from desktop.ui.prompt.strength import StrengthSlider
from desktop.ui.widgets.choice import ChoiceBox
from desktop.ui.widgets.slider import NumberSlider

MOST = 100  # pixels of feather; more can be typed
MASKED = {
    "fill": "What is masked is made anew, out of the colours around it.",
    "add": "Something new comes into what is masked: say what.",
    "remove": "What is masked gives way to what is around it.",
    "background": "What is masked is kept, and everything else in the frame is replaced.",
}


class CanvasForm(QWidget):
    """Bound to a session's intent, its strength on the canvas, and its feather."""

    def __init__(self, session: Session, parent: QWidget | None = None):
        super().__init__(parent)
        self._session = session
        self.intent = ChoiceBox(self)
        self.intent.offer((name, row.label) for name, row in INTENTS.items() if name != EXPAND)
        self.intent.setAccessibleName("What becomes of the masked part")
        watch(session, "intent", self._show_intent, self)
        self.intent.edited.connect(session.choose_intent)
        self.strength = StrengthSlider(session, "change", lambda: INTENTS[session.intent].strength, self)
        self.feather = NumberSlider(0, MOST, self._usual, unit=" px", parent=self)
        self.feather.setAccessibleName("Feather")
        self.feather.setToolTip("How far a change may reach beyond the mask, so that no seam is seen.")
        for name in ("feather", "model"):
            watch(session, name, lambda _: self._show_feather(), self)
        self.feather.edited.connect(self._take_feather)
        rows = form(self)
        rows.addRow(label("Masked"), self.intent)
        rows.addRow(label("Strength"), self.strength)
        rows.addRow(label("Feather"), self.feather)

    def _show_intent(self, intent: str) -> None:
        self.intent.content = intent
        self.intent.setToolTip(MASKED.get(intent, ""))

    def _usual(self) -> float:
        model = self._session.model
        return round(usual_feather(model.native if model else self._session.width))

    def _show_feather(self) -> None:
        feather = self._session.feather
        self.feather.content = self._usual() if feather is None else feather

    def _take_feather(self, pixels: float) -> None:
        """What is usual stays so with another model."""
        self._session.feather = None if pixels == self._usual() else pixels
