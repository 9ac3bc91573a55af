"""StrengthSlider: how much may change, in the steps that the engine really runs."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil

from PySide6.QtWidgets import QWidget

from desktop.studio.observable import bind, watch
from desktop.studio.session import WEAKEST, Session
from desktop.ui.widgets.slider import NumberSlider


class StrengthSlider(NumberSlider):
    """Bound to a session's property of that name, a strength."""

    def __init__(self, session: Session, name: str, default: Callable[[], float], parent: QWidget | None = None):
        super().__init__(WEAKEST, 1.0, default, unit=" %", times=100, parent=parent)
        self._session, self._name = session, name
        self.setAccessibleName("Denoising strength")
        self.setToolTip("How much may change: 30 % retouches, 60 % repaints, 100 % keeps nothing of the picture.")
        bind(session, name, self)
        self.edited.connect(self._to_steps)
        watch(session, "steps", self._count, self)

    @property
    def text(self) -> str:
        steps = self._session.steps
        run = round(self._session.real_strength(self.content) * steps)
        return f"{super().text}   {run} of {steps} steps"

    def _to_steps(self, strength: float) -> None:
        setattr(self._session, self._name, self._session.real_strength(strength))

    def _count(self, steps: int) -> None:
        self.setSingleStep(ceil(self.maximum() / steps))
        self.update()
