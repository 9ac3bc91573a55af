"""ModelsPage: what is looked for on top, kinds to the left, model files in the middle, details to the right."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from PySide6.QtCore import QEvent, QItemSelection, QItemSelectionModel, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from desktop.studio.observable import watch
from desktop.studio.sifting import SORTS, Wanted
from desktop.studio.stock import Stock
from desktop.ui.models import words
from desktop.ui.models.cell import ModelCell
from desktop.ui.models.details import ModelDetails
from desktop.ui.models.kinds import KindList
from desktop.ui.models.model import StockModel
from desktop.ui.widgets.buttons import ActionButton, Toggle, tell_keys
from desktop.ui.widgets.choice import ChoiceBox
from desktop.ui.widgets.grid import GridView
from desktop.ui.widgets.search import SearchField

CELL = 152  # about a card's width
SIDES = (192, 256, 384, 512)  # pixels of the pictures on the cards
BUTTONS = ("find_models", "get_model", "add_model_folder", "look_again", "unload_models")


class ModelsPage(QWidget):
    """Bound to a stock. `menu_wanted` comes with the right button."""

    menu_wanted = Signal(QPoint)  # where on the screen

    def __init__(self, stock: Stock, actions: Mapping[str, QAction], parent: QWidget | None = None):
        super().__init__(parent)
        self._stock, self._actions = stock, actions
        self.model = StockModel(stock, self)
        self.grid = GridView(CELL, self, ModelCell.foot(self), ModelCell.least(self))
        self.grid.setModel(self.model)
        self._cell = ModelCell(self.grid)
        self.grid.setItemDelegate(self._cell)
        self.grid.setDragDropMode(QAbstractItemView.DragDropMode.NoDragDrop)
        self.grid.setAccessibleName("Models")
        self.grid.setProperty("bare", True)
        self.grid.installEventFilter(self)
        self.kinds = KindList(stock, self)
        self.details = ModelDetails(stock, actions, self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(self._head())
        layout.addLayout(self._filters())
        layout.addWidget(self._middle(), 1)
        self._connect()

    # ------------------------------------------------------------ building

    def _head(self) -> QHBoxLayout:
        words = "Search names, trigger words, tags and folders"
        tip = "All the words must be found; Enter goes down to what was found."
        self.search = SearchField("Search models", words, tip, self)
        row = _row(self.search)
        row.setStretch(0, 1)
        for name in BUTTONS:
            row.addWidget(ActionButton(self._actions[name], self))
        return row

    def _filters(self) -> QHBoxLayout:
        self.family = self._box("Family", "Only what goes with that family of models.")
        self.tag = self._box("Tag", "Only what you have given that tag.")
        self.favourites = Toggle("star-on", "star", "Favourites", "Only favourites.", self)
        self.problems = Toggle("warning", "warning", "Problems", "Only files that cannot be used as they are.", self)
        self.sort = self._box("Order", "What comes first.")
        self.sort.offer((name, row[0]) for name, row in SORTS.items())
        self._count = QLabel(self)
        self._count.setProperty("muted", True)
        row = _row(self.family, self.tag, self.favourites, self.problems, self.sort)
        row.addStretch(1)
        row.addWidget(self._count)
        return row

    def _box(self, name: str, tip: str) -> ChoiceBox:
        box = ChoiceBox(self)
        box.setAccessibleName(name)
        box.setToolTip(tip)
        return box

    def _middle(self) -> QSplitter:
        self._pages = QStackedWidget(self)
        self._pages.addWidget(self.grid)
        self._pages.addWidget(self._nothing())
        middle = QWidget(self)
        layout = QVBoxLayout(middle)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._invitation())
        layout.addWidget(self._pages, 1)
        splitter = QSplitter(Qt.Orientation.Horizontal, self)
        for widget in (self.kinds, middle, self.details):
            splitter.addWidget(widget)
        splitter.setStretchFactor(1, 1)
        splitter.setSizes([self.kinds.sizeHint().width(), 800, self.details.sizeHint().width()])
        return splitter

    def _invitation(self) -> QWidget:
        """While there is only the built-in model."""
        self.invitation = QWidget(self)
        text = QLabel(
            "Only the built-in model is here so far. Those of other programs can be used where they lie.",
            self.invitation,
        )
        text.setProperty("muted", True)
        text.setWordWrap(True)
        row = QHBoxLayout(self.invitation)
        row.setContentsMargins(8, 8, 8, 8)
        row.setSpacing(8)
        row.addWidget(text, 1)
        for name in ("find_models", "get_model"):
            row.addWidget(self._action_button(name))
        return self.invitation

    def _action_button(self, name: str) -> QPushButton:
        action = self._actions[name]
        button = QPushButton(action.icon(), action.text().rstrip("…"), self)
        tell_keys(button, action)
        button.clicked.connect(action.trigger)
        return button

    def _nothing(self) -> QWidget:
        page = QWidget(self)
        why = QLabel("Nothing fits. Leave out a word or a filter.", page)
        why.setProperty("muted", True)
        why.setAlignment(Qt.AlignmentFlag.AlignCenter)
        everything = QPushButton("Show everything", page)
        everything.setToolTip("Clears the search and all filters.")
        everything.clicked.connect(self._stock.widen)
        layout = QVBoxLayout(page)
        layout.setSpacing(16)
        layout.addStretch(1)
        layout.addWidget(why)
        layout.addWidget(everything, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(1)
        return page

    def _connect(self) -> None:
        stock = self._stock
        self.search.searched.connect(lambda text: stock.narrow(text=text))
        self.search.left.connect(self.grid.setFocus)
        for name in ("family", "tag", "favourites", "problems", "sort"):
            getattr(self, name).edited.connect(lambda value, name=name: stock.narrow(**{name: value}))
        self.grid.looked_at.connect(self._look)
        self.grid.selectionModel().selectionChanged.connect(self._choose)
        self.grid.activated.connect(lambda _: self._actions["use_model"].trigger())
        self.grid.customContextMenuRequested.connect(lambda at: self.menu_wanted.emit(self.grid.mapToGlobal(at)))
        self._cell.starred.connect(lambda item: stock.note([item], favourite=not item.mark.favourite))
        self.model.modelReset.connect(self._choose_again)
        for name in ("items", "tags"):
            watch(stock, name, lambda _: self._offer(), self)
        for name in ("found", "is_known", "is_looking"):
            watch(stock, name, lambda _: self._show_count(), self)
        watch(stock, "wanted", self._show_wanted, self)
        watch(stock, "chosen", lambda _: self._choose_again(), self)

    # ------------------------------------------------------------ what is shown

    def _look(self, rows: list[int]) -> None:
        """With the smallest pictures that suffice for the cards on this screen."""
        pixels = self.grid.wall.side * self.devicePixelRatioF()
        self.model.want(rows, next((side for side in SIDES if side >= pixels), SIDES[-1]))

    def _offer(self) -> None:
        """The families and tags that there are."""
        families = {item.entry.family for item in self._stock.items} - {""}
        named = sorted(((name, words.family(name)) for name in families), key=lambda pair: pair[1].casefold())
        self.family.offer([("", "Any family"), *named])
        self.tag.offer([("", "Any tag"), *((tag, tag) for tag in self._stock.tags)])

    def _show_count(self) -> None:
        stock = self._stock
        count = len(stock.found)
        found = words.many(count) if count else "Nothing" if stock.is_known else ""
        self._count.setText("Looking…" if stock.is_looking and not stock.is_known else found)
        self._pages.setCurrentIndex(0 if count or not stock.is_known else 1)
        self.invitation.setVisible(stock.is_known and len(stock.items) <= 1)

    def _show_wanted(self, wanted: Wanted) -> None:
        self.search.show_text(wanted.text)
        for name in ("family", "tag", "favourites", "problems", "sort"):
            getattr(self, name).content = getattr(wanted, name)

    # ------------------------------------------------------------ what is chosen

    def _choose(self) -> None:
        self._stock.choose(self._selected())

    def _selected(self) -> list[Path]:
        return [self.model.item(index).entry.path for index in self.grid.selectionModel().selectedIndexes()]

    def _choose_again(self) -> None:
        """Whatever becomes of the list, and whoever chooses."""
        chosen = {item.entry.path for item in self._stock.chosen}
        if chosen == set(self._selected()):
            return
        rows = [row for row in range(self.model.rowCount()) if self.model.path(row) in chosen]
        selection = QItemSelection()
        for row in rows:
            selection.select(self.model.index(row), self.model.index(row))
        how = QItemSelectionModel.SelectionFlag
        if rows and self.grid.currentIndex().row() not in rows:
            self.grid.selectionModel().setCurrentIndex(self.model.index(rows[0]), how.NoUpdate)
            self.grid.scrollTo(self.model.index(rows[0]))
        self.grid.selectionModel().select(selection, how.ClearAndSelect)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """In what was found Enter uses one, Delete throws away what is chosen, S gives it a star."""
        if not isinstance(event, QKeyEvent) or event.type() not in (QEvent.Type.KeyPress, QEvent.Type.ShortcutOverride):
            return False
        if watched is self.grid and (deed := self._deed(event)):
            event.accept()
            if event.type() == QEvent.Type.KeyPress:
                deed()
            return True
        return False

    def _deed(self, event: QKeyEvent) -> Callable[[], object] | None:
        names = {
            Qt.Key.Key_Return: "use_model",
            Qt.Key.Key_Enter: "use_model",
            Qt.Key.Key_Delete: "delete_model",
            Qt.Key.Key_S: "favourite_model",
        }
        name = None if event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier else names.get(Qt.Key(event.key()))
        return self._actions[name].trigger if name else None


def _row(*widgets: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setContentsMargins(8, 0, 8, 0)
    row.setSpacing(6)
    for widget in widgets:
        row.addWidget(widget)
    return row
