"""QueueLine: what runs and what waits, in one line."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from desktop.studio.queue import Entry, Queue
from desktop.ui.queue import words
from desktop.ui.widgets.bar import Bar
from desktop.ui.widgets.buttons import ActionButton


class QueueLine(QWidget):
    """Bound to a queue."""

    def __init__(self, queue: Queue, actions: Mapping[str, QAction], parent: QWidget | None = None):
        super().__init__(parent)
        self._queue = queue
        self._state = QLabel(self)
        self._state.setMinimumWidth(170)
        self._bar = Bar(parent=self)
        self._left = QLabel(self)
        self._left.setProperty("muted", True)
        self._left.setMinimumWidth(80)
        self._waiting = QPushButton(self)
        self._waiting.setProperty("flat", True)
        self._waiting.setIcon(actions["show_queue"].icon())
        self._waiting.setAccessibleName("Show the queue")
        self._waiting.setToolTip("Shows what waits, to reorder, cancel or try again.")
        self._waiting.clicked.connect(actions["show_queue"].trigger)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 2, 8, 2)
        layout.setSpacing(8)
        for widget in (self._state, self._bar, self._left):
            layout.addWidget(widget)
        layout.addStretch(1)
        layout.addWidget(self._waiting)
        for name in ("pause", "cancel"):
            layout.addWidget(ActionButton(actions[name], self))
        queue.changed.connect(self._show)
        queue.progressed.connect(self._show)
        self._show()

    def _show(self, _: Entry | None = None) -> None:
        running = self._queue.running
        self._bar.setVisible(running is not None)
        self._bar.share = words.share(running) if running else 0.0
        self._left.setText(words.time_left(running) if running else "")
        self._state.setText(self._now(running))
        self._waiting.setText(self._rest())

    def _now(self, running: Entry | None) -> str:
        if running:
            text = words.state_of(running)
            return text[0].upper() + text[1:]
        return "Paused" if self._queue.paused and self._queue.waiting else "Ready"

    def _rest(self) -> str:
        waiting, failed = len(self._queue.waiting), len(self._queue.failed)
        parts = [f"{waiting} waiting" if waiting else "", f"{failed} failed" if failed else ""]
        return ", ".join(part for part in parts if part) or "Queue"
