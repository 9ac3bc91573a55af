"""Row: one thing that can be done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from desktop.ui.window import Window

Deed = Callable[["Window"], object]
Test = Callable[["Window"], bool]

FILE, EDIT, GENERATE, VIEW, HELP = MENUS = ("File", "Edit", "Generate", "View", "Help")
LAYER, SELECT, TOOL = CANVAS_MENUS = ("Layer", "Select", "Tool")


@dataclass(frozen=True)
class Row:
    """An action. `enabled` and `checked` are asked anew whenever something has changed."""

    name: str
    menu: str
    text: str
    icon: str
    keys: str
    tip: str
    do: Deed
    enabled: Test | None = None
    checked: Test | None = None
