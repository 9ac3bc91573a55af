"""Wall: where the cells of a grid are. Geometry only."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QPoint, QRect, QSize

GAP = 8  # between cells


class Wall:
    """So many equal cells of about `cell` a side: the columns fill the width of the `view`, lines follow below.

    `foot`: how much higher than wide they are. `least`: they are never narrower, as long as there is room for one.
    """

    def __init__(self, cell: int, foot: int = 0, least: int = 0):
        self.cell, self.foot, self.least = cell, foot, least
        self.view = QSize()
        self.count = 0
        self.offset = 0  # how far it is scrolled

    @property
    def columns(self) -> int:
        width = self.view.width() - GAP
        return max(1, min(round(width / (self.cell + GAP)), width // (self.least + GAP)))

    @property
    def pitch(self) -> int:
        """From a cell to the next."""
        return max(GAP + 1, (self.view.width() - GAP) // self.columns)

    @property
    def line(self) -> int:
        """From a line to the next."""
        return self.pitch + self.foot

    @property
    def side(self) -> int:
        return self.pitch - GAP

    @property
    def height(self) -> int:
        """Of all lines."""
        lines = -(-self.count // self.columns)
        return GAP + lines * self.line

    def place(self, row: int) -> QRect:
        """In the view."""
        line, column = divmod(row, self.columns)
        left, top = GAP + column * self.pitch, GAP + line * self.line - self.offset
        return QRect(left, top, self.side, self.side + self.foot)

    def row_near(self, point: QPoint) -> int:
        """Also outside of what is seen; -1 where there is none."""
        column = min(max(point.x() // self.pitch, 0), self.columns - 1)
        line = max((point.y() + self.offset) // self.line, 0)
        return min(line * self.columns + column, self.count - 1)

    def row_at(self, point: QPoint) -> int:
        """-1 where there is none."""
        row = self.row_near(point)
        return row if row >= 0 and self.place(row).contains(point) else -1

    def seen(self, more: int = 0) -> Iterator[int]:
        """Rows in sight, then those of so many lines around."""
        first = max(0, self.offset // self.line)
        last = (self.offset + self.view.height()) // self.line
        around = [*range(last + 1, last + 1 + more), *range(max(0, first - more), first)]
        for line in (*range(first, last + 1), *around):
            yield from range(line * self.columns, min((line + 1) * self.columns, self.count))

    def touched(self, rect: QRect) -> Iterator[tuple[int, int]]:
        """The first and the last row of each line that a rectangle touches."""
        first, last = self.row_near(rect.topLeft()), self.row_near(rect.bottomRight())
        begin, end = rect.left() // self.pitch, min(rect.right() // self.pitch, self.columns - 1)
        for line in range(first // self.columns, last // self.columns + 1):
            yield line * self.columns + max(begin, 0), min(line * self.columns + end, self.count - 1)
