"""SheetWindow: what varies on an X/Y/Z sheet, and the button that makes it."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QSize, QStringListModel, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QCompleter,
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop.errors import UserError
from desktop.library.sheets import Axis
from desktop.studio.fields import FIELDS, Bench, read_axis
from desktop.studio.observable import watch
from desktop.studio.pace import effort, seconds_an_effort
from desktop.studio.plan import Draft, draft
from desktop.studio.sheets import check_axes, check_axis
from desktop.studio.studio import Studio
from desktop.ui.prompt.form import label
from desktop.ui.queue.words import duration
from desktop.ui.widgets.buttons import IconButton
from desktop.ui.widgets.choice import ChoiceBox
from desktop.ui.widgets.completion import dressed
from desktop.ui.widgets.order import tab_as_read

NOTHING = ""  # on an axis
FIRST = (("steps", "10-30 (+10)"), ("guidance", "3, 5, 7"), (NOTHING, ""))  # what is there when it is opened
TIPS = (
    "What changes from column to column.",
    "What changes from row to row.",
    "What changes from block to block, if anything.",
)


class SheetWindow(QDialog):
    """Stays open beside the main window: what else is set there holds for all pictures of the sheet."""

    def __init__(self, studio: Studio, parent: QWidget | None = None):
        super().__init__(parent)
        self._studio = studio
        self.setWindowTitle("X/Y/Z sheet")
        intro = QLabel(
            "All combinations of these values, on one picture. The rest is as set in the prompt panel.", self
        )
        intro.setProperty("muted", True)
        intro.setWordWrap(True)
        self.axes = [AxisRow(name, tip, self) for name, tip in zip("XYZ", TIPS, strict=True)]
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(2, 1)
        for place, (axis, first) in enumerate(zip(self.axes, FIRST, strict=True)):
            axis.lay(grid, 2 * place)
            axis.content = first
            axis.edited.connect(self._check)
        self.singles = QCheckBox("Keep the single pictures as well", self)
        self.singles.setToolTip("Each picture of the sheet comes into the results and the library by itself, too.")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(12)
        layout.addWidget(intro)
        layout.addLayout(grid)
        layout.addWidget(self.singles)
        layout.addStretch(1)
        layout.addLayout(self._foot())
        tab_as_read(self)
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._check)
        studio.session.changed.connect(lambda _: self._soon.start())
        for name in ("models", "extras"):
            watch(studio.shelf, name, lambda _: self._soon.start(), self)

    def sizeHint(self) -> QSize:
        return QSize(620, 420)

    def _foot(self) -> QHBoxLayout:
        self.summary = QLabel(self)
        self.summary.setWordWrap(True)
        self.make = QPushButton("Make the sheet", self)
        self.make.setProperty("primary", True)
        self.make.setToolTip("Puts all its pictures at the end of the queue.")
        self.make.clicked.connect(self._make)
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(self.summary, 1)
        row.addWidget(self.make)
        return row

    @property
    def _bench(self) -> Bench:
        return Bench(self._studio.shelf.models, self._studio.styles, self._studio.shelf.extras)

    def _make(self) -> None:
        self._studio.make_sheet([axis for axis, _ in self._read(self._draft())], self.singles.isChecked())
        self.close()

    # ------------------------------------------------------------ what it says

    def _draft(self) -> Draft:
        """What is set. Raises UserError."""
        return draft(self._studio.session, self._studio.styles, None, self._studio.shelf.extras)

    def _check(self) -> None:
        """Says what is wrong, or how much it will be."""
        self.make.setEnabled(False)
        try:
            base = self._draft()
            read = self._read(base)
            used = [axis.field != NOTHING for axis in self.axes]
            if not all(used[:2]) or len(read) < sum(used):
                self.summary.setText("Choose what changes on X and on Y, and how.")
                return
            check_axes([axis for axis, _ in read], base)
        except UserError as error:
            self.summary.setText(f"{error.message} {error.hint}")
            return
        self.summary.setText(self._in_words(base, [drafts for _, drafts in read]))
        self.make.setEnabled(True)

    def _read(self, base: Draft) -> list[tuple[Axis, list[Draft]]]:
        """The axes that are sound, each with what is set at each of its values; the others say what is wrong."""
        found = [axis.read(base, self._bench) for axis in self.axes]
        return [each for each in found if each]

    def _in_words(self, base: Draft, drafts: Sequence[Sequence[Draft]]) -> str:
        """ "24 pictures, about 3 min". Fields are independent, so their efforts multiply."""
        count = prod(len(each) for each in drafts)
        pictures = "1 picture" if count == 1 else f"{count} pictures"
        made = ((result.recipe, result.seconds) for result in self._studio.results.all if result.seconds > 0)
        each = seconds_an_effort(made, base.recipe.model)
        if each is None:
            return pictures
        whole = effort(base.recipe)
        times = prod(sum(effort(one.recipe) / whole for one in of_axis) for of_axis in drafts)
        seconds = each * whole * times
        return f"{pictures}, about {duration(seconds)}" if seconds >= 1 else pictures


class AxisRow(QObject):
    """What changes along an axis, and how. What is wrong with that stands below."""

    edited = Signal()

    def __init__(self, name: str, tip: str, parent: QWidget):
        super().__init__(parent)
        self._label = label(name)
        self._label.setFixedWidth(16)
        self.choice = ChoiceBox(parent)
        self.choice.setAccessibleName(f"{name}: what changes")
        self.choice.setToolTip(tip)
        self.choice.setFixedWidth(150)
        self.choice.offer([(NOTHING, "Nothing"), *((key, field.label) for key, field in FIELDS.items())])
        self.choice.edited.connect(self._choose)
        self.values = ListEdit(parent)
        self.values.setAccessibleName(f"{name}: values")
        self.values.setToolTip("A list with commas, or a range: 10, 20, 30 or 10-30 (+10) or 1-2 [5].")
        self.values.textChanged.connect(lambda _: self.edited.emit())
        self.fill = IconButton(
            "plus", f"{name}: all values", "Writes all there are into the field.", self._fill, parent
        )
        self.error = QLabel(parent)
        self.error.setProperty("failure", True)
        self.error.setWordWrap(True)
        self.error.setMinimumHeight(2 * self.error.fontMetrics().lineSpacing() + 6)
        self.error.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)

    def lay(self, grid: QGridLayout, row: int) -> None:
        for column, widget in enumerate((self._label, self.choice, self.values, self.fill)):
            grid.addWidget(widget, row, column)
        grid.addWidget(self.error, row + 1, 2, 1, 2)

    @property
    def field(self) -> str:
        return self.choice.content

    @property
    def content(self) -> tuple[str, str]:
        return self.field, self.values.text()

    @content.setter
    def content(self, content: tuple[str, str]) -> None:
        self.choice.content, text = content
        self.values.setText(text)
        self._suit()

    def read(self, base: Draft, bench: Bench) -> tuple[Axis, list[Draft]] | None:
        """None where nothing is wanted, or something is wrong."""
        if self.field == NOTHING:
            self.error.clear()
            return None
        self.values.offer(FIELDS[self.field].choices(base, bench))
        self.fill.setVisible(bool(self.values.names))
        try:
            axis = read_axis(self.field, self.values.text(), bench)
            drafts = check_axis(axis, base, bench)
        except UserError as error:
            self.error.setText(f"{error.message} {error.hint}" if self.values.text().strip() else "")
            return None
        self.error.clear()
        return axis, drafts

    def _choose(self, field: str) -> None:
        self.values.clear()
        self._suit()
        self.edited.emit()

    def _suit(self) -> None:
        """To the field that was chosen."""
        known = self.field != NOTHING
        self.values.setEnabled(known)
        self.values.setPlaceholderText(FIELDS[self.field].example if known else "")
        self.values.offer(())
        self.fill.hide()

    def _fill(self) -> None:
        self.values.setText(", ".join(map(_quoted, self.values.names)))


class ListEdit(QLineEdit):
    """Values with commas between them; of names, the last one is completed."""

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.names: list[str] = []
        self._model = QStringListModel(self)
        completer = _LastOfMany(self)
        completer.setModel(self._model)
        self.setCompleter(dressed(completer))

    def offer(self, names: Sequence[str]) -> None:
        if list(names) != self.names:
            self.names = list(names)
            self._model.setStringList([_quoted(name) for name in names])


class _LastOfMany(QCompleter):
    """Completes what stands behind the last comma."""

    def splitPath(self, path: str) -> list[str]:
        return [path.rpartition(",")[2].strip()]

    def pathFromIndex(self, index: QModelIndex | QPersistentModelIndex) -> str:
        field = self.widget()
        assert isinstance(field, QLineEdit)
        before, comma, _ = field.text().rpartition(",")
        return f"{before}{comma}{' ' if comma else ''}{super().pathFromIndex(index)}"


def _quoted(name: str) -> str:
    return f'"{name}"' if "," in name else name
