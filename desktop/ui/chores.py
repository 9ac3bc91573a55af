"""ChoreLine: what is being imported, exported, moved or backed up, in the status bar."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from desktop.engine.api import Progress
from desktop.studio.chores import Chore, Chores
from desktop.studio.observable import watch
from desktop.ui.models.words import weight
from desktop.ui.widgets.bar import Bar
from desktop.ui.widgets.buttons import IconButton

DOWNLOADING = "downloading"  # in bytes


class ChoreLine(QWidget):
    """Bound to chores; not there while there are none."""

    def __init__(self, chores: Chores, parent: QWidget | None = None):
        super().__init__(parent)
        self._title = QLabel(self)
        self._bar = Bar(120, self)
        self._count = QLabel(self)
        self._count.setProperty("muted", True)
        stop = IconButton("cancel", "Stop it", "Stops at the next file; what is done stays done.", chores.stop, self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 2, 8, 2)
        layout.setSpacing(8)
        for widget in (self._title, self._bar, self._count, stop):
            layout.addWidget(widget)
        watch(chores, "present", self._show, self)
        watch(chores, "progress", self._show_progress, self)

    def _show(self, chore: Chore | None) -> None:
        self.setVisible(chore is not None)
        self._title.setText(chore.title if chore else "")

    def _show_progress(self, progress: Progress | None) -> None:
        steps = progress.steps if progress else 0
        self._bar.share = progress.step / steps if progress and steps else 0.0
        self._count.setText(_how_far(progress) if progress and steps else "")


def _how_far(progress: Progress) -> str:
    if progress.note == DOWNLOADING:
        return f"{weight(progress.step)} of {weight(progress.steps)}"
    return f"{progress.step} of {progress.steps}"
