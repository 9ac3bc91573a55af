"""The order in which Tab goes through a window: that of reading, not that in which things were made."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLayout, QScrollArea, QWidget


def tab_as_read(top: QWidget) -> None:
    """As its layouts have them, from the top down and left to right."""
    for one, next_one in pairwise(_focusable(top)):
        QWidget.setTabOrder(one, next_one)


def _focusable(widget: QWidget) -> Iterator[QWidget]:
    if widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
        yield widget
    if isinstance(widget, QScrollArea) and (inside := widget.widget()):
        yield from _focusable(inside)
    if layout := widget.layout():
        yield from _within(layout)


def _within(layout: QLayout) -> Iterator[QWidget]:
    for place in range(layout.count()):
        item = layout.itemAt(place)
        if item and (widget := item.widget()):
            yield from _focusable(widget)
        elif item and (inner := item.layout()):
            yield from _within(inner)
