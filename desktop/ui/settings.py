"""SettingsWindow: a row for each of desktop.settings, made from what is said there, and all shortcuts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import Field, fields
from functools import partial
from typing import Any

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFileDialog,
    QFormLayout,
    QGridLayout,
    QHBoxLayout,
    QKeySequenceEdit,
    QLabel,
    QLineEdit,
    QListWidget,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from desktop.errors import UserError
from desktop.library import naming
from desktop.settings import FOLDERS, SECTIONS, SHORTCUTS, Settings
from desktop.studio.observable import watch
from desktop.studio.studio import Studio
from desktop.ui import actions
from desktop.ui.widgets.buttons import IconButton
from desktop.ui.widgets.choice import ChoiceBox
from desktop.ui.widgets.folders import FolderList

ASK_AGAIN = 500  # ms, for the engine's devices while it starts
AUTOMATIC = ("", "Automatic")
FILES = ("certificate", "certificate_key")  # the others that name a place name a folder


class SettingsWindow(QDialog):
    """Takes effect as it is changed; stays open beside the main window."""

    def __init__(self, studio: Studio, parent: QWidget | None = None):
        super().__init__(parent)
        self._studio, self._memory = studio, studio.memory
        self.setWindowTitle("Settings")
        self.sections = QListWidget(self)
        self.sections.addItems(SECTIONS)
        self.sections.setFixedWidth(132)
        for name in ("bare", "rows"):
            self.sections.setProperty(name, True)
        self.sections.setAccessibleName("Sections")
        self.pages = QStackedWidget(self)
        for section in SECTIONS:
            self.pages.addWidget(_Shortcuts(studio, self) if section == SHORTCUTS else self._page(section))
        self.sections.currentRowChanged.connect(self.pages.setCurrentIndex)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 12, 12, 12)
        layout.setSpacing(12)
        layout.addWidget(self.sections)
        layout.addWidget(self.pages, 1)
        self.show_section(SECTIONS[0])

    def show_section(self, section: str) -> None:
        self.sections.setCurrentRow(SECTIONS.index(section))

    def sizeHint(self) -> QSize:
        return QSize(720, 520)

    def _page(self, section: str) -> QWidget:
        page = QWidget(self)
        form = QFormLayout(page)
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(4)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for row in fields(Settings):
            if row.metadata["section"] == section:
                label = QLabel(row.metadata["label"], page)
                label.setMinimumWidth(72)
                label.setMinimumHeight(28)
                form.addRow(label, self._control(row))
                tip = QLabel(row.metadata["tip"], page)
                tip.setProperty("muted", True)
                tip.setWordWrap(True)
                tip.setContentsMargins(0, 0, 0, 12)
                form.addRow("", tip)
        return page

    def _control(self, row: Field[Any]) -> QWidget:
        control = self._make_control(row)
        control.setAccessibleName(row.metadata["label"])
        control.setToolTip(row.metadata["tip"])
        return control

    def _make_control(self, row: Field[Any]) -> QWidget:
        change = partial(self._change, row.name)
        if row.name == "device":
            return self._devices(change)
        if row.name == "model_folders":
            return self._folders(row, change)
        if row.metadata["section"] == FOLDERS or row.name in FILES:
            return self._place(row, change)
        if choices := row.metadata["choices"]:
            box = ChoiceBox(self)
            box.offer(choices.items())
            box.edited.connect(change)
            self._follow(row.name, partial(setattr, box, "content"))
            return box
        if row.name == "pattern":
            return self._pattern(change)
        if isinstance(getattr(Settings(), row.name), str):
            return self._text(row.name, change)
        check = QCheckBox(self)
        check.clicked.connect(lambda on: change(on))
        self._follow(row.name, check.setChecked)
        return check

    def _devices(self, change: Callable[[Any], None]) -> QWidget:
        """The engine knows them, once it has started."""
        box = ChoiceBox(self)
        timer = QTimer(self, interval=ASK_AGAIN)

        def ask() -> None:
            devices = self._studio.devices()
            chosen = self._memory.settings.device
            known = {chosen: chosen} | devices if chosen else devices
            box.offer([AUTOMATIC, *((name, f"{name}: {words}") for name, words in known.items())])
            if devices:
                timer.stop()

        timer.timeout.connect(ask)
        ask()
        timer.start()
        box.edited.connect(change)
        self._follow("device", partial(setattr, box, "content"))
        return box

    def _text(self, name: str, change: Callable[[Any], None]) -> QWidget:
        """Taken when people are done with it; an empty one goes back to the default."""
        field = QLineEdit(self)
        default = getattr(Settings(), name)
        field.setPlaceholderText(default)
        field.editingFinished.connect(lambda: change(field.text().strip() or default))
        self._follow(name, field.setText)
        return field

    def _pattern(self, change: Callable[[Any], None]) -> QWidget:
        """Taken as soon as it can name pictures; until then it says what is wrong."""
        area = QWidget(self)
        field, problem = QLineEdit(area), QLabel(area)
        field.setAccessibleName("Names")
        problem.setProperty("failure", True)
        problem.setWordWrap(True)

        def take(pattern: str) -> None:
            try:
                naming.check(pattern)
            except UserError as error:
                problem.setText(f"{error.message} {error.hint}")
            else:
                problem.clear()
                change(pattern)

        field.textEdited.connect(take)
        self._follow("pattern", lambda pattern: field.text() == pattern or field.setText(pattern))
        layout = QVBoxLayout(area)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(field)
        layout.addWidget(problem)
        return area

    def _place(self, row: Field[Any], change: Callable[[Any], None]) -> QWidget:
        """A folder, or a file."""
        area = QWidget(self)
        field = QLineEdit(area)
        field.setReadOnly(True)
        field.setPlaceholderText(str(Settings().pictures_folder) if row.name == "pictures" else "None")
        field.setAccessibleName(row.metadata["label"])
        self._follow(row.name, field.setText)

        def choose() -> None:
            dialog = QFileDialog(self, row.metadata["label"], field.text())
            mode = QFileDialog.FileMode
            dialog.setFileMode(mode.ExistingFile if row.name in FILES else mode.Directory)
            dialog.fileSelected.connect(change)
            dialog.open()

        words = "Choose a file" if row.name in FILES else "Choose a folder"
        layout = QHBoxLayout(area)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(field, 1)
        layout.addWidget(IconButton("folder", words, f"{words}.", choose, area))
        layout.addWidget(IconButton("cancel", "Default", "Back to the default.", partial(change, ""), area))
        return area

    def _folders(self, row: Field[Any], change: Callable[[Any], None]) -> QWidget:
        folders = FolderList(row.metadata["label"], row.metadata["tip"], self)
        folders.edited.connect(change)
        self._follow(row.name, partial(setattr, folders, "content"))
        return folders

    def _follow(self, name: str, show: Callable[[Any], object]) -> None:
        watch(self._memory, "settings", lambda settings: show(getattr(settings, name)), self)

    def _change(self, name: str, value: Any) -> None:
        self._memory.change_settings(**{name: value})


class _Shortcuts(QWidget):
    """Every action with its keys; one that another has already is refused."""

    def __init__(self, studio: Studio, parent: QWidget):
        super().__init__(parent)
        self._memory = studio.memory
        self._fields: dict[str, _KeysField] = {}
        inside = QWidget(self)
        grid = QGridLayout(inside)
        grid.setColumnStretch(0, 1)
        grid.setVerticalSpacing(4)
        for place, row in enumerate(actions.ROWS):
            self._add(grid, place, row)
        area = QScrollArea(self)
        area.setWidget(inside)
        area.setWidgetResizable(True)
        area.setProperty("bare", True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        grid.setContentsMargins(0, 0, 16, 0)
        self._message = QLabel("Click a field and press the keys. Backspace leaves an action without any.", self)
        self._message.setProperty("muted", True)
        self._message.setWordWrap(True)
        reset = QPushButton("All back to default", self)
        reset.setToolTip("Every action gets the keys that it had at first.")
        reset.setAutoDefault(False)  # Enter, wherever it is pressed, must not do that
        reset.clicked.connect(lambda: self._memory.change_settings(shortcuts={}))
        foot = QHBoxLayout()
        foot.addWidget(self._message, 1)
        foot.addWidget(reset)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(area, 1)
        layout.addLayout(foot)
        watch(self._memory, "settings", self._show, self)

    def _add(self, grid: QGridLayout, place: int, row: actions.Row) -> None:
        field = self._fields[row.name] = _KeysField(self)
        field.setAccessibleName(f"Keys of {row.text}")
        field.setToolTip(row.tip)
        field.editingFinished.connect(partial(self._take, row))
        grid.addWidget(QLabel(row.text.rstrip("…"), self), place, 0)
        grid.addWidget(field, place, 1)
        grid.addWidget(
            IconButton("retry", "Default", "Back to the default.", partial(self._put, row, row.keys), self), place, 2
        )

    def _keys(self, row: actions.Row) -> str:
        return self._memory.settings.shortcuts.get(row.name, row.keys)

    def _show(self, _: Settings) -> None:
        for row in actions.ROWS:
            self._fields[row.name].setKeySequence(QKeySequence(self._keys(row)))

    def _take(self, row: actions.Row) -> None:
        keys = self._fields[row.name].keySequence().toString(QKeySequence.SequenceFormat.PortableText)
        if keys != self._keys(row):
            self._put(row, keys)

    def _put(self, row: actions.Row, keys: str) -> None:
        wanted = QKeySequence(keys)
        rivals = [each for each in actions.ROWS if each is not row and QKeySequence(self._keys(each)) == wanted]
        if keys and rivals:
            self._message.setText(f"{wanted.toString()} belongs to “{rivals[0].text.rstrip('…')}”. Change that first.")
            self._show(self._memory.settings)
            return
        others = {name: each for name, each in self._memory.settings.shortcuts.items() if name != row.name}
        self._memory.change_settings(shortcuts=others if keys == row.keys else others | {row.name: keys})


class _KeysField(QKeySequenceEdit):
    """One combination of keys; Backspace takes it away, Tab and Escape are the window's."""

    def __init__(self, parent: QWidget):
        super().__init__(parent)
        self.setMaximumSequenceLength(1)
        self.setFixedWidth(180)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab, Qt.Key.Key_Escape):
            event.ignore()
        elif event.key() == Qt.Key.Key_Backspace and not event.modifiers():
            self.clear()
            self.editingFinished.emit()
        else:
            super().keyPressEvent(event)
