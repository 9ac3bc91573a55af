"""All tools, one row each. A new tool is a function and a row."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from desktop.canvas.tools.kit import Tool


class Cursor(StrEnum):
    """What the pointer looks like over the canvas."""

    BRUSH = "brush"  # the brush's true outline
    CROSS = "cross"
    ARROW = "arrow"
    HAND = "hand"


@dataclass(frozen=True)
class Row:
    """`options`: which of the settings it uses, in the order in which they are shown.

    `work` is the module and function in this folder, loaded when the tool is taken up; none for those that move the
    view, which is no part of the document.
    """

    name: str
    text: str
    icon: str
    keys: str
    tip: str
    work: str = ""
    cursor: Cursor = Cursor.CROSS
    options: tuple[str, ...] = ()

    @property
    def run(self) -> Tool:
        module, function = self.work.split(".")
        return getattr(import_module(f"desktop.canvas.tools.{module}"), function)


STROKE = (
    *("size", "hardness", "opacity", "flow", "spacing"),
    *("pressure_sizes", "pressure_covers", "tilt_widens", "curve"),
)
LIKENESS = ("tolerance", "contiguous")

TOOLS = (
    Row("move", "Move", "move", "V", "Moves the active layer, or what is selected of it. With Ctrl it does not snap.",
        "places.move", Cursor.ARROW),
    Row("brush", "Brush", "brush", "B", "Paints on the active layer. Shift draws a line from the last stroke.",
        "strokes.brush", Cursor.BRUSH, STROKE),
    Row("eraser", "Eraser", "eraser", "E", "Takes away from the active layer.",
        "strokes.eraser", Cursor.BRUSH, STROKE),
    Row("mask", "Mask brush", "mask", "M", "Paints where the model shall work. Ctrl takes away.",
        "strokes.mask_brush", Cursor.BRUSH, STROKE),
    Row("rectangle", "Rectangle", "select-rectangle", "R", "Selects a rectangle. Shift adds, Alt takes away.",
        "regions.rectangle"),
    Row("ellipse", "Ellipse", "select-ellipse", "O", "Selects an ellipse. Shift adds, Alt takes away.",
        "regions.ellipse"),
    Row("lasso", "Lasso", "lasso", "L", "Selects what is drawn around. Shift adds, Alt takes away.", "regions.lasso"),
    Row("polygon", "Polygon", "polygon", "P", "Selects between clicks; a double click closes it.", "regions.polygon"),
    Row("wand", "Magic wand", "wand", "W", "Selects what looks like the place that is clicked.",
        "regions.wand", options=LIKENESS),
    Row("bucket", "Fill", "bucket", "G", "Fills what looks like the place that is clicked.",
        "regions.bucket", options=LIKENESS),
    Row("eyedropper", "Eyedropper", "eyedropper", "I", "Takes up a colour. Alt does it from the brush.",
        "regions.eyedropper"),
    Row("frame", "Frame", "frame", "F", "Says which part is made. Over the edge, the picture is expanded.",
        "places.frame", Cursor.ARROW),
    Row("crop", "Crop", "crop", "C", "Cuts away all that is outside a rectangle.", "places.crop"),
    Row("transform", "Transform", "transform", "T", "Moves, scales and turns. Enter is final, Escape gives up.",
        "places.transform", Cursor.ARROW),
    Row("hand", "Hand", "hand", "H", "Moves the view. Space or the middle button does it with any tool.",
        cursor=Cursor.HAND),
    Row("zoom", "Zoom", "zoom-in", "Z", "A click zooms in, with Alt out; a drag to the side does it smoothly."),
    Row("turn", "Rotate view", "rotate", "Shift+R",
        "Turns the view. Shift keeps to 15 degrees, a double click ends it.", cursor=Cursor.HAND),
)  # fmt: skip
BY_NAME = {row.name: row for row in TOOLS}
