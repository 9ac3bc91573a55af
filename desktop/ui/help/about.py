"""AboutWindow: which Sfumato this is, its licence and those of what is in it, and where its data lies."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from desktop import __version__, paths
from desktop.studio.studio import Studio
from desktop.ui.help.telling import open_place
from desktop.ui.icons import program_icon
from desktop.ui.widgets.side_window import SideWindow

ICON = 72
SIZE = QSize(480, 280)
LICENCE = "Licence: Apache-2.0, the built-in model included."
FROM_SOURCE = (
    "Sfumato runs from its source here: the licences of what it uses are in their own packages. "
    "The packaged program brings them all in one file."
)


class AboutWindow(SideWindow):
    """Versions come from a lane."""

    def __init__(self, studio: Studio, parent: QWidget):
        super().__init__("About Sfumato", parent)
        self._notices = paths.notices_file()
        self.flavour = self._label("")
        self.problem = self._label("", muted=True)
        self.problem.hide()
        self.notices = QPushButton("Licences of others", self)
        self.notices.setToolTip("Opens the notices of all libraries that are in Sfumato.")
        self.notices.clicked.connect(self._show_notices)
        self.data = QPushButton("Data folder", self)
        self.data.setToolTip("Opens the folder that Sfumato keeps its own data in.")
        self.data.clicked.connect(partial(open_place, paths.data_folder()))
        self._lay_out()
        self.resize(SIZE)  # rather than what it needs at first: words come
        studio.errands.send(_flavour, self.flavour.setText)

    def _lay_out(self) -> None:
        sign = QLabel(self)
        sign.setPixmap(program_icon().pixmap(QSize(ICON, ICON), self.devicePixelRatio()))
        name = self._label(f"Sfumato {__version__}")
        name.setProperty("heading", True)
        words = QVBoxLayout()
        words.setSpacing(8)
        places = self._label(f"Data: {paths.data_folder()}", muted=True)
        portable = self._label("Portable: all that it keeps lies beside the program.", muted=True)
        portable.setVisible(paths.portable_folder() is not None)
        for label in (name, self._label("A desktop studio for Stable Diffusion."), self.flavour, self._label(LICENCE)):
            words.addWidget(label)
        for label in (places, portable, self.problem):
            words.addWidget(label)
        top = QHBoxLayout()
        top.setSpacing(16)
        top.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
        top.addLayout(words, 1)
        close = QPushButton("Close", self)
        close.setProperty("primary", True)
        close.clicked.connect(self.close)
        close.setFocus()
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(self.notices)
        foot.addWidget(self.data)
        foot.addStretch(1)
        foot.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(16)
        layout.addLayout(top)
        layout.addStretch(1)
        layout.addLayout(foot)

    def _label(self, text: str, muted: bool = False) -> QLabel:
        label = QLabel(text, self)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        label.setProperty("muted", muted)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        return label

    def _show_notices(self) -> None:
        if self._notices:
            open_place(self._notices)
        else:
            self.problem.setText(FROM_SOURCE)
            self.problem.show()


def _flavour() -> str:
    """In a lane: it looks through what is installed."""
    from desktop import versions

    return f"{'Packaged' if versions.is_packaged() else 'From source'}, built for {versions.flavour()}"
