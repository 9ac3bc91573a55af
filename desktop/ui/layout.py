"""Layout: the panels around the middle, where people have put them, kept from one time to the next."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QByteArray, QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QDockWidget, QMainWindow, QWidget

from desktop.studio.memory import Memory
from desktop.ui.widgets.section import Section

SIZE = (1360, 860)  # at the first launch
LAYOUT = 1  # changes when an older layout would no longer fit
AREA = Qt.DockWidgetArea
SIDES = {
    "prompt": ("Prompt", AREA.LeftDockWidgetArea),
    "layers": ("Layers", AREA.RightDockWidgetArea),
    "results": ("Results", AREA.RightDockWidgetArea),
    "queue": ("Queue", AREA.BottomDockWidgetArea),
}


class Layout(QObject):
    """`docks` by name, of a window; `suits(name)` says whether a panel goes with what is in the middle now."""

    changed = Signal()

    def __init__(self, window: QMainWindow, panels: dict[str, QWidget], memory: Memory, suits: Callable[[str], bool]):
        super().__init__(window)
        self._window, self._memory, self._suits = window, memory, suits
        self._sections: dict[str, Section] = {}
        self._away: set[str] = set()  # panels that come back once there is room
        self.docks: dict[str, QDockWidget] = {}
        for name, (title, side) in SIDES.items():
            dock = QDockWidget(title, window)
            dock.setObjectName(name)
            dock.setWidget(panels[name])
            dock.installEventFilter(self)
            window.addDockWidget(side, dock)
            self.docks[name] = dock
        window.setCorner(Qt.Corner.BottomLeftCorner, AREA.LeftDockWidgetArea)
        window.setCorner(Qt.Corner.BottomRightCorner, AREA.RightDockWidgetArea)

    def reset(self) -> None:
        """Prompt to the left, layers and results to the right, the queue folded away."""
        for name, dock in self.docks.items():
            dock.setFloating(False)
            dock.setVisible(name != "queue" and self._suits(name))
            self._window.addDockWidget(SIDES[name][1], dock)
        self._resize(("prompt", "results"), Qt.Orientation.Horizontal)
        self._resize(("layers", "results"), Qt.Orientation.Vertical)
        self._resize(("queue",), Qt.Orientation.Vertical)

    def restore(self, sections: dict[str, Section]) -> None:
        """As it was the last time; `sections` of the prompt panel too."""
        room = self._window.screen().availableSize()
        self._window.resize(min(SIZE[0], room.width()), min(SIZE[1], room.height()))
        self.reset()
        self._sections = sections
        kept = self._memory.recall("layout")
        if isinstance(kept, dict):
            self._window.restoreGeometry(_decoded(kept.get("geometry")))
            self._window.restoreState(_decoded(kept.get("docks")), LAYOUT)
            for name, section in sections.items():
                section.open = name not in kept.get("folded", [])
            for name in self.docks.keys() & set(map(str, kept.get("away", ()))):
                self.docks[name].show()
        self.follow("layers")
        for section in sections.values():
            section.folded.connect(self.keep)

    def follow(self, name: str) -> None:
        """Shows or hides the panel, as suits what is in the middle now."""
        self.docks[name].setVisible(self._suits(name))

    def make_room(self, name: str, needed: bool) -> None:
        """Puts the panel away while there is need of its room, and then back, if people had it open."""
        dock = self.docks[name]
        if needed and not dock.isHidden():
            self._away.add(name)
            dock.hide()
        elif not needed and name in self._away:
            self._away.discard(name)
            dock.show()

    def keep(self) -> None:
        """As it is now, or becomes in the next moment."""
        self._memory.keep("layout", self._state)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kinds = (QEvent.Type.Resize, QEvent.Type.Move, QEvent.Type.Show, QEvent.Type.Hide)
        if event.type() in kinds and self._window.isVisible():
            self.keep()
            self.changed.emit()
        return False

    def _state(self) -> dict[str, object]:
        return {
            "geometry": _encoded(self._window.saveGeometry()),
            "docks": _encoded(self._window.saveState(LAYOUT)),
            "away": sorted(self._away),
            "folded": [name for name, section in self._sections.items() if not section.open],
        }

    def _resize(self, names: Iterable[str], way: Qt.Orientation) -> None:
        docks = [self.docks[name] for name in names]
        hints = [dock.widget().sizeHint() for dock in docks]
        sizes = [hint.width() if way is Qt.Orientation.Horizontal else hint.height() for hint in hints]
        self._window.resizeDocks(docks, sizes, way)


def _encoded(data: QByteArray) -> str:
    return bytes(data.toBase64().data()).decode()


def _decoded(text: object) -> QByteArray:
    return QByteArray.fromBase64(str(text or "").encode())
