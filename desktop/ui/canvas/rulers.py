"""Rulers: pixels of the canvas along the upper and the left edge of the view."""

from __future__ import annotations

from math import ceil, floor, log10

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from desktop.ui import theme
from desktop.ui.canvas.lens import Lens

WIDTH = 20  # units
ROOM = 64  # units at least from one number to the next
PARTS = 5  # lines from one number to the next


def paint(painter: QPainter, lens: Lens) -> None:
    """Over the view; on a turned canvas there is nothing to measure along its edges."""
    if lens.angle:
        return
    colors = theme.current()
    step = _round_number(ROOM / lens.scale)
    origin = lens.to_view.map(QPointF())
    painter.save()
    font = painter.font()
    font.setPixelSize(10)
    painter.setFont(font)
    painter.setPen(QColor(colors.muted))
    for is_upright, length, begin in (
        (False, lens.view.width(), origin.x()),
        (True, lens.view.height(), origin.y()),
    ):
        painter.save()
        if is_upright:  # as the other one, turned and mirrored
            painter.rotate(90)
            painter.scale(1, -1)
        painter.fillRect(QRectF(0, 0, length, WIDTH), QColor(colors.panel))
        _paint_one(painter, length, begin, step, lens.scale, is_upright)
        painter.restore()
    painter.fillRect(QRectF(0, 0, WIDTH, WIDTH), QColor(colors.panel))
    painter.restore()


def _paint_one(painter: QPainter, length: float, begin: float, step: float, scale: float, mirrored: bool) -> None:
    small = step / PARTS
    for number in range(ceil((WIDTH - begin) / scale / small), floor((length - begin) / scale / small) + 1):
        place = begin + number * small * scale
        whole = number % PARTS == 0
        painter.drawLine(round(place), WIDTH - (8 if whole else 4), round(place), WIDTH - 1)
        if whole:
            painter.save()
            painter.translate(place + 3, WIDTH / 2 - 2)
            if mirrored:
                painter.scale(1, -1)
            box = QRectF(0, -8, ROOM, 16)
            painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, f"{number * small:g}")
            painter.restore()


def _round_number(least: float) -> float:
    """The next of 5, 10, 25, 50, 100, 250 and so on: whole pixels also in its parts."""
    power = 10.0 ** floor(log10(max(least, 5)))
    return next(power * times for times in (1, 2.5, 5, 10) if power * times >= least and power * times % 5 == 0)
