"""Toasts: what people should hear of, in the corner, without being stopped."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from desktop.studio.notice import Kind, Notice
from desktop.ui.icons import icon
from desktop.ui.widgets.buttons import IconButton

WIDTH = 380
MARGIN = 16
STAYS = 6000  # ms; errors and questions stay until they are closed
MOST = 4
ICONS = {
    Kind.DONE: ("done", "accent"),
    Kind.INFO: ("info", "accent"),
    Kind.WARNING: ("warning", "text"),
    Kind.ERROR: ("failed", "failure"),
}


class Toast(QFrame):
    """One notice."""

    def __init__(self, notice: Notice, parent: QWidget):
        super().__init__(parent)
        self.notice = notice
        self.setProperty("card", True)
        self.setFixedWidth(WIDTH)
        self.setAccessibleName(f"{notice.message} {notice.hint}")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 10, 8, 10)
        layout.setSpacing(6)
        layout.addLayout(self._head())
        if notice.hint:
            layout.addWidget(self._words(notice.hint, muted=True))
        self._details = self._details_field()
        layout.addWidget(self._details)
        if notice.actions or notice.details:
            layout.addLayout(self._buttons())
        if notice.kind is not Kind.ERROR and not notice.actions:
            QTimer.singleShot(STAYS, self, self.close_softly)

    def close_softly(self) -> None:
        """Not from under somebody who is reading its details."""
        if self._details.isHidden():
            self.hide()
            self.deleteLater()

    def _head(self) -> QHBoxLayout:
        sign = QLabel(self)
        sign.setPixmap(icon(*ICONS[self.notice.kind]).pixmap(20, 20))
        close = IconButton("cancel", "Close", "Closes this message.", self._close, self)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._words(self.notice.message), 1)
        row.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)
        return row

    def _words(self, text: str, muted: bool = False) -> QLabel:
        label = QLabel(text, self)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        label.setProperty("muted", muted)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        label.setContentsMargins(28 if muted else 0, 0, 0, 0)
        return label

    def _details_field(self) -> QPlainTextEdit:
        field = QPlainTextEdit(self.notice.details, self)
        field.setReadOnly(True)
        field.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        field.setFixedHeight(160)
        field.setAccessibleName("Details")
        field.hide()
        return field

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        row.setContentsMargins(28, 0, 0, 0)
        for words, do in self.notice.actions:
            button = QPushButton(words, self)
            button.clicked.connect(lambda _=False, do=do: self._act(do))
            row.addWidget(button)
        if self.notice.details:
            self._more = QPushButton("Details", self)
            self._more.clicked.connect(self._show_details)
            row.addWidget(self._more)
        row.addStretch(1)
        return row

    def _act(self, do: object) -> None:
        self._close()
        assert callable(do)
        do()

    def _show_details(self) -> None:
        """The first press shows them, the next one copies them."""
        if self._details.isHidden():
            self._details.show()
            self._more.setText("Copy details")
            self.adjustSize()
        else:
            notice = self.notice
            QGuiApplication.clipboard().setText("\n".join([notice.message, notice.hint, notice.details]))
            self._more.setText("Copied")

    def _close(self) -> None:
        self.hide()
        self.deleteLater()


class Toasts(QObject):
    """Stacks them in the lower right corner of `area`."""

    def __init__(self, area: QWidget):
        super().__init__(area)
        self._area = area
        self._shown: list[Toast] = []
        area.installEventFilter(self)

    @property
    def shown(self) -> list[Toast]:
        return list(self._shown)

    def show(self, notice: Notice) -> None:
        """One that says the same as one that is there takes its place."""
        for old in [each for each in self._shown if each.notice.message == notice.message]:
            old.hide()
            old.deleteLater()
        toast = Toast(notice, self._area)
        toast.installEventFilter(self)
        self._shown.append(toast)
        toast.show()
        toast.raise_()
        for old in self.shown[:-MOST]:
            old.hide()
            old.deleteLater()
        self._arrange()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Hide and watched in self._shown:
            self._shown.remove(watched)  # pyright: ignore[reportArgumentType]
            self._arrange()
        elif event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            self._arrange()
        return False

    def _arrange(self) -> None:
        bottom = self._area.height() - MARGIN
        for toast in reversed(self._shown):
            toast.adjustSize()
            toast.resize(WIDTH, toast.heightForWidth(WIDTH))
            bottom -= toast.height()
            toast.move(self._area.width() - WIDTH - MARGIN, bottom)
            bottom -= MARGIN // 2
