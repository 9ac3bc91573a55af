"""DownloadRows: what comes, what waits, and what has come."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from desktop.studio.downloads import Download, Downloads, State
from desktop.studio.observable import watch
from desktop.ui.getting import words
from desktop.ui.widgets.bar import Bar
from desktop.ui.widgets.buttons import IconButton
from desktop.ui.widgets.tips import plain

BAR = 160
TITLE = 220


class DownloadRow(QWidget):
    """Bound to a download."""

    def __init__(self, download: Download, downloads: Downloads, parent: QWidget | None = None):
        super().__init__(parent)
        self._download, self._downloads = download, downloads
        self.title = QLabel(download.order.title, self)
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        self.title.setFixedWidth(TITLE)
        self.title.setToolTip(plain(download.order.title))
        self.bar = Bar(BAR, self)
        self.state = QLabel(self)
        self.state.setTextFormat(Qt.TextFormat.PlainText)
        self.state.setProperty("muted", True)
        self.state.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.pause = IconButton("pause", "Pause", "What has come stays.", lambda: downloads.pause(download), self)
        self.resume = IconButton("play", "Go on", "Goes on where it was.", lambda: downloads.resume(download), self)
        self.remove = IconButton(
            "cancel", "Remove", "Takes it off the list; what is not complete is deleted.", self._remove, self
        )
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 0, 8, 0)
        layout.setSpacing(8)
        layout.addWidget(self.title)
        layout.addWidget(self.bar)
        layout.addWidget(self.state, 1)
        for button in (self.pause, self.resume, self.remove):
            layout.addWidget(button)
        for name in ("state", "progress"):
            watch(download, name, lambda _: self._show(), self)

    def _show(self) -> None:
        download = self._download
        progress = download.progress
        self.bar.share = progress.step / progress.steps if progress and progress.steps else 0.0
        self.bar.setVisible(download.state is not State.DONE)
        self.state.setText(words.state_of(download))
        self.state.setToolTip(plain(download.failure.hint) if download.failure else "")
        self.pause.setVisible(download.state in (State.COMING, State.WAITING))
        self.resume.setVisible(download.state in (State.PAUSED, State.FAILED))

    def _remove(self) -> None:
        self._downloads.remove(self._download)


class DownloadRows(QWidget):
    """Bound to downloads; not there while there are none."""

    def __init__(self, downloads: Downloads, parent: QWidget | None = None):
        super().__init__(parent)
        self._downloads = downloads
        self.rows: dict[Download, DownloadRow] = {}
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 4, 0, 8)
        self._layout.setSpacing(2)
        watch(downloads, "all", self._fill, self)

    def _fill(self, all: tuple[Download, ...]) -> None:
        for gone in [each for each in self.rows if each not in all]:
            row = self.rows.pop(gone)
            row.hide()
            row.deleteLater()
        for new in [each for each in all if each not in self.rows]:
            self.rows[new] = DownloadRow(new, self._downloads, self)
            self._layout.addWidget(self.rows[new])
        self.setVisible(bool(all))
