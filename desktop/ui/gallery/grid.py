"""GridView: a wall of equal cells. Qt's own lists lay out all rows at every change, which takes long for 100 000."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QPainter, QPaintEvent, QRegion, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QStyle, QStyleOptionViewItem, QWidget

Index = QModelIndex | QPersistentModelIndex
GAP = 8  # between cells
AHEAD = 1  # lines above and below what is seen that are made ready


class GridView(QAbstractItemView):
    """`cell` is about a cell's side: the columns fill the width. `looked_at(rows)`: what is seen, or may be next."""

    looked_at = Signal(object)  # list of rows

    def __init__(self, cell: int, parent: QWidget | None = None):
        super().__init__(parent)
        self._cell = cell
        self._looking = QTimer(self, singleShot=True, interval=0)
        self._looking.timeout.connect(lambda: self.looked_at.emit(list(self._seen(AHEAD))))
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setMouseTracking(True)
        self.setTabKeyNavigation(False)

    @property
    def cell(self) -> int:
        return self._cell

    @cell.setter
    def cell(self, side: int) -> None:
        """What is in the middle stays there."""
        first = next(self._seen(), 0)
        self._cell = side
        self.updateGeometries()
        self.verticalScrollBar().setValue(first // self.columns * self._pitch)
        self.viewport().update()

    # ------------------------------------------------------------ geometry

    @property
    def columns(self) -> int:
        return max(1, round((self.viewport().width() - GAP) / (self._cell + GAP)))

    @property
    def side(self) -> int:
        """Of a cell, as it is now."""
        return max(1, self._pitch - GAP)

    @property
    def _pitch(self) -> int:
        return max(GAP + 1, (self.viewport().width() - GAP) // self.columns)

    @property
    def _count(self) -> int:
        model = self.model()
        return model.rowCount() if model else 0

    def _place(self, row: int) -> QRect:
        """In the viewport."""
        line, column = divmod(row, self.columns)
        return QRect(GAP + column * self._pitch, GAP + line * self._pitch - self.verticalOffset(), self.side, self.side)

    def _row_at(self, point: QPoint) -> int:
        """The nearest cell, also outside of what is seen."""
        column = min(max(point.x() // self._pitch, 0), self.columns - 1)
        line = max((point.y() + self.verticalOffset()) // self._pitch, 0)
        return min(line * self.columns + column, self._count - 1)

    def _seen(self, more: int = 0) -> Iterator[int]:
        """Rows in sight, then those of so many lines around."""
        first = max(0, self.verticalOffset() // self._pitch)
        last = (self.verticalOffset() + self.viewport().height()) // self._pitch
        around = [*range(last + 1, last + 1 + more), *range(max(0, first - more), first)]
        for line in (*range(first, last + 1), *around):
            yield from range(line * self.columns, min((line + 1) * self.columns, self._count))

    # ------------------------------------------------------------ what Qt asks of a view

    def visualRect(self, index: Index) -> QRect:
        return self._place(index.row()) if index.isValid() else QRect()

    def indexAt(self, point: QPoint) -> QModelIndex:
        row = self._row_at(point)
        return self.model().index(row, 0) if row >= 0 and self._place(row).contains(point) else QModelIndex()

    def scrollTo(
        self, index: Index, hint: QAbstractItemView.ScrollHint = QAbstractItemView.ScrollHint.EnsureVisible
    ) -> None:
        place, bar = self.visualRect(index), self.verticalScrollBar()
        if place.top() < GAP:
            bar.setValue(bar.value() + place.top() - GAP)
        elif place.bottom() > self.viewport().height() - GAP:
            bar.setValue(bar.value() + place.bottom() - self.viewport().height() + GAP)

    def horizontalOffset(self) -> int:
        return 0

    def verticalOffset(self) -> int:
        return self.verticalScrollBar().value()

    def isIndexHidden(self, index: Index) -> bool:
        return False

    def moveCursor(self, action: QAbstractItemView.CursorAction, keys: Qt.KeyboardModifier) -> QModelIndex:
        move = QAbstractItemView.CursorAction
        page = max(1, self.viewport().height() // self._pitch) * self.columns
        steps = {
            move.MoveLeft: -1,
            move.MovePrevious: -1,
            move.MoveRight: 1,
            move.MoveNext: 1,
            move.MoveUp: -self.columns,
            move.MoveDown: self.columns,
            move.MovePageUp: -page,
            move.MovePageDown: page,
            move.MoveHome: -self._count,
            move.MoveEnd: self._count,
        }
        now = self.currentIndex()
        wanted = now.row() + steps[action] if now.isValid() else 0
        if action in (move.MoveUp, move.MoveDown) and not 0 <= wanted < self._count:
            return now
        return self.model().index(min(max(wanted, 0), self._count - 1), 0)

    def setSelection(self, rect: QRect, command: QItemSelectionModel.SelectionFlag) -> None:
        """A rubber band takes what it touches; Shift all from one to the other."""
        if self._count:
            self.selectionModel().select(self._touched(rect) if self._is_band() else self._between(rect), command)

    def visualRegionForSelection(self, selection: QItemSelection) -> QRegion:
        return QRegion(self.viewport().rect())

    def updateGeometries(self) -> None:
        lines = -(-self._count // self.columns)
        bar = self.verticalScrollBar()
        bar.setPageStep(self.viewport().height())
        bar.setSingleStep(self._pitch // 3)
        bar.setRange(0, max(0, GAP + lines * self._pitch - self.viewport().height()))
        super().updateGeometries()

    def _is_band(self) -> bool:
        return self.state() == QAbstractItemView.State.DragSelectingState

    def _between(self, rect: QRect) -> QItemSelection:
        if rect.width() <= 1 and rect.height() <= 1:
            index = self.indexAt(rect.topLeft())
            return QItemSelection(index, index) if index.isValid() else QItemSelection()
        rows = sorted((self._row_at(rect.topLeft()), self._row_at(rect.bottomRight())))
        return QItemSelection(self.model().index(rows[0], 0), self.model().index(rows[1], 0))

    def _touched(self, rect: QRect) -> QItemSelection:
        found = QItemSelection()
        rect = rect.normalized()
        first, last = self._row_at(rect.topLeft()), self._row_at(rect.bottomRight())
        wide = last % self.columns - first % self.columns
        for begin in range(first, last + 1, self.columns):
            end = min(begin + wide, self._count - 1)
            found.select(self.model().index(begin, 0), self.model().index(end, 0))
        return found

    # ------------------------------------------------------------ painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        option = QStyleOptionViewItem()
        self.initViewItemOption(option)
        pointed = self.indexAt(self.viewport().mapFromGlobal(self.cursor().pos())).row()
        for row in self._seen():
            place = self._place(row)
            if event.region().intersects(place):
                self._paint_cell(painter, option, row, place, row == pointed)
        self._looking.start()

    def _paint_cell(self, painter: QPainter, option: QStyleOptionViewItem, row: int, place: QRect, hot: bool) -> None:
        index = self.model().index(row, 0)
        state = QStyle.StateFlag
        option.rect = place  # pyright: ignore[reportAttributeAccessIssue]
        option.state = state.State_Enabled  # pyright: ignore[reportAttributeAccessIssue]
        for flag, holds in (
            (state.State_Selected, self.selectionModel().isSelected(index)),
            (state.State_HasFocus, index == self.currentIndex() and self.hasFocus()),
            (state.State_MouseOver, hot and self.underMouse()),
        ):
            if holds:
                option.state |= flag  # pyright: ignore[reportAttributeAccessIssue]
        self.itemDelegateForIndex(index).paint(painter, option, index)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.updateGeometries()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        self.viewport().scroll(0, dy)
        self._looking.start()
