"""Toasts: what people should hear of, in the corner, without being stopped."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from desktop.studio.notice import Kind, Notice
from desktop.ui.icons import icon
from desktop.ui.widgets.buttons import IconButton

WIDTH = 380
NARROWEST = 240
MARGIN = 16
GAP = MARGIN // 2
STAYS = 6000  # ms; errors and questions stay until they are closed
LINGERS = 20_000  # what is done and can be undone
MOST = 3  # at a time
ICONS = {
    Kind.DONE: ("done", "accent"),
    Kind.INFO: ("info", "accent"),
    Kind.WARNING: ("warning", "text"),
    Kind.ERROR: ("failed", "failure"),
}


class Toast(QFrame):
    """One notice, which came so many `times`."""

    left = Signal(object)  # itself

    def __init__(self, notice: Notice, times: int, parent: QWidget):
        super().__init__(parent)
        self.notice, self.times = notice, times
        self.setProperty("card", True)
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
        if self.passes:
            self._going = QTimer(self, interval=LINGERS if notice.actions else STAYS)
            self._going.timeout.connect(self._go)
            self._going.start()

    @property
    def passes(self) -> bool:
        """By itself: it asks nothing, and nothing is wrong."""
        return self.notice.kind is Kind.DONE or not (self.notice.kind is Kind.ERROR or self.notice.actions)

    def leave(self) -> None:
        self.hide()
        self.left.emit(self)
        self.deleteLater()

    def _go(self) -> None:
        """Not from under the pointer."""
        if not self.underMouse():
            self.leave()

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
        if self.times > 1:
            row.addWidget(self._count())
        row.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)
        return row

    def _count(self) -> QLabel:
        count = QLabel(f"{self.times} ×", self)
        count.setProperty("muted", True)
        count.setToolTip(f"This came {self.times} times.")
        return count

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
    """A column of them in the lower right corner of `area`, no larger than they are, and never over its middle.

    Those that there is no room for wait behind the newest, and come back as these are closed.
    """

    def __init__(self, area: QWidget):
        super().__init__(area)
        self._area = area
        self._all: list[Toast] = []  # the newest last
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(GAP)
        self._foot = QPushButton(self)
        self._foot.setToolTip("Those in sight, and those that wait behind them.")
        self._foot.clicked.connect(self.clear)
        self._column.addWidget(self._foot)
        self._foot.hide()
        area.installEventFilter(self)

    @property
    def shown(self) -> list[Toast]:
        """The newest last."""
        return [toast for toast in self._all if not toast.isHidden()]

    def say(self, notice: Notice) -> None:
        """One that says the same as one that is there takes its place; of many those go that would go by themselves."""
        times = 1
        for same in [toast for toast in self._all if _is_alike(toast.notice, notice)]:
            times += same.times
            same.leave()
        for passing in [toast for toast in self._all if toast.passes][: max(0, len(self._all) + 1 - MOST)]:
            passing.leave()
        toast = Toast(notice, times, self)
        toast.left.connect(self._forget)
        self._all.append(toast)
        self._column.insertWidget(len(self._all) - 1, toast)
        self._arrange()
        self.raise_()
        self.show()

    def clear(self) -> None:
        for toast in list(self._all):
            toast.leave()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            self._arrange()
        return super().event(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._arrange()
        return False

    def _forget(self, toast: Toast) -> None:
        self._all.remove(toast)
        self._arrange()

    def _arrange(self) -> None:
        """At once: the next one may come before Qt would do it."""
        width, room = self._room()
        seen = self._fitting(width, room - self._foot.sizeHint().height())
        for toast in self._all:
            toast.setFixedWidth(width)
            toast.setVisible(toast in seen)
        waiting = len(self._all) - len(seen)
        self._foot.setText(f"Close all ({waiting} more behind)")
        self._foot.setVisible(waiting > 0)
        height = self._column.heightForWidth(width) if seen else 0
        left, bottom = self._area.width() - width - MARGIN, self._area.height() - MARGIN
        self.setGeometry(left, bottom - height, width, height)

    def _room(self) -> tuple[int, int]:
        """Width and height that they may take: beside the middle, or below it where that is too narrow."""
        wide, high = self._area.width(), self._area.height()
        if wide // 2 - 2 * MARGIN >= NARROWEST:
            return min(WIDTH, wide // 2 - 2 * MARGIN), high - 2 * MARGIN
        return min(WIDTH, wide - 2 * MARGIN), high // 2 - 2 * MARGIN

    def _fitting(self, width: int, room: int) -> list[Toast]:
        """The newest, as many as there is room for; one in any case."""
        seen: list[Toast] = []
        for toast in reversed(self._all[-MOST:]):
            room -= toast.heightForWidth(width) + GAP
            if seen and room < 0:
                break
            seen.append(toast)
        return seen


def _is_alike(one: Notice, other: Notice) -> bool:
    return (one.kind, one.message) == (other.kind, other.message)
