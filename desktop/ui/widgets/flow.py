"""Flow: a layout that puts one thing after the other, and begins a new line where the room ends."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget


class Flow(QLayout):
    """As words do in a text."""

    def __init__(self, parent: QWidget | None = None, gap: int = 4):
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self.setSpacing(gap)
        self.setContentsMargins(0, 0, 0, 0)

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:  # pyright: ignore[reportIncompatibleMethodOverride]
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:  # pyright: ignore[reportIncompatibleMethodOverride]
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._arrange(QRect(0, 0, width, 0), in_earnest=False)

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        self._arrange(rect, in_earnest=True)

    def sizeHint(self) -> QSize:
        return self.minimumSize()

    def minimumSize(self) -> QSize:
        sizes = [item.minimumSize() for item in self._items if not item.isEmpty()]
        return QSize(
            max((size.width() for size in sizes), default=0), max((size.height() for size in sizes), default=0)
        )

    def _arrange(self, rect: QRect, in_earnest: bool) -> int:
        """The height that it takes."""
        at, line = rect.topLeft(), 0
        for item in self._items:
            if item.isEmpty():  # not to be seen
                continue
            size = item.sizeHint()
            size.setWidth(min(size.width(), rect.width()))
            if line and at.x() + size.width() > rect.right() + 1:
                at, line = QPoint(rect.left(), at.y() + line + self.spacing()), 0
            if in_earnest:
                item.setGeometry(QRect(at, size))
            at = QPoint(at.x() + size.width() + self.spacing(), at.y())
            line = max(line, size.height())
        return at.y() + line - rect.top()
