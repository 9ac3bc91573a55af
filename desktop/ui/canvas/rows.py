"""What can be done on the canvas: rows of the table of actions."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from desktop.canvas.tools.table import TOOLS
from desktop.ui.row import EDIT, FILE, GENERATE, LAYER, SELECT, TOOL, VIEW, Deed, Row, Test

if TYPE_CHECKING:
    from desktop.canvas.snapshot import Snapshot
    from desktop.ui.window import Window

SIZES = 1.2  # times, a press
HARDNESS = 0.1  # a press


def _paints(window: Window) -> bool:
    """Whether there is a canvas to work on."""
    return window.studio.easel.active and window.studio.easel.document is not None


def _begin(window: Window) -> None:
    window.studio.easel.active = True
    window.studio.documents.new()


def _has_candidate(window: Window) -> bool:
    return _paints(window) and window.studio.stage.is_candidate


def _set_aside(window: Window) -> None:
    window.studio.live.on = False
    window.studio.stage.set_aside()


def _flip_live(window: Window) -> None:
    window.studio.live.on = not window.studio.live.on


def _flip_canvas(window: Window) -> None:
    window.studio.easel.active = not window.studio.easel.active


def _flip_rulers(window: Window) -> None:
    window.studio.memory.change_settings(rulers=not window.studio.memory.settings.rulers)


def _result_to_canvas(window: Window) -> None:
    """Over it, from where Enter makes it a layer."""
    result = window.chosen[0]
    window.studio.easel.active = True
    window.studio.stage.show(result)


def _has_result(window: Window) -> bool:
    return bool(window.chosen)


def _upright(window: Window) -> None:
    window.canvas.view.turn(-window.canvas.view.lens.angle)


def _can_undo(window: Window) -> bool:
    document = window.studio.easel.document
    return _paints(window) and document is not None and document.history.can_undo


def _can_redo(window: Window) -> bool:
    document = window.studio.easel.document
    return _paints(window) and document is not None and document.history.can_redo


def _edit(name: str, function: str) -> Deed:
    """One of desktop.canvas.edits, by its name: numpy comes with it, later than the window."""
    return lambda window: window.studio.easel.do(name, _function(function))


def _work(name: str, function: str, *arguments: float) -> Deed:
    """The same, of those that look at every pixel."""

    def deed(window: Window) -> None:
        work = _function(function)
        window.studio.easel.do_apart(name, lambda snapshot: work(snapshot, *arguments))

    return deed


def _function(name: str) -> Callable[..., Snapshot]:
    from desktop.canvas import edits

    return getattr(edits, name)


def _delete_layer(window: Window) -> None:
    window.studio.easel.do("Delete layer", lambda snapshot: snapshot.remove(snapshot.active_id))


def _deselect(window: Window) -> None:
    from desktop.canvas.tiles import Plane

    window.studio.easel.do(
        "Deselect", lambda snapshot: snapshot.select(Plane(1)) if snapshot.selection.tiles else snapshot
    )


def _take_up(tool: str) -> Deed:
    return lambda window: setattr(window.studio.easel, "tool", tool)


def _holds(tool: str) -> Test:
    return lambda window: window.studio.easel.tool == tool


def _size(times: float) -> Deed:
    def deed(window: Window) -> None:
        brush = window.studio.easel.brush
        brush.size = max(brush.size + 1, brush.size * times) if times > 1 else brush.size * times

    return deed


def _harden(by: float) -> Deed:
    def deed(window: Window) -> None:
        window.studio.easel.brush.hardness += by

    return deed


ROWS = (
    Row("new", FILE, "New canvas", "plus", "Ctrl+N",
        "An empty canvas. The one before stays, under Earlier canvases.", _begin),
    Row("undo", EDIT, "Undo", "undo", "Ctrl+Z", "Takes back the last step on the canvas.",
        lambda w: w.studio.easel.undo(), _can_undo),
    Row("redo", EDIT, "Redo", "redo", "Ctrl+Shift+Z", "Does again what was taken back.",
        lambda w: w.studio.easel.redo(), _can_redo),
    Row("clear", EDIT, "Clear", "trash", "Del",
        "Empties the active layer, or what is selected of it.", _work("Clear", "clear"), _paints),
    Row("keep_result", LAYER, "Make it a layer", "check", "Alt+Return",
        "The picture over the canvas becomes a layer of what has changed. Enter does it, too.",
        lambda w: w.studio.landing.take(), _has_candidate),
    Row("set_aside", LAYER, "Set it aside", "eye-off", "Ctrl+Backspace",
        "The canvas is seen again; the picture stays in Results. Escape does it, too.", _set_aside, _has_candidate),
    Row("result_to_canvas", EDIT, "Edit on canvas", "canvas", "Ctrl+Shift+C",
        "Lays the chosen picture over the canvas; Enter makes it a layer.", _result_to_canvas, _has_result),
    Row("more_like", GENERATE, "More like this", "generate", "Ctrl+Shift+D",
        "Further ones that start from the chosen picture, under the same mask.",
        lambda w: w.studio.orders.more_like(w.chosen[0]), _has_result),
    Row("live", GENERATE, "Live", "play", "Ctrl+Shift+G",
        "A quick picture after each stroke, over the canvas. Enter keeps the one that is seen as a layer.",
        _flip_live, _paints, lambda w: w.studio.live.on),
    Row("canvas", VIEW, "Canvas", "canvas", "F3",
        "Between the canvas and single pictures.", _flip_canvas, checked=lambda w: w.studio.easel.active),
    Row("rulers", VIEW, "Rulers", "frame", "Ctrl+Alt+R", "Pixels along the canvas's edges.",
        _flip_rulers, _paints, lambda w: w.studio.memory.settings.rulers),
    Row("upright", VIEW, "Upright", "rotate", "Shift+0", "Ends the rotation of the view.", _upright, _paints),
    Row("add_layer", LAYER, "New layer", "plus", "Ctrl+Shift+N",
        "An empty layer above the active one.", _edit("New layer", "add_layer"), _paints),
    Row("add_mask", LAYER, "New mask", "mask", "",
        "A further layer that says where the model works.", _edit("New mask", "add_mask"), _paints),
    Row("duplicate_layer", LAYER, "Duplicate layer", "duplicate", "Ctrl+J",
        "The active layer once more, above itself.", _edit("Duplicate layer", "duplicate"), _paints),
    Row("merge_down", LAYER, "Merge down", "merge-down", "Ctrl+Shift+M",
        "The active layer and the one below become one.", _work("Merge down", "merge_down"), _paints),
    Row("flatten", LAYER, "Flatten", "layers", "",
        "All that is seen becomes one layer.", _work("Flatten", "flatten_all"), _paints),
    Row("delete_layer", LAYER, "Delete layer", "trash", "Shift+Del",
        "Removes the active layer.", _delete_layer, _paints),
    Row("select_all", SELECT, "Select all", "select-rectangle", "Ctrl+A",
        "All that is painted, and the frame.", _work("Select all", "select_all"), _paints),
    Row("deselect", SELECT, "Deselect", "cancel", "Ctrl+Shift+A", "Nothing is selected.", _deselect, _paints),
    Row("invert_selection", SELECT, "Invert selection", "invert", "Ctrl+I",
        "What is not selected, is.", _work("Invert selection", "invert_selection"), _paints),
    Row("grow_selection", SELECT, "Grow selection", "plus", "",
        "By 8 pixels on all sides.", _work("Grow selection", "grow_selection", 8), _paints),
    Row("shrink_selection", SELECT, "Shrink selection", "minus", "",
        "By 8 pixels on all sides.", _work("Shrink selection", "grow_selection", -8), _paints),
    Row("feather_selection", SELECT, "Feather selection", "select-ellipse", "",
        "Softens its edge by 8 pixels to either side.", _work("Feather selection", "feather_selection", 8), _paints),
    Row("selection_to_mask", SELECT, "Mask the selection", "mask", "Ctrl+M",
        "Where it is selected, the model works.", _work("Mask the selection", "selection_to_mask"), _paints),
    Row("mask_to_selection", SELECT, "Select the mask", "select-rectangle", "",
        "What is masked is selected.", _work("Select the mask", "mask_to_selection"), _paints),
    Row("invert_mask", SELECT, "Invert the mask", "invert", "Shift+V",
        "Within the frame.", _work("Invert the mask", "invert_mask"), _paints),
    Row("clear_mask", SELECT, "Clear the mask", "eraser", "Shift+M",
        "Nothing is masked.", _edit("Clear the mask", "clear_mask"), _paints),
    *(Row(f"tool_{tool.name}", TOOL, tool.text, tool.icon, tool.keys, tool.tip,
          _take_up(tool.name), _paints, _holds(tool.name)) for tool in TOOLS),
    Row("larger", TOOL, "Larger brush", "plus", "]", "Makes the brush larger.", _size(SIZES), _paints),
    Row("smaller", TOOL, "Smaller brush", "minus", "[", "Makes the brush smaller.", _size(1 / SIZES), _paints),
    Row("harder", TOOL, "Harder brush", "brush", "}", "Makes the brush's edge sharper.", _harden(HARDNESS), _paints),
    Row("softer", TOOL, "Softer brush", "brush", "{", "Makes the brush's edge softer.", _harden(-HARDNESS), _paints),
    Row("swap_colors", TOOL, "Swap colours", "swap", "X",
        "The colour to paint with, and the one behind it.", lambda w: w.studio.easel.swap_colors(), _paints),
)  # fmt: skip
