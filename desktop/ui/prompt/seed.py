"""SeedRow: the seed, a die to throw, and a lock that keeps it."""

from __future__ import annotations

import random

from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop.studio.observable import bind
from desktop.studio.orders import USUAL_SEEDS
from desktop.studio.session import Session
from desktop.ui.widgets.buttons import IconButton, Toggle
from desktop.ui.widgets.fields import NumberField


class SeedRow(QWidget):
    """Bound to a session's seed. One that is typed or thrown is meant to stay: it locks."""

    def __init__(self, session: Session, parent: QWidget | None = None):
        super().__init__(parent)
        self._session = session
        self.field = NumberField(20, self)
        self.field.setAccessibleName("Seed")
        self.field.setToolTip("The number that the noise comes from: the same seed and settings, the same picture.")
        bind(session, "seed", self.field)
        self.field.edited.connect(lambda _: setattr(session, "seed_locked", True))
        self.lock = Toggle(
            "lock", "lock-open", "Keep the seed", "Locked, every picture begins from this seed; open, from a new one."
        )
        bind(session, "seed_locked", self.lock)
        dice = IconButton("dice", "Another seed", "Throws another seed, and keeps it.", self._throw, self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        for widget in (self.field, dice, self.lock):
            layout.addWidget(widget)

    def _throw(self) -> None:
        self._session.seed = random.randrange(USUAL_SEEDS)
        self._session.seed_locked = True
