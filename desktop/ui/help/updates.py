"""UpdatesWindow: asks whether there is a newer Sfumato, when people want to know; it fetches nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QHideEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from desktop import __version__
from desktop.engine.api import Failed
from desktop.studio.updates import Updates
from desktop.ui.widgets.side_window import SideWindow

if TYPE_CHECKING:
    from desktop.releases import Release

WIDTH, HEIGHT = 480, 320


class UpdatesWindow(SideWindow):
    """Asks as it is opened; closing it ends that."""

    def __init__(self, updates: Updates, parent: QWidget):
        super().__init__("Check for updates", parent)
        self._updates = updates
        self._page = ""
        self.title = self._label()
        self.title.setProperty("heading", True)
        self.words = self._label()
        self.words.setProperty("muted", True)
        self.news = QPlainTextEdit(self)
        self.news.setReadOnly(True)
        self.news.setAccessibleName("What is new")
        self.again = QPushButton("Try again", self)
        self.again.setToolTip("Asks once more.")
        self.again.clicked.connect(self._ask)
        self.go = QPushButton("Open its page", self)
        self.go.setProperty("primary", True)
        self.go.clicked.connect(lambda: QDesktopServices.openUrl(QUrl(self._page)))
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.again)
        foot.addWidget(self.go)
        self._lines = layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(8)
        for part in (self.title, self.words):
            layout.addWidget(part)
        layout.addWidget(self.news, 1)
        layout.addStretch()
        layout.addLayout(foot)

    def open(self) -> None:
        self._ask()
        super().open()

    def hideEvent(self, event: QHideEvent) -> None:
        if not event.spontaneous():  # rather than by the system, which minimises it
            self._updates.leave()
        super().hideEvent(event)

    def _label(self) -> QLabel:
        label = QLabel(self)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        return label

    def _ask(self) -> None:
        self._say(f"Asking {self._updates.host} …" if self._updates.host else "Asking …", f"This is {__version__}.")
        self._updates.check(self._tell, self._fail)

    def _tell(self, release: Release | None) -> None:
        host = self._updates.host
        if release is None:
            self._say(f"Sfumato {__version__} is the newest there is.", f"{host} has said so, signed.")
            return
        words = f"This is {__version__}. {host} tells of it, signed; it is not fetched from here."
        self._say(f"Sfumato {release.version} is there, of {release.date:%d %B %Y}.", words)
        self._page = release.page
        self.news.setPlainText(release.news)
        self.news.setVisible(bool(release.news))
        self.go.setToolTip(f"{release.page}, in the browser.")
        self.go.show()
        self.resize(WIDTH, HEIGHT)

    def _fail(self, failed: Failed) -> None:
        self._say(failed.message, failed.hint)
        self.again.show()

    def _say(self, title: str, words: str) -> None:
        self.title.setText(title)
        self.words.setText(words)
        for part in (self.news, self.again, self.go):
            part.hide()
        self._lines.activate()
        self.resize(WIDTH, 0)  # as high as these need
