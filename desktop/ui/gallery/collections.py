"""CollectionList: all pictures, the trash, and people's own collections, which take pictures by drag."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QListWidget, QListWidgetItem, QMenu, QVBoxLayout, QWidget

from desktop.library.marks import LONGEST
from desktop.library.query import Query
from desktop.studio.curator import Curator
from desktop.studio.gallery import Gallery
from desktop.studio.observable import watch
from desktop.ui.gallery.model import MIME
from desktop.ui.icons import icon
from desktop.ui.widgets.buttons import SIZE, IconButton

WIDTH = 176
NAME = Qt.ItemDataRole.UserRole
ALL, TRASH = object(), object()


class CollectionList(QWidget):
    """Bound to a gallery: what is chosen here is what is looked through."""

    def __init__(self, gallery: Gallery, curator: Curator, parent: QWidget | None = None):
        super().__init__(parent)
        self._gallery, self._curator = gallery, curator
        self.list = _List(curator, self)
        self.list.itemClicked.connect(lambda item: self._look_through(item.data(NAME)))
        self.list.currentItemChanged.connect(self._moved)
        self.list.customContextMenuRequested.connect(self._open_menu)
        self.name = QLineEdit(self)
        self.name.setPlaceholderText("New collection")
        self.name.setAccessibleName("New collection")
        self.name.setToolTip("Enter makes it, with the chosen pictures in it.")
        self.name.setMaxLength(LONGEST)
        self.name.returnPressed.connect(self._make)
        add = IconButton("plus", "Make the collection", "Makes it, with the chosen pictures in it.", self._make, self)
        title = QLabel("Collections", self)
        title.setProperty("heading", True)
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addWidget(self.name, 1)
        row.addWidget(add)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.setSpacing(6)
        layout.addWidget(title)
        layout.addWidget(self.list, 1)
        layout.addLayout(row)
        watch(gallery, "collections", self._fill, self)
        watch(gallery, "query", self._show, self)

    def sizeHint(self) -> QSize:
        return QSize(WIDTH, 300)

    def _fill(self, rows: tuple[tuple[str, int], ...]) -> None:
        self.list.blockSignals(True)
        self.list.clear()
        for words, name, drawing in (
            ("All pictures", ALL, "picture"),
            ("Trash", TRASH, "trash"),
            *((f"{name}   {count}", name, "layers") for name, count in rows),
        ):
            item = QListWidgetItem(icon(drawing), words)
            item.setData(NAME, name)
            item.setToolTip(words)
            self.list.addItem(item)
        self.list.blockSignals(False)
        self._show(self._gallery.query)

    def _show(self, query: Query) -> None:
        wanted = TRASH if query.trashed else query.collection or ALL
        items = (self.list.item(row) for row in range(self.list.count()))
        self.list.blockSignals(True)
        self.list.setCurrentItem(next((item for item in items if item.data(NAME) == wanted), self.list.item(0)))
        self.list.blockSignals(False)

    def _moved(self, item: QListWidgetItem | None) -> None:
        if item and self.list.hasFocus():  # by the arrow keys
            self._look_through(item.data(NAME))

    def _look_through(self, name: object) -> None:
        self._gallery.narrow(trashed=name is TRASH, collection=name if isinstance(name, str) else "")

    def _make(self) -> None:
        name = " ".join(self.name.text().split())
        if name:
            self._curator.collect(name)
            self.name.clear()

    def _open_menu(self, at: QPoint) -> None:
        item = self.list.itemAt(at)
        if item is None or not isinstance(name := item.data(NAME), str):
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(icon("rename"), "Rename").triggered.connect(partial(self._rename, item, name))
        dissolve = menu.addAction(icon("trash"), "Dissolve: its pictures stay")
        dissolve.triggered.connect(lambda: self._curator.change_collections(lambda marks: marks.dissolve(name)))
        menu.popup(self.list.mapToGlobal(at))

    def _rename(self, item: QListWidgetItem, name: str) -> None:
        """In its place."""
        field = QLineEdit(name, self.list)
        field.setMaxLength(LONGEST)
        field.setAccessibleName("Name of the collection")

        def done() -> None:
            new = " ".join(field.text().split())
            field.deleteLater()
            if new and new != name:
                self._curator.change_collections(lambda marks: marks.rename(name, new))

        self.list.setItemWidget(item, field)
        field.selectAll()
        field.setFocus()
        field.editingFinished.connect(done)


class _List(QListWidget):
    """Takes pictures that are dropped on a collection."""

    def __init__(self, curator: Curator, parent: QWidget):
        super().__init__(parent)
        self._curator = curator
        self.setDragDropMode(QListWidget.DragDropMode.DropOnly)
        self.setIconSize(SIZE)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setAccessibleName("Collections")
        for name in ("bare", "rows"):
            self.setProperty(name, True)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasFormat(MIME):
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        if self._name_at(event.position().toPoint()):
            event.acceptProposedAction()
        else:
            event.ignore()

    def dropEvent(self, event: QDropEvent) -> None:
        ids = [int(id) for id in bytes(event.mimeData().data(MIME).data()).decode().split(",")]
        if name := self._name_at(event.position().toPoint()):
            self._curator.collect(name, ids)
            event.acceptProposedAction()

    def _name_at(self, point: QPoint) -> str | None:
        item = self.itemAt(point)
        name = item.data(NAME) if item else None
        return name if isinstance(name, str) else None
