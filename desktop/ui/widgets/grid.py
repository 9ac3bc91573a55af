"""GridView: a wall of equal cells. Qt's own lists lay out all rows at every change, which takes long for 100 000."""

from __future__ import annotations

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

from desktop.ui.widgets.wall import GAP, Wall

Index = QModelIndex | QPersistentModelIndex
AHEAD = 1  # lines above and below what is seen that are made ready


class GridView(QAbstractItemView):
    """`looked_at(rows)` tells what is seen, and what may come next."""

    looked_at = Signal(object)  # list of rows

    def __init__(self, cell: int, parent: QWidget | None = None, foot: int = 0, least: int = 0):
        super().__init__(parent)
        self.wall = Wall(cell, foot, least)
        self._looking = QTimer(self, singleShot=True, interval=0)
        self._looking.timeout.connect(lambda: self.looked_at.emit(list(self.wall.seen(AHEAD))))
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setMouseTracking(True)
        self.setTabKeyNavigation(False)

    @property
    def cell(self) -> int:
        """About a cell's side: the columns fill the width."""
        return self.wall.cell

    @cell.setter
    def cell(self, side: int) -> None:
        """What stands first stays there."""
        first = next(self.wall.seen(), 0)
        self.wall.cell = side
        self.updateGeometries()
        self.verticalScrollBar().setValue(first // self.wall.columns * self.wall.line)
        self.viewport().update()

    # ------------------------------------------------------------ what Qt asks of a view

    def visualRect(self, index: Index) -> QRect:
        return self.wall.place(index.row()) if index.isValid() else QRect()

    def indexAt(self, point: QPoint) -> QModelIndex:
        row = self.wall.row_at(point)
        return self.model().index(row, 0) if row >= 0 else QModelIndex()

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
        columns, count = self.wall.columns, self.wall.count
        page = max(1, self.viewport().height() // self.wall.line) * columns
        steps = {
            move.MoveLeft: -1,
            move.MovePrevious: -1,
            move.MoveRight: 1,
            move.MoveNext: 1,
            move.MoveUp: -columns,
            move.MoveDown: columns,
            move.MovePageUp: -page,
            move.MovePageDown: page,
            move.MoveHome: -count,
            move.MoveEnd: count,
        }
        now = self.currentIndex()
        wanted = now.row() + steps[action] if now.isValid() else 0
        if action in (move.MoveUp, move.MoveDown) and not 0 <= wanted < count:
            return now
        return self.model().index(min(max(wanted, 0), count - 1), 0)

    def setSelection(self, rect: QRect, command: QItemSelectionModel.SelectionFlag) -> None:
        """A rubber band takes what it touches; Shift all from one to the other."""
        if self.wall.count:
            is_band = self.state() == QAbstractItemView.State.DragSelectingState
            self.selectionModel().select(self._touched(rect) if is_band else self._between(rect), command)

    def visualRegionForSelection(self, selection: QItemSelection) -> QRegion:
        return QRegion(self.viewport().rect())

    def reset(self) -> None:
        super().reset()
        self.updateGeometries()

    def rowsInserted(self, parent: Index, start: int, end: int) -> None:
        super().rowsInserted(parent, start, end)
        self.updateGeometries()
        self.viewport().update()

    def updateGeometries(self) -> None:
        model = self.model()
        self.wall.view, self.wall.count = self.viewport().size(), model.rowCount() if model else 0
        bar = self.verticalScrollBar()
        bar.setPageStep(self.viewport().height())
        bar.setSingleStep(self.wall.line // 3)
        bar.setRange(0, max(0, self.wall.height - self.viewport().height()))
        self.wall.offset = bar.value()
        super().updateGeometries()

    def _between(self, rect: QRect) -> QItemSelection:
        if rect.width() <= 1 and rect.height() <= 1:
            index = self.indexAt(rect.topLeft())
            return QItemSelection(index, index) if index.isValid() else QItemSelection()
        rows = sorted((self.wall.row_near(rect.topLeft()), self.wall.row_near(rect.bottomRight())))
        return QItemSelection(self.model().index(rows[0], 0), self.model().index(rows[1], 0))

    def _touched(self, rect: QRect) -> QItemSelection:
        found = QItemSelection()
        for first, last in self.wall.touched(rect.normalized()):
            if first <= last:
                found.select(self.model().index(first, 0), self.model().index(last, 0))
        return found

    # ------------------------------------------------------------ painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        option = QStyleOptionViewItem()
        self.initViewItemOption(option)
        pointed = self.indexAt(self.viewport().mapFromGlobal(self.cursor().pos())).row()
        for row in self.wall.seen():
            place = self.wall.place(row)
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
        self.wall.offset = self.verticalOffset()
        self.viewport().scroll(0, dy)
        self._looking.start()
