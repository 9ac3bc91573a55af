"""Tips: tooltips of words that strangers wrote."""

from __future__ import annotations

import html


def plain(text: str) -> str:
    """A tooltip that shows just these words: Qt takes for HTML whatever looks like it, and loads its pictures."""
    if "<" not in text and "&lt;" not in text:
        return text
    lines = "<br>".join(html.escape(line) for line in text.splitlines())
    return f"<qt>{lines}</qt>"
