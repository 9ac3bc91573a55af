"""Framing: while the canvas is worked on, the frame's size is the session's, and what is in the frame is known."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QRect, QTimer

from desktop.recipe import SIZES
from desktop.studio.easel import Easel
from desktop.studio.observable import watch
from desktop.studio.session import Session
from desktop.studio.worker import Errands

if TYPE_CHECKING:
    from desktop.models.model import Model
    from desktop.studio.scene import Facts

CALM = 120  # ms without a change after which the frame is looked at


class Framing(QObject):
    """Ties session and easel both ways."""

    def __init__(self, session: Session, easel: Easel, errands: Errands, parent: QObject | None = None):
        super().__init__(parent)
        self._session, self._easel, self._errands = session, easel, errands
        self._sizing = False  # the session takes over the frame's size just now
        self._own_size = (session.width, session.height)  # of single pictures
        self._look_soon = QTimer(self, singleShot=True, interval=CALM)
        self._look_soon.timeout.connect(self._look)
        easel.changed_inside.connect(self._show)
        watch(easel, "active", self._switch, self)
        session.changed.connect(self._session_changed)
        watch(session, "model", self._take_model, self)

    def resize(self, width: int, height: int) -> None:
        """Around the same middle."""
        if snapshot := self._easel.snapshot:
            frame = QRect(0, 0, width, height)
            frame.moveCenter(snapshot.frame.center())
            self._easel.set_frame(frame)

    def extend(self, left: int, top: int, right: int, bottom: int) -> None:
        """By so many pixels to each side."""
        if snapshot := self._easel.snapshot:
            frame = snapshot.frame.adjusted(-left, -top, right, bottom)
            if max(frame.width(), frame.height()) <= SIZES[-1]:
                self._easel.set_frame(frame)

    def _switch(self, canvas: bool) -> None:
        """Single pictures have a size of their own."""
        session = self._session
        if canvas:
            self._own_size = session.width, session.height
            session.keeps_size = True
            self._show()
        elif session.keeps_size:
            session.keeps_size = False
            session.width, session.height = self._own_size
            session.fit_model()

    def _show(self) -> None:
        snapshot, session = self._easel.snapshot, self._session
        if not self._easel.active or snapshot is None:
            return
        self._sizing = True
        session.width, session.height = snapshot.frame.width(), snapshot.frame.height()
        self._sizing = False
        self._look_soon.start()

    def _session_changed(self, name: str) -> None:
        if name in ("width", "height") and self._easel.active and not self._sizing:
            self.resize(self._session.width, self._session.height)

    def _take_model(self, model: Model | None) -> None:
        if model:
            self._easel.snap = model.family.size_step

    def _look(self) -> None:
        from desktop.studio.scene import facts_of

        if self._easel.at_work:
            self._look_soon.start()
        elif snapshot := self._easel.snapshot:
            self._errands.send(partial(facts_of, snapshot), self._looked)

    def _looked(self, facts: Facts) -> None:
        self._easel.facts = facts
