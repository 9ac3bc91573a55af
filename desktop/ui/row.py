"""Row: one thing that can be done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from desktop.ui.window import Window

Deed = Callable[["Window"], object]
Test = Callable[["Window"], bool]

MENUS = ("File", "Edit", "Layer", "Select", "Tool", "Generate", "Library", "Models", "View", "Help")
FILE, EDIT, LAYER, SELECT, TOOL, GENERATE, LIBRARY, MODELS, VIEW, HELP = MENUS


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
