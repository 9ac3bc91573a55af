"""Everything that can be done, one row each: menu, keys, tooltip and command palette all come from here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence

from desktop.ui import deeds
from desktop.ui.canvas import rows as canvas
from desktop.ui.gallery import rows as gallery
from desktop.ui.help import rows as help
from desktop.ui.icons import icon
from desktop.ui.models import rows as models
from desktop.ui.queue import rows as queue
from desktop.ui.row import EDIT, FILE, GENERATE, HELP, VIEW, Row, Test

if TYPE_CHECKING:
    from desktop.ui.window import Window


def _has_result(window: Window) -> bool:
    return bool(window.chosen)


def _has_results(window: Window) -> bool:
    return bool(window.studio.results.all)


def _has_picture(window: Window) -> bool:
    """Something to look at."""
    return window.studio.easel.active or window.studio.stage.picture is not None


def _has_something_to_copy(window: Window) -> bool:
    return _has_picture(window) or bool(window.chosen)


def _has_something_to_save(window: Window) -> bool:
    return window.studio.easel.active or bool(window.chosen)


def _runs(window: Window) -> bool:
    return window.studio.queue.running is not None


def _has_jobs(window: Window) -> bool:
    return bool(window.studio.queue.entries)


def _has_source(window: Window) -> bool:
    return window.studio.session.source is not None


def _shows(dock: str) -> Test:
    return lambda window: window.docks[dock].isVisible()


ROWS = (
    Row("open", FILE, "Open picture…", "open", "Ctrl+O",
        "A picture to start from; one that Sfumato made restores its recipe. On the canvas: a document.",
        deeds.open_picture),
    Row("open_model", FILE, "Open a model…", "model", "Ctrl+Shift+O",
        "A checkpoint, a LoRA, a VAE, or a diffusers folder by its index; used where it lies.", deeds.open_model),
    Row("save_as", FILE, "Save as…", "save", "Ctrl+S",
        "A copy of the chosen picture, its recipe inside; or the canvas, with its layers or flat.",
        deeds.save_as, _has_something_to_save),
    Row("show_in_folder", FILE, "Show in folder", "folder", "Ctrl+Shift+E",
        "Opens the folder that the chosen picture is in.", deeds.show_in_folder, _has_result),
    Row("settings", FILE, "Settings…", "settings", "Ctrl+,",
        "Theme, device, folders, shortcuts.", lambda window: window.open_settings()),
    Row("quit", FILE, "Quit", "quit", "Ctrl+Q",
        "Closes Sfumato; what waits in the queue is there the next time.", lambda window: window.close()),
    Row("copy", EDIT, "Copy picture", "copy", "Ctrl+C",
        "The picture in the middle, or what is selected of the canvas, to paste elsewhere.", deeds.copy,
        _has_something_to_copy),
    Row("paste", EDIT, "Paste picture", "paste", "Ctrl+V",
        "The picture in the clipboard becomes the one to start from, or a layer of the canvas.", deeds.paste),
    Row("use_source", EDIT, "Start from this picture", "source", "Ctrl+U",
        "The chosen picture becomes the one to start from.", deeds.use_as_source, _has_result),
    Row("use_recipe", EDIT, "Use its recipe", "recipe", "Ctrl+R",
        "All is set as it was for the chosen picture.", deeds.use_recipe, _has_result),
    Row("use_seed", EDIT, "Use its seed", "seed", "Ctrl+Shift+R",
        "Only the seed of the chosen picture, locked.", deeds.use_seed, _has_result),
    Row("remove_source", EDIT, "Start from nothing", "cancel", "Ctrl+Shift+U",
        "Removes the picture to start from.", deeds.remove_source, _has_source),
    Row("generate", GENERATE, "Generate", "generate", "Ctrl+Return",
        "Makes what is set; further ones wait in the queue.", lambda window: window.studio.generate()),
    Row("cancel", GENERATE, "Cancel", "stop", "Ctrl+.",
        "Stops the running job within a step; a second time by force.", lambda w: w.studio.cancel(), _runs),
    Row("pause", GENERATE, "Pause the queue", "pause", "Ctrl+Shift+P",
        "The running job goes on, the next one waits.", deeds.pause, checked=lambda w: w.studio.queue.paused),
    Row("cancel_all", GENERATE, "Cancel all jobs", "trash", "Ctrl+Shift+.",
        "Empties the queue and stops what runs.", lambda w: w.studio.queue.cancel_all(), _has_jobs),
    Row("roll", GENERATE, "Another seed", "dice", "Ctrl+D",
        "Throws another seed, and keeps it.", deeds.roll),
    Row("swap", GENERATE, "Swap width and height", "swap", "Ctrl+Shift+W",
        "Turns a landscape into a portrait.", deeds.swap),
    Row("earlier", GENERATE, "Earlier prompt", "history", "Alt+Up",
        "Brings back the prompt before this one.", lambda window: window.panel.prompt.recall(1)),
    Row("later", GENERATE, "Later prompt", "history", "Alt+Down",
        "Goes forward again among earlier prompts.", lambda window: window.panel.prompt.recall(-1)),
    Row("previous", VIEW, "Previous result", "left", "Alt+Left",
        "The result before this one.", lambda window: window.studio.stage.step(-1), _has_results),
    Row("next", VIEW, "Next result", "right", "Alt+Right",
        "The result after this one.", lambda window: window.studio.stage.step(1), _has_results),
    Row("compare", VIEW, "Compare", "compare", "Ctrl+E",
        "Two chosen pictures with a divider between them, or one and its neighbour; more side by side.",
        deeds.compare, _has_result, checked=lambda window: window.studio.stage.rival is not None),
    Row("fit", VIEW, "Fit in window", "fit", "Ctrl+0",
        "The whole picture, as large as there is room.", lambda window: window.center.eye.fit(), _has_picture),
    Row("actual_size", VIEW, "Actual size", "actual-size", "Ctrl+1",
        "One pixel of the picture is one of the screen.", lambda window: window.center.eye.zoom_to(1.0), _has_picture),
    Row("zoom_in", VIEW, "Zoom in", "zoom-in", "Ctrl++",
        "Nearer. The wheel does it where the pointer is.", lambda window: window.center.eye.zoom_by(1.5), _has_picture),
    Row("zoom_out", VIEW, "Zoom out", "zoom-out", "Ctrl+-",
        "Further away.", lambda window: window.center.eye.zoom_by(1 / 1.5), _has_picture),
    Row("show_prompt", VIEW, "Prompt panel", "style", "F7",
        "Shows or hides the prompt panel.", deeds.toggle("prompt"), checked=_shows("prompt")),
    Row("show_results", VIEW, "Results", "picture", "F8",
        "Shows or hides the results.", deeds.toggle("results"), checked=_shows("results")),
    Row("show_layers", VIEW, "Layers", "layers", "F6",
        "Shows or hides the canvas's layers.", deeds.toggle("layers"), checked=_shows("layers")),
    Row("show_queue", VIEW, "Queue", "queue", "F9",
        "Shows or hides the list of jobs.", deeds.toggle("queue"), checked=_shows("queue")),
    Row("go_to_prompt", VIEW, "Go to the prompt", "caret-right", "Ctrl+L",
        "Puts the cursor into the prompt.", deeds.go_to_prompt),
    Row("theme", VIEW, "Dark or light", "moon", "Ctrl+Shift+L",
        "Switches between the dark and the light look.", deeds.switch_theme),
    Row("full_screen", VIEW, "Full screen", "zen", "F11",
        "The window alone on the screen.", deeds.full_screen, checked=lambda window: window.isFullScreen()),
    Row("reset_layout", VIEW, "Reset the layout", "retry", "Ctrl+Shift+0",
        "Panels go back to where they were at first.", lambda window: window.layout_.reset()),
    Row("palette", HELP, "Command palette…", "command", "Ctrl+K",
        "Every action by a few letters of its name.", lambda window: window.palette_box.open()),
    Row("shortcuts", HELP, "Keyboard shortcuts…", "help", "F1",
        "All keys, to look up and to change.", lambda window: window.open_settings("Shortcuts")),
    Row("network", HELP, "Network…", "compare", "",
        "Every connection that Sfumato has made since its launch, and what for.",
        lambda window: window.side_windows.network.open()),
    *help.ROWS,
    *queue.ROWS,
    *gallery.ROWS,
    *models.ROWS,
    *canvas.ROWS,
)  # fmt: skip


class Actions(QObject):
    """The rows as QActions of a window."""

    def __init__(self, window: Window):
        super().__init__(window)
        self._window = window
        self._actions = {row.name: self._make(row) for row in ROWS}
        window.addActions(list(self._actions.values()))

    def __getitem__(self, name: str) -> QAction:
        return self._actions[name]

    def __iter__(self) -> Iterator[QAction]:
        return iter(self._actions.values())

    @property
    def by_name(self) -> Mapping[str, QAction]:
        return self._actions

    def set_keys(self, changed: Mapping[str, str]) -> None:
        """The rows' own keys, but for those that people have changed."""
        for row in ROWS:
            keys = QKeySequence(changed.get(row.name, row.keys))
            action = self._actions[row.name]
            of_number_pad = QKeySequence(keys.toString().replace("Return", "Enter"))
            action.setShortcuts([keys] if of_number_pad == keys else [keys, of_number_pad])
            words = keys.toString(QKeySequence.SequenceFormat.NativeText)
            action.setToolTip(f"{row.tip} ({words})" if words else row.tip)

    def refresh(self) -> None:
        """What can be done now, and what is on."""
        for row in ROWS:
            action = self._actions[row.name]
            if row.enabled:
                action.setEnabled(row.enabled(self._window))
            if row.checked:
                action.setChecked(row.checked(self._window))

    def _make(self, row: Row) -> QAction:
        action = QAction(icon(row.icon), row.text, self._window)
        action.setObjectName(row.name)
        action.setStatusTip("")
        action.setCheckable(row.checked is not None)
        action.triggered.connect(lambda: self._do(row))
        return action

    def _do(self, row: Row) -> None:
        """And what is on is what is so now, rather than what Qt takes for it."""
        row.do(self._window)
        self.refresh()
