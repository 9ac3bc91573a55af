"""FindWindow: the models of other programs: where they are, to choose which folders are used."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from desktop.engine.api import Progress
from desktop.studio.chores import Chore, Chores
from desktop.studio.discovery import Discovery, Find
from desktop.studio.observable import watch
from desktop.ui.models.words import weight
from desktop.ui.widgets.bar import Bar
from desktop.ui.widgets.side_window import SideWindow
from desktop.ui.widgets.tips import plain

COLUMNS = ("Program", "Folder", "Files", "Size")
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
FOLDER = Qt.ItemDataRole.UserRole


class FindWindow(SideWindow):
    """Looks anew whenever it is opened. Only folders that are ticked are added, and nothing in them is touched."""

    def __init__(self, discovery: Discovery, chores: Chores, parent: QWidget):
        super().__init__("Find my models", parent)
        self._discovery, self._chores = discovery, chores
        self.title = QLabel(self)
        self.title.setProperty("heading", True)
        self.title.setWordWrap(True)
        self.bar = Bar(180, self)
        self.table = self._make_table()
        self.stop = QPushButton("Stop", self)
        self.stop.setToolTip("What has been found by then is shown.")
        self.stop.clicked.connect(discovery.stop)
        self.add = QPushButton("Add the ticked folders", self)
        self.add.setToolTip("Their models are listed from now on; nothing is copied or moved.")
        self.add.setProperty("primary", True)
        self.add.clicked.connect(self._add)
        foot = QHBoxLayout()
        foot.addWidget(self.bar)
        foot.addStretch(1)
        foot.addWidget(self.stop)
        foot.addWidget(self.add)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(12)
        layout.addWidget(self.title)
        layout.addWidget(self.table, 1)
        layout.addLayout(foot)
        watch(discovery, "finds", self._fill, self)
        watch(discovery, "chore", self._show, self)
        watch(chores, "progress", self._show_progress, self)

    def sizeHint(self) -> QSize:
        return QSize(760, 420)

    def open(self) -> None:
        self._discovery.look()
        super().open()
        self.table.setFocus()

    @property
    def ticked(self) -> list[Path]:
        rows = [self.table.item(row, 0) for row in range(self.table.rowCount())]
        return [Path(row.data(FOLDER)) for row in rows if row and row.checkState() is Qt.CheckState.Checked]

    def _make_table(self) -> QTableWidget:
        table = QTableWidget(0, len(COLUMNS), self)
        table.setHorizontalHeaderLabels(list(COLUMNS))
        table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        table.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        table.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        table.setShowGrid(False)
        table.setTabKeyNavigation(False)
        table.verticalHeader().hide()
        table.horizontalHeader().setMinimumSectionSize(72)
        for column in range(len(COLUMNS)):
            table.horizontalHeader().setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        table.horizontalHeader().setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        table.setAccessibleName("Folders of models")
        table.setToolTip("Space ticks a folder, or takes the tick away.")
        table.itemChanged.connect(lambda _: self._count())
        return table

    def _fill(self, finds: tuple[Find, ...]) -> None:
        self.table.setRowCount(len(finds))
        for row, find in enumerate(finds):
            for column, text in enumerate((find.tool, str(find.folder), str(find.count), weight(find.bytes))):
                item = QTableWidgetItem(text)
                item.setToolTip(plain(str(find.folder)))
                if column > 1:
                    item.setTextAlignment(RIGHT)
                self.table.setItem(row, column, item)
            self._add_box(row, find)
        self._count()

    def _add_box(self, row: int, find: Find) -> None:
        """One that is used already says so, and has no box."""
        item = self.table.item(row, 0)
        assert item
        if self._discovery.is_known(find.folder):
            item.setText(f"{find.tool}  (added)")
        else:
            item.setData(FOLDER, str(find.folder))
            item.setCheckState(Qt.CheckState.Checked)

    def _show(self, chore: Chore | None) -> None:
        self.bar.setVisible(chore is not None)
        self.stop.setVisible(chore is not None)
        self._count()

    def _show_progress(self, progress: Progress | None) -> None:
        if progress and self._discovery.chore and self._chores.present is self._discovery.chore:
            self.bar.share = progress.step / progress.steps
            self.title.setText(f"Looking for models of {progress.note}…")

    def _count(self) -> None:
        finds = self._discovery.finds
        self.add.setEnabled(bool(self.ticked))
        if self._discovery.chore:
            self.title.setText("Looking where other programs keep their models…")
        elif finds:
            count, bytes = sum(find.count for find in finds), sum(find.bytes for find in finds)
            self.title.setText(f"{count} model files, {weight(bytes)}. They are used where they lie.")
        else:
            self.title.setText("No models of other programs are in the usual places. Add a folder yourself.")

    def _add(self) -> None:
        self._discovery.add(self.ticked)
        self.close()
