"""ResultsStrip: the newest pictures, to flip through, compare, save, and drag to other programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QItemSelectionModel,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    QUrl,
    Signal,
)
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLabel,
    QListView,
    QStackedLayout,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from desktop.models.samplers import SAMPLERS
from desktop.studio.observable import watch
from desktop.studio.results import Result, Results
from desktop.studio.stage import Stage
from desktop.ui import theme
from desktop.ui.widgets.images import to_image
from desktop.ui.widgets.tips import plain

CELL = 96  # pixels
Index = QModelIndex | QPersistentModelIndex


class ResultsModel(QAbstractListModel):
    """The results as rows, each with its thumbnail and a few words."""

    def __init__(self, results: Results, parent: QObject | None = None):
        super().__init__(parent)
        self._results = results
        self._shown: list[Result] = []
        self._pixmaps: dict[Result, QPixmap] = {}
        results.changed.connect(self._refresh)
        self._refresh()

    def result(self, index: Index) -> Result:
        return self._shown[index.row()]

    def index_of(self, result: Result | None) -> QModelIndex:
        return self.index(self._shown.index(result)) if result in self._shown else QModelIndex()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self._shown)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        result = self.result(index)
        if role == Qt.ItemDataRole.DecorationRole:
            return self._pixmap(result)
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return plain(in_words(result)) if role == Qt.ItemDataRole.ToolTipRole else in_words(result)
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        return super().flags(index) | Qt.ItemFlag.ItemIsDragEnabled

    def mimeTypes(self) -> list[str]:
        return ["text/uri-list"]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        mime = QMimeData()
        files = [result.file for result in map(self.result, indexes) if result.file]
        mime.setUrls([QUrl.fromLocalFile(str(file)) for file in files])
        return mime

    def _pixmap(self, result: Result) -> QPixmap:
        if result not in self._pixmaps:
            assert result.thumbnail  # all in the strip have one
            self._pixmaps[result] = QPixmap.fromImage(to_image(result.thumbnail))
        return self._pixmaps[result]

    def _refresh(self) -> None:
        """Rows that stay keep their selection; new ones come in where they belong."""
        wanted = self._results.all
        for row in reversed(range(len(self._shown))):
            if self._shown[row] not in wanted:
                self.beginRemoveRows(QModelIndex(), row, row)
                self._pixmaps.pop(self._shown.pop(row), None)
                self.endRemoveRows()
        for row, result in enumerate(wanted):
            if row == len(self._shown) or self._shown[row] is not result:
                self.beginInsertRows(QModelIndex(), row, row)
                self._shown.insert(row, result)
                self.endInsertRows()


def in_words(result: Result) -> str:
    if not result.said.recipe:
        return "Pictures side by side"
    recipe = result.recipe
    prompt = recipe.prompt if len(recipe.prompt) <= 160 else f"{recipe.prompt[:160]}…"
    sampler = SAMPLERS[recipe.sampler].name
    facts = f"{recipe.width} × {recipe.height}, {recipe.steps} steps, {sampler}, seed {recipe.seed}"
    return "\n".join([prompt, facts, str(result.said.made.get("model", ""))])


class ResultsStrip(QWidget):
    """Bound to a stage: what is chosen here is seen there. The arrow keys flip; two chosen can be compared."""

    menu_wanted = Signal(QPoint)
    activated = Signal(object)  # Result: double click or Enter

    def __init__(self, results: Results, stage: Stage, parent: QWidget | None = None):
        super().__init__(parent)
        self._stage = stage
        self.model = ResultsModel(results, self)
        self.list = _List(self)
        self.list.setModel(self.model)
        self.list.setItemDelegate(_Cell(self.list))
        self.list.selectionModel().currentChanged.connect(self._current_changed)
        self.list.activated.connect(lambda index: self.activated.emit(self.model.result(index)))
        self.list.customContextMenuRequested.connect(lambda at: self.menu_wanted.emit(self.list.mapToGlobal(at)))
        empty = QLabel("Pictures that you make appear here.", self)
        empty.setProperty("muted", True)
        empty.setWordWrap(True)
        empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        empty.setMargin(theme.GRID * 2)
        self._pages = QStackedLayout(self)
        self._pages.setContentsMargins(0, 0, 0, 0)
        self._pages.addWidget(empty)
        self._pages.addWidget(self.list)
        self._follows = False
        results.changed.connect(self._show_page)
        watch(stage, "result", self._stage_shows, self)
        self._show_page()
        self.setMinimumWidth(CELL + 4 * theme.GRID)

    @property
    def selected(self) -> list[Result]:
        """The chosen ones, as they stand in the strip; the one that is seen if none is."""
        rows = sorted(self.list.selectionModel().selectedIndexes(), key=lambda index: index.row())
        chosen = [self.model.result(index) for index in rows]
        return chosen or [result for result in [self._stage.result] if result]

    def sizeHint(self) -> QSize:
        return QSize(CELL * 2 + 6 * theme.GRID, 300)

    def _show_page(self) -> None:
        self._pages.setCurrentIndex(1 if self.model.rowCount() else 0)
        self._stage_shows(self._stage.result)

    def _current_changed(self, index: QModelIndex) -> None:
        if index.isValid() and not self._follows:
            self._stage.show(self.model.result(index))

    def _stage_shows(self, result: Result | None) -> None:
        """The strip follows the stage."""
        index = self.model.index_of(result)
        if index == self.list.currentIndex():
            return
        self._follows = True
        if index.isValid():
            how = QItemSelectionModel.SelectionFlag.ClearAndSelect
            self.list.selectionModel().setCurrentIndex(index, how)
            self.list.scrollTo(index)
        else:
            self.list.selectionModel().clear()
        self._follows = False


class _List(QListView):
    """A wall of thumbnails."""

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMovement(QListView.Movement.Static)
        self.setUniformItemSizes(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setProperty("bare", True)
        self.setViewportMargins(theme.GRID, 0, 0, 0)
        self.setTabKeyNavigation(False)
        self.setAccessibleName("Results")


class _Cell(QStyledItemDelegate):
    """A thumbnail in its square, with a frame where it is chosen."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(CELL + theme.GRID, CELL + theme.GRID)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        colors = theme.current()
        state, cell = option.state, option.rect  # pyright: ignore[reportAttributeAccessIssue]
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        pixmap: QPixmap = index.data(Qt.ItemDataRole.DecorationRole)
        place = QRect(QPoint(), pixmap.size().scaled(CELL, CELL, Qt.AspectRatioMode.KeepAspectRatio))
        place.moveCenter(cell.center())
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawPixmap(place, pixmap)
        if chosen or state & QStyle.StateFlag.State_MouseOver:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(colors.accent if chosen else colors.muted), 2))
            painter.drawRoundedRect(place.adjusted(-2, -2, 2, 2), 4, 4)
        painter.restore()
