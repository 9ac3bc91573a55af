"""ExtendButtons: at the frame's edges, while the frame is in the hand; each makes the frame larger to its side."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPoint, QPointF, QRect, QSize, Qt
from PySide6.QtWidgets import QToolButton

from desktop.models.sizes import rounded
from desktop.studio.easel import Easel
from desktop.studio.framing import Framing
from desktop.ui.canvas.view import CanvasView
from desktop.ui.icons import icon

SHARE = 4  # of the side that is added
SIDE = 24  # units
AWAY = 8  # units from the edge
SIDES = {"left": (-1, 0), "top": (0, -1), "right": (1, 0), "bottom": (0, 1)}


class ExtendButtons(QObject):
    """Four buttons over a view."""

    def __init__(self, framing: Framing, easel: Easel, view: CanvasView):
        super().__init__(view)
        self._framing, self._easel, self._view = framing, easel, view
        self.buttons = {name: self._button(name) for name in SIDES}
        view.zoomed.connect(self.arrange)
        easel.changed_inside.connect(self.arrange)
        easel.changed.connect(self.arrange)
        self.arrange()

    def arrange(self) -> None:
        snapshot = self._easel.snapshot
        shown = snapshot is not None and self._easel.tool == "frame" and not self._easel.at_work
        for name, button in self.buttons.items():
            button.setVisible(shown)
            if snapshot and shown:
                button.move(self._place(snapshot.frame, *SIDES[name]))

    def _button(self, name: str) -> QToolButton:
        button = QToolButton(self._view)
        button.setIcon(icon("plus"))
        button.setIconSize(QSize(14, 14))
        button.setFixedSize(SIDE, SIDE)
        button.setProperty("card", True)
        button.setCursor(Qt.CursorShape.ArrowCursor)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.setAccessibleName(f"Extend to the {name}")
        button.setToolTip(f"Makes the frame a quarter larger to the {name}: what is empty there will be made.")
        button.clicked.connect(lambda: self._extend(name))
        return button

    def _extend(self, name: str) -> None:
        if snapshot := self._easel.snapshot:
            frame = snapshot.frame
            side = frame.width() if name in ("left", "right") else frame.height()
            self._framing.extend(
                **{each: rounded(side / SHARE, self._easel.snap) if each == name else 0 for each in SIDES}
            )

    def _place(self, frame: QRect, x: int, y: int) -> QPoint:
        """Beside the middle of that edge; inside the view, as far as that goes."""
        middle = QPointF(frame.x() + frame.width() * (1 + x) / 2, frame.y() + frame.height() * (1 + y) / 2)
        at = self._view.lens.to_view.map(middle) + QPointF(x, y) * (SIDE / 2 + AWAY) - QPointF(SIDE, SIDE) / 2
        right, bottom = self._view.width() - SIDE, self._view.height() - SIDE
        return QPoint(round(min(max(at.x(), 0), right)), round(min(max(at.y(), 0), bottom)))
