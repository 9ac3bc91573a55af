"""Alternatives and lists in the prompt, as they look."""

from __future__ import annotations

from PySide6.QtGui import QColor

from desktop.ui import theme
from desktop.ui.prompt.editor import PromptEdit
from desktop.ui.window import Window
from tests.ui.hands import settle, until


def _faint(edit: PromptEdit) -> str:
    """What is drawn in the muted colour."""
    block = edit.document().firstBlock()
    faint = QColor(theme.current().muted)
    formats = [each for each in block.layout().formats() if each.format.foreground().color() == faint]
    return "".join(block.text()[each.start : each.start + each.length] for each in formats)


def test_what_makes_alternatives_and_lists_stands_back(window: Window) -> None:
    edit = window.panel.prompt
    for switch in (lambda: None, window.actions_["theme"].trigger):  # in either theme
        switch()
        edit.content = r"a {red|__blue__} \{house} a_b"
        until(lambda: _faint(edit) == "{|__blue__}}")


def test_marks_are_no_edits(window: Window) -> None:
    edit = window.panel.prompt
    edited: list[str] = []
    edit.edited.connect(edited.append)
    window.actions_["theme"].trigger()
    settle()
    assert edited == []
