"""QueueLine: what runs and what waits, in one line."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QAction, QColor, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from desktop.studio.queue import Entry, Queue
from desktop.ui import theme
from desktop.ui.queue import words
from desktop.ui.widgets.buttons import ActionButton


class QueueLine(QWidget):
    """Bound to a queue."""

    def __init__(self, queue: Queue, actions: Mapping[str, QAction], parent: QWidget | None = None):
        super().__init__(parent)
        self._queue = queue
        self._state = QLabel(self)
        self._state.setMinimumWidth(170)
        self._bar = _Bar(self)
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


class _Bar(QWidget):
    """How far the running job is."""

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self._share = 0.0
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    @property
    def share(self) -> float:
        return self._share

    @share.setter
    def share(self, share: float) -> None:
        self._share = share
        self.setAccessibleName(f"Progress {share:.0%}")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(240, 6)

    def paintEvent(self, event: QPaintEvent) -> None:
        colors = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        whole = QPainterPath()
        whole.addRoundedRect(QRectF(self.rect()), 3, 3)
        painter.fillPath(whole, QColor(colors.line))
        painter.setClipPath(whole)
        painter.fillRect(QRectF(0, 0, self.width() * self._share, self.height()), QColor(colors.accent))
