"""What a list of suggestions behaves like."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCompleter


def dressed(completer: QCompleter) -> QCompleter:
    """Finds by any part of the words, whatever their case."""
    completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
    completer.setFilterMode(Qt.MatchFlag.MatchContains)
    completer.setMaxVisibleItems(10)
    if popup := completer.popup():
        popup.setProperty("rows", True)
    return completer
