"""AccountsWindow: the user's tokens for the sites that give some models only to people whom they know."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QGridLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from desktop.models.getting.network import SITES
from desktop.studio.online import Online
from desktop.ui.widgets.side_window import SideWindow

LASTING = "They are kept in this system's keyring, and sent to nobody but their own site."
PASSING = (
    "This system has no keyring: they are forgotten when Sfumato ends. They are sent to nobody but their own site."
)
PAGES = {"huggingface": "huggingface.co/settings/tokens", "civitai": "civitai.com/user/account"}


class AccountsWindow(SideWindow):
    """Whoever opens it sees whether there is a token, and never which."""

    def __init__(self, online: Online, parent: QWidget):
        super().__init__("Accounts", parent)
        self._online = online
        self.note = QLabel(self)
        self.note.setWordWrap(True)
        self.note.setProperty("muted", True)
        self.fields: dict[str, QLineEdit] = {}
        form = QGridLayout()
        for line, site in enumerate(SITES):
            field = self.fields[site] = self._field(site)
            keep = QPushButton("Keep", self)
            keep.setToolTip("An empty one forgets the earlier.")
            keep.setAccessibleName(f"Keep the token for {SITES[site]}")
            keep.clicked.connect(partial(self._give, site))
            for column, widget in enumerate((QLabel(SITES[site], self), field, keep)):
                form.addWidget(widget, line, column)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(12)
        layout.addLayout(form)
        layout.addWidget(self.note)
        self.setMinimumWidth(460)

    def open(self) -> None:
        self._look()
        super().open()
        next(iter(self.fields.values())).setFocus()

    def _field(self, site: str) -> QLineEdit:
        field = QLineEdit(self)
        field.setEchoMode(QLineEdit.EchoMode.Password)
        field.setAccessibleName(f"Token for {SITES[site]}")
        field.setToolTip(f"Made at {PAGES[site]}; one that may read is enough.")
        field.returnPressed.connect(partial(self._give, site))
        return field

    def _give(self, site: str) -> None:
        field = self.fields[site]
        self._online.give_token(site, field.text(), lambda _: self._look())
        field.clear()

    def _look(self) -> None:
        self._online.know_tokens(self._show)

    def _show(self, told: tuple[frozenset[str], bool]) -> None:
        known, lasting = told
        self.note.setText(LASTING if lasting else PASSING)
        for site, field in self.fields.items():
            field.setPlaceholderText("There is one" if site in known else f"From {PAGES[site]}")
