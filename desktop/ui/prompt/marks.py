"""Marks: what makes alternatives and lists in a prompt stands back a little behind its words."""

from __future__ import annotations

import re

from PySide6.QtGui import QColor, QSyntaxHighlighter, QTextCharFormat

from desktop.ui import theme
from desktop.wildcards import LIST

MARKS = re.compile(rf"\\.|[{{|}}]|{LIST}")


class Marks(QSyntaxHighlighter):
    """Of a document."""

    def highlightBlock(self, text: str) -> None:
        style = QTextCharFormat()
        style.setForeground(QColor(theme.current().muted))
        for found in MARKS.finditer(text):
            if not found[0].startswith("\\"):
                self.setFormat(found.start(), len(found[0]), style)
