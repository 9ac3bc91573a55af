"""Section: a heading with what belongs under it, which folds away."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QSizePolicy, QVBoxLayout, QWidget

from desktop.ui.icons import icon


class Section(QWidget):
    """`content` widget below a heading; `folded` tells when people open or close it."""

    folded = Signal(bool)

    def __init__(self, title: str, content: QWidget, parent: QWidget | None = None):
        super().__init__(parent)
        self.content = content
        self._heading = QPushButton(title, self)
        self._heading.setProperty("flat", True)
        self._heading.setAccessibleName(f"{title}: open or close")
        self._heading.setToolTip(f"Opens or closes {title.lower()}.")
        self._heading.clicked.connect(self._toggle)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self._heading)
        layout.addWidget(content)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.open = True

    @property
    def open(self) -> bool:
        return not self.content.isHidden()

    @open.setter
    def open(self, is_open: bool) -> None:
        self.content.setVisible(is_open)
        self._heading.setIcon(icon("caret-down" if is_open else "caret-right", "muted"))

    def _toggle(self) -> None:
        self.open = not self.open
        self.folded.emit(not self.open)
