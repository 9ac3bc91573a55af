"""Hand: leads a tool, from the press of a button until the tool is done."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace

from desktop.canvas.tools.kit import Kit, Pointer, Tool


class Hand:
    """One tool at a time. What it is sent before a press or after its end is nobody's."""

    def __init__(self) -> None:
        self._work: Generator[None, Pointer, None] | None = None
        self._kit: Kit | None = None
        self._last: Pointer | None = None

    @property
    def busy(self) -> bool:
        """In the middle of something, if only between two clicks of a polygon."""
        return self._work is not None

    def take(self, tool: Tool, kit: Kit) -> None:
        """Takes up a tool; what another one has begun is given up."""
        self.give_up()
        self._kit, self._work = kit, tool(kit)
        next(self._work)

    def send(self, pointer: Pointer) -> None:
        if self._work is None:
            return
        self._last = pointer
        try:
            self._work.send(pointer)
        except StopIteration:
            self._work = None

    def finish(self) -> None:
        """Enter: what is under way is done, if the tool waits for that."""
        if self._work and self._last and not self._last.down:
            self.send(replace(self._last, final=True))

    def give_up(self) -> None:
        """Escape: all is as before."""
        if self._work and self._kit:
            self._work.close()
            self._work = None
            self._kit.outline(None)
            self._kit.document.show(None)
