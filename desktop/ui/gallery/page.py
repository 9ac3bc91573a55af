"""GalleryPage: what is looked for on top, collections to the left, pictures in the middle, details to the right."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QItemSelectionRange,
    QObject,
    QPoint,
    Qt,
    Signal,
)
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from desktop.library.marks import STARS
from desktop.library.query import SORTS
from desktop.library.thumbnails import SIDES
from desktop.studio.curator import Curator
from desktop.studio.gallery import Gallery
from desktop.studio.observable import watch
from desktop.ui.gallery import words
from desktop.ui.gallery.cell import Cell
from desktop.ui.gallery.collections import CollectionList
from desktop.ui.gallery.details import DetailsPanel
from desktop.ui.gallery.filters import FilterBar
from desktop.ui.gallery.model import GalleryModel
from desktop.ui.widgets.buttons import ActionButton, Toggle
from desktop.ui.widgets.choice import ChoiceBox
from desktop.ui.widgets.grid import GridView
from desktop.ui.widgets.search import SearchField

CELLS = {"small": 96, "medium": 168, "large": 320}  # sides of a cell
BUTTONS = ("view_full", "compare", "use_recipe", "export", "trash")


class GalleryPage(QWidget):
    """Bound to a gallery. `activated` comes with Enter or a double click, `menu_wanted` with the right button."""

    activated = Signal()
    menu_wanted = Signal(QPoint)  # where on the screen

    def __init__(
        self, gallery: Gallery, curator: Curator, actions: Mapping[str, QAction], parent: QWidget | None = None
    ):
        super().__init__(parent)
        self._gallery, self._curator, self._actions = gallery, curator, actions
        self._side = SIDES[1]  # of the thumbnails
        self.model = GalleryModel(gallery, self)
        self.grid = GridView(CELLS["medium"], self)
        self.grid.setModel(self.model)
        self.grid.setItemDelegate(Cell(self.grid))
        self.grid.setAccessibleName("Pictures")
        self.grid.setProperty("bare", True)
        self.grid.installEventFilter(self)
        self.details = DetailsPanel(gallery, curator, self)
        self.collections = CollectionList(gallery, curator, self)
        self.filters = FilterBar(gallery, self)
        self.filters.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(self._head())
        layout.addWidget(self.filters)
        layout.addWidget(self._middle(), 1)
        self._connect()

    # ------------------------------------------------------------ building

    def _head(self) -> QHBoxLayout:
        tip = "All the words must be found; Enter goes down to what was found."
        self.search = SearchField("Search", "Search prompts, models, LoRAs and tags", tip, self)
        self.filter_button = Toggle(
            "filter", "filter", "Filters", "Narrows by stars, model, task, date and more.", self
        )
        self.sort = ChoiceBox(self)
        self.sort.setAccessibleName("Order")
        self.sort.setToolTip("What comes first.")
        self.sort.offer((name, row[0]) for name, row in SORTS.items())
        self.cells = ChoiceBox(self)
        self.cells.setAccessibleName("Size of the thumbnails")
        self.cells.setToolTip("How large the pictures are shown here.")
        self.cells.offer((side, name.capitalize()) for name, side in CELLS.items())
        self.cells.content = self.grid.cell
        self._count = QLabel(self)
        self._count.setProperty("muted", True)
        self._count.setMinimumWidth(96)
        row = QHBoxLayout()
        row.setContentsMargins(8, 0, 8, 0)
        row.setSpacing(6)
        row.addWidget(self.search, 1)
        for widget in (self.filter_button, self.sort, self.cells, self._count):
            row.addWidget(widget)
        for name in BUTTONS:
            row.addWidget(ActionButton(self._actions[name], self))
        return row

    def _middle(self) -> QSplitter:
        self._pages = QStackedWidget(self)
        self._pages.addWidget(self.grid)
        self._pages.addWidget(self._empty())
        splitter = QSplitter(Qt.Orientation.Horizontal, self)
        splitter.setChildrenCollapsible(True)
        for widget in (self.collections, self._pages, self.details):
            splitter.addWidget(widget)
        splitter.setStretchFactor(1, 1)
        splitter.setSizes([self.collections.sizeHint().width(), 800, self.details.sizeHint().width()])
        return splitter

    def _empty(self) -> QWidget:
        page = QWidget(self)
        self._why = QLabel(page)
        self._why.setProperty("muted", True)
        self._why.setWordWrap(True)
        self._why.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._way_out = QPushButton(page)
        self._way_out.clicked.connect(self._leave_emptiness)
        layout = QVBoxLayout(page)
        layout.setSpacing(16)
        layout.addStretch(1)
        layout.addWidget(self._why)
        layout.addWidget(self._way_out, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(1)
        return page

    def _connect(self) -> None:
        gallery = self._gallery
        self.search.searched.connect(lambda text: gallery.narrow(text=text))
        self.search.left.connect(self.grid.setFocus)
        self.filter_button.edited.connect(self._show_filters)
        self.sort.edited.connect(lambda name: gallery.narrow(sort=name))
        self.cells.edited.connect(lambda cell: setattr(self.grid, "cell", cell))
        self.grid.looked_at.connect(self._look)
        self.grid.selectionModel().selectionChanged.connect(self._chose)
        self.grid.activated.connect(lambda _: self.activated.emit())
        self.grid.customContextMenuRequested.connect(lambda at: self.menu_wanted.emit(self.grid.mapToGlobal(at)))
        self.model.layoutChanged.connect(self.grid.viewport().update)
        self.model.modelReset.connect(self._choose_again)
        for name in ("found", "is_known"):
            watch(gallery, name, lambda _: self._show_count(), self)
        watch(gallery, "query", lambda _: self._show_query(), self)

    # ------------------------------------------------------------ what is shown

    def _look(self, rows: list[int]) -> None:
        """With the smallest thumbnails that suffice for the cells on this screen."""
        pixels = self.grid.wall.side * self.devicePixelRatioF()
        side = next((side for side in SIDES if side >= pixels), SIDES[-1])
        if side != self._side:
            self._side = side
            self.model.forget_thumbnails()
        self.model.want(rows, side)

    def _show_filters(self, on: bool) -> None:
        self.filters.setVisible(on)
        if on:
            self._gallery.look_for_choices()

    def _show_count(self) -> None:
        count = len(self._gallery.found)
        self._count.setText(words.many(count) if count else "Nothing" if self._gallery.is_known else "")
        self._pages.setCurrentIndex(0 if count or not self._gallery.is_known else 1)
        self._show_why()

    def _show_query(self) -> None:
        query = self._gallery.query
        self.search.show_text(query.text)
        self.sort.content = query.sort
        self._show_why()

    def _show_why(self) -> None:
        query = self._gallery.query
        if query.narrows:
            self._why.setText("Nothing fits. Leave out a word or a filter.")
            self._way_out.setText("Show everything")
        elif query.trashed:
            self._why.setText("The trash is empty.")
            self._way_out.setText("Back to all pictures")
        else:
            self._why.setText("Every picture that you make is kept here. Those of other programs can come in too.")
            self._way_out.setText("Import a folder…")

    def _leave_emptiness(self) -> None:
        query = self._gallery.query
        if query.narrows or query.trashed:
            self.search.clear()
            self._gallery.search(type(query)(sort=query.sort))
        else:
            self._actions["import"].trigger()

    # ------------------------------------------------------------ what is chosen

    def _chose(self) -> None:
        """In the order of the grid."""
        parts = sorted(self.grid.selectionModel().selection().toList(), key=lambda part: part.top())
        self._gallery.choose(id for part in parts for id in self.model.between(part.top(), part.bottom()))

    def _choose_again(self) -> None:
        """After the list has begun anew: those of the chosen that are still there."""
        ranges = self.model.ranges(self._gallery.chosen)
        selection = QItemSelection()
        for first, last in ranges:
            selection.append(QItemSelectionRange(self.model.index(first, 0), self.model.index(last, 0)))
        how = QItemSelectionModel.SelectionFlag
        if ranges:
            self.grid.selectionModel().setCurrentIndex(self.model.index(ranges[0][0], 0), how.NoUpdate)
        self.grid.selectionModel().select(selection, how.ClearAndSelect)
        self._chose()

    def step(self, by: int) -> None:
        """To the picture so many places further on."""
        now = self.grid.currentIndex()
        row = min(max(now.row() + by if now.isValid() else 0, 0), self.model.rowCount() - 1)
        if row >= 0:
            how = QItemSelectionModel.SelectionFlag.ClearAndSelect
            self.grid.selectionModel().setCurrentIndex(self.model.index(row, 0), how)
            self.grid.scrollTo(self.model.index(row, 0))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """In what was found Enter looks at a picture, and numbers are stars."""
        if not isinstance(event, QKeyEvent) or event.type() not in (QEvent.Type.KeyPress, QEvent.Type.ShortcutOverride):
            return False
        if watched is self.grid and (deed := self._deed(event)):
            event.accept()
            if event.type() == QEvent.Type.KeyPress:
                deed()
            return True
        return False

    def _deed(self, event: QKeyEvent) -> Callable[[], object] | None:
        if event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            return None
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            return self.activated.emit
        if event.key() == Qt.Key.Key_Delete:
            return self._actions["trash"].trigger
        stars = event.key() - Qt.Key.Key_0.value
        return partial(self._curator.rate, stars) if stars in STARS else None
