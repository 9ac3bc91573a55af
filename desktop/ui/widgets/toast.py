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
            QTimer.singleShot(STAYS, self, self.leave)

    def leave(self) -> None:
        self.hide()
        self.deleteLater()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:  # another theme
            self._draw_sign()

    def _draw_sign(self) -> None:
        self._sign.setPixmap(icon(*ICONS[self.notice.kind]).pixmap(20, 20))

    def _head(self) -> QHBoxLayout:
        self._sign = QLabel(self)
        self._draw_sign()
        close = IconButton("cancel", "Close", "Closes this message.", self.leave, self)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
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
        self.leave()
        assert callable(do)
        do()

    def _show_details(self) -> None:
        """The first press shows them, the next one copies them."""
        if self._details.isHidden():
            self._details.show()
            self._more.setText("Copy details")
        else:
            notice = self.notice
            QGuiApplication.clipboard().setText("\n".join([notice.message, notice.hint, notice.details]))
            self._more.setText("Copied")


class Toasts(QWidget):
    """A column of them in the lower right corner of `area`, no larger than they are."""

    def __init__(self, area: QWidget):
        super().__init__(area)
        self._area = area
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(MARGIN // 2)
        area.installEventFilter(self)

    @property
    def shown(self) -> list[Toast]:
        """The newest last."""
        return [toast for toast in self.findChildren(Toast) if not toast.isHidden()]

    def say(self, notice: Notice) -> None:
        """One that says the same as one that is there takes its place; of many the oldest go."""
        same = [toast for toast in self.shown if toast.notice.message == notice.message]
        for old in same or self.shown[: 1 - MOST]:
            old.leave()
        toast = Toast(notice, self)
        self._column.addWidget(toast)
        toast.show()  # at once: the next one may come before Qt would do it
        self.raise_()
        self.show()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            self._arrange()
        return super().event(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._arrange()
        return False

    def _arrange(self) -> None:
        height = self._column.heightForWidth(WIDTH) if self.shown else 0
        left, bottom = self._area.width() - WIDTH - MARGIN, self._area.height() - MARGIN
        self.setGeometry(left, bottom - height, WIDTH, height)
