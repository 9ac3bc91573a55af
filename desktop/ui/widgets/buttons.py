"""Buttons with an icon, a tooltip and a name for those who cannot see them."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QAbstractButton, QToolButton, QWidget

from desktop.ui.icons import icon

SIZE = QSize(18, 18)


class IconButton(QToolButton):
    """Does something when it is clicked."""

    def __init__(self, icon_name: str, name: str, tip: str, do: Callable[[], object], parent: QWidget | None = None):
        super().__init__(parent)
        self.setIcon(icon(icon_name))
        self.setIconSize(SIZE)
        self.setAccessibleName(name)
        self.setToolTip(tip)
        self.clicked.connect(lambda: do())


class ActionButton(QToolButton):
    """Shows one of the program's actions."""

    def __init__(self, action: QAction, parent: QWidget | None = None):
        super().__init__(parent)
        self.setDefaultAction(action)
        self.setIconSize(SIZE)
        self.setAccessibleName(action.text())


def tell_keys(button: QAbstractButton, action: QAction) -> None:
    """The button's tooltip is the action's, whatever keys that gets."""
    button.setToolTip(action.toolTip())
    action.changed.connect(lambda: button.setToolTip(action.toolTip()))


class Toggle(QToolButton):
    """On or off, each with its icon."""

    edited = Signal(object)

    def __init__(self, on: str, off: str, name: str, tip: str, parent: QWidget | None = None):
        super().__init__(parent)
        self._on, self._off = on, off
        self.setCheckable(True)
        self.setIconSize(SIZE)
        self.setAccessibleName(name)
        self.setToolTip(tip)
        self.content = False
        self.clicked.connect(self._clicked)

    @property
    def content(self) -> bool:
        return self.isChecked()

    @content.setter
    def content(self, on: bool) -> None:
        self.setChecked(on)
        self.setIcon(icon(self._on if on else self._off))

    def _clicked(self, on: bool) -> None:
        self.content = on
        self.edited.emit(on)
