"""Tells people who look elsewhere that a long job has ended."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication, QSystemTrayIcon, QWidget

from desktop.studio.studio import Studio
from desktop.ui.icons import program_icon
from desktop.ui.queue.words import duration

LONG = 10.0  # seconds: who waits less is still looking
SHOWN = 10_000  # ms


class Notifier(QObject):
    """Listens to a studio, and speaks while none of our windows is in front."""

    def __init__(self, studio: Studio, window: QWidget):
        super().__init__(window)
        self._studio, self._window = studio, window
        studio.finished.connect(self._finished)

    def _finished(self, seconds: float) -> None:
        if seconds >= LONG and self._studio.memory.settings.notify and QApplication.activeWindow() is None:
            QApplication.alert(self._window)
            self.say("The picture is ready", f"It took {duration(seconds)}.")

    def say(self, title: str, text: str) -> None:
        """By the system's own notifications, where there are any."""
        if not QSystemTrayIcon.isSystemTrayAvailable():
            return
        tray = QSystemTrayIcon(program_icon(), self)
        tray.show()  # messages need it
        tray.messageClicked.connect(self._window.activateWindow)
        tray.showMessage(title, text, program_icon(), SHOWN)
        QTimer.singleShot(SHOWN, tray, tray.deleteLater)
