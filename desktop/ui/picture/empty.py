"""EmptyStage: what to do while there is no picture yet."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from desktop.settings import Settings
from desktop.studio.memory import Memory
from desktop.studio.observable import watch
from desktop.studio.stage import Stage
from desktop.ui.widgets.buttons import tell_keys


class EmptyStage(QWidget):
    """A sentence and a button in the middle of the view until there is something to see.

    Below them is how one's own models come in, for those who have not shown where these are.
    """

    def __init__(self, stage: Stage, memory: Memory, actions: Mapping[str, QAction], parent: QWidget):
        super().__init__(parent)
        text = self._words("Say what to draw, then generate. Or drop a picture here to start from it.")
        self.button = self._button("Make the first picture", actions["generate"])
        self._models = QWidget(self)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        for words, name in (("Find my models", "find_models"), ("Get a model", "get_model")):
            buttons.addWidget(self._button(words, actions[name]))
        buttons.addStretch(1)
        more = QVBoxLayout(self._models)
        more.setSpacing(16)
        more.addWidget(self._words("Models that other programs keep can be used where they lie."))
        more.addLayout(buttons)
        layout = QVBoxLayout(self)
        layout.setSpacing(16)
        layout.addStretch(1)
        layout.addWidget(text)
        layout.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addSpacing(24)
        layout.addWidget(self._models)
        layout.addStretch(1)
        watch(stage, "picture", lambda picture: self.setVisible(picture is None), self)
        watch(memory, "settings", self._settings_changed, self)

    def _words(self, text: str) -> QLabel:
        label = QLabel(text, self)
        label.setProperty("muted", True)
        label.setWordWrap(True)
        label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        return label

    def _button(self, words: str, action: QAction) -> QPushButton:
        button = QPushButton(words, self)
        button.setIcon(action.icon())
        tell_keys(button, action)
        button.clicked.connect(action.trigger)
        return button

    def _settings_changed(self, settings: Settings) -> None:
        self._models.setVisible(not settings.models and not settings.model_folders)
