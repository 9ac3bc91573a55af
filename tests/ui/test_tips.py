"""Tooltips of words that strangers wrote: nothing in them is drawn or loaded."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt

from desktop.studio.discovery import Find
from desktop.styles import Style
from desktop.ui.prompt.style import StyleBox
from desktop.ui.window import Window
from tests.studio.things import job
from tests.ui.hands import until

HOSTILE = 'a lake <img src="//host/share.png">'


def test_a_style_and_a_folder_are_shown_as_they_are(window: Window, tmp_path: Path) -> None:
    box = StyleBox({"odd": Style("odd", "odd", f"{{prompt}}, {HOSTILE}")}, window)
    assert "<img" not in box.itemData(box.count() - 1, Qt.ItemDataRole.ToolTipRole)
    window.studio.discovery.finds = (Find("ComfyUI", tmp_path / HOSTILE, 1, 1),)
    cell = window.side_windows.finder.table.item(0, 1)
    assert cell
    assert "<img" not in cell.toolTip()


def test_a_prompt_of_the_queue_is_shown_as_it_is(window: Window) -> None:
    queue = window.studio.queue
    queue.paused = True
    asked = job()
    queue.submit([replace(asked, work=replace(asked.work, prompt=HOSTILE))], None, stored=False)
    until(lambda: bool(queue.waiting))
    view = window.queue_panel.list
    tip = view.model().index(0, 0).data(Qt.ItemDataRole.ToolTipRole)
    assert "<img" not in tip
    assert "&lt;img src=" in tip
