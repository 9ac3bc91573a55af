"""Forms of the prompt panel: words to the left in a column, controls to the right."""

from __future__ import annotations

from PySide6.QtWidgets import QFormLayout, QLabel, QWidget

from desktop.ui import theme

LABELS = 72  # pixels: the column of words


def form(area: QWidget | None = None) -> QFormLayout:
    layout = QFormLayout(area)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setHorizontalSpacing(8)
    layout.setVerticalSpacing(6)
    layout.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    return layout


def label(text: str) -> QLabel:
    words = QLabel(text)
    words.setProperty("muted", True)
    words.setFixedWidth(LABELS)
    words.setMinimumHeight(theme.CONTROL)
    return words
