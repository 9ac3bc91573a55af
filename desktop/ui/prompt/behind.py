"""Behind: what stands muted behind the words of a list: a family, a folder."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QAbstractItemView, QComboBox, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from desktop.ui import theme

BEHIND = Qt.ItemDataRole.UserRole + 1  # the role of these words
GAP, EDGE = 16, 10  # pixels before and after them
WIDEST = 460  # of a list that opens

Index = QModelIndex | QPersistentModelIndex


class Behind(QStyledItemDelegate):
    """Paints them at the right; the words before are cut where there is no room for both."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        super().initStyleOption(option, index)
        if behind := index.data(BEHIND):
            room = option.rect.width() - _width(option, behind) - 2 * EDGE  # pyright: ignore[reportAttributeAccessIssue]
            words = option.fontMetrics.elidedText(option.text, Qt.TextElideMode.ElideMiddle, room)  # pyright: ignore[reportAttributeAccessIssue]
            option.text = words  # pyright: ignore[reportAttributeAccessIssue]

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        super().paint(painter, option, index)
        if not (behind := index.data(BEHIND)):
            return
        colors = theme.current()
        chosen = option.state & QStyle.StateFlag.State_Selected  # pyright: ignore[reportAttributeAccessIssue]
        place: QRect = option.rect.adjusted(0, 0, -EDGE, 0)  # pyright: ignore[reportAttributeAccessIssue]
        painter.save()
        painter.setPen(QColor(colors.on_accent if chosen else colors.muted))
        painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, behind)
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Of both in full: the base's would be that of words that are cut already."""
        size = super().sizeHint(option, index)
        if behind := index.data(BEHIND):
            words = option.fontMetrics.horizontalAdvance(index.data())  # pyright: ignore[reportAttributeAccessIssue]
            size.setWidth(words + _width(option, behind) + 2 * EDGE)
        return size


def _width(option: QStyleOptionViewItem, behind: str) -> int:
    return option.fontMetrics.horizontalAdvance(behind) + GAP  # pyright: ignore[reportAttributeAccessIssue]


def shown_in(*views: QAbstractItemView | None) -> None:
    """Those lists have words behind their words."""
    for view in filter(None, views):
        view.setItemDelegate(Behind(view))


def make_room(box: QComboBox) -> None:
    """The list that opens is as wide as its words, if it can be."""
    box.view().setMinimumWidth(min(WIDEST, box.view().sizeHintForColumn(0) + 2 * EDGE))
