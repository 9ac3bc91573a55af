"""Toolbox: the tools, the two colours below them; and OptionsBar: how the tool in the hand is set."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QAction, QColor, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QColorDialog, QGridLayout, QHBoxLayout, QLabel, QSizePolicy, QStackedWidget, QWidget

from desktop.canvas.nib import Brush
from desktop.canvas.tools.table import BY_NAME, TOOLS
from desktop.studio.easel import Easel
from desktop.studio.observable import Control, bind, watch
from desktop.ui import theme
from desktop.ui.widgets.buttons import ActionButton, Toggle
from desktop.ui.widgets.slider import NumberSlider

TOOL = QSize(20, 20)
COLUMNS = 2  # of tools, so that all are seen in a low window


class Toolbox(QWidget):
    """Bound to an easel. `actions` by name, from the table of actions."""

    def __init__(self, easel: Easel, actions: Mapping[str, QAction], parent: QWidget | None = None):
        super().__init__(parent)
        layout = QGridLayout(self)
        layout.setContentsMargins(4, 6, 4, 6)
        layout.setSpacing(2)
        for place, row in enumerate(TOOLS):
            button = ActionButton(actions[f"tool_{row.name}"], self)
            button.setIconSize(TOOL)
            layout.addWidget(button, *divmod(place, COLUMNS))
        rows = layout.rowCount()
        layout.addWidget(Colors(easel, self), rows, 0, 1, COLUMNS, Qt.AlignmentFlag.AlignHCenter)
        layout.setRowMinimumHeight(rows, 48)
        layout.setRowStretch(rows + 1, 1)


class Colors(QWidget):
    """The colour that is painted with, over the one that X brings; a click chooses another."""

    def __init__(self, easel: Easel, parent: QWidget | None = None):
        super().__init__(parent)
        self._easel = easel
        self.setFixedSize(34, 34)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Colour")
        self.setToolTip("The colour to paint with. A click chooses another, X swaps it with the one behind.")
        for name in ("color", "other_color"):
            watch(easel, name, lambda _: self.update(), self)

    def choose(self) -> None:
        dialog = QColorDialog(QColor(*self._easel.color), self)
        dialog.setOption(QColorDialog.ColorDialogOption.DontUseNativeDialog)
        dialog.currentColorChanged.connect(self._take)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def _take(self, color: QColor) -> None:
        self._easel.color = (color.red(), color.green(), color.blue())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.choose()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        line = QColor(theme.current().accent if self.hasFocus() else theme.current().muted)
        for color, place in (
            (self._easel.other_color, QRect(11, 11, 21, 21)),
            (self._easel.color, QRect(1, 1, 21, 21)),
        ):
            painter.setPen(QPen(line, 1))
            painter.setBrush(QColor(*color))
            painter.drawRect(place)


class OptionsBar(QWidget):
    """One page a tool, of what it uses."""

    def __init__(self, easel: Easel, parent: QWidget | None = None):
        super().__init__(parent)
        self._pages = QStackedWidget(self)
        self._places = {row.name: self._pages.addWidget(_page(easel, row.name, self)) for row in TOOLS}
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 4, 8, 4)
        self._pages.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)  # a narrow window cuts it off
        layout.addWidget(self._pages)
        watch(easel, "tool", lambda tool: self._pages.setCurrentIndex(self._places[tool]), self)


def _page(easel: Easel, tool: str, parent: QWidget) -> QWidget:
    page = QWidget(parent)
    layout = QHBoxLayout(page)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(6)
    row = BY_NAME[tool]
    for option in row.options:
        layout.addWidget(_option(easel, tool, option, page), 64)
    if not row.options:
        name = QLabel(row.text, page)
        name.setProperty("heading", True)
        name.setMinimumWidth(80)
        layout.addWidget(name)
        tip = QLabel(row.tip, page)
        tip.setProperty("muted", True)
        layout.addWidget(tip)
    layout.addStretch(1)
    return page


def _option(easel: Easel, tool: str, name: str, parent: QWidget) -> QWidget:
    control = OPTIONS[name](parent)
    bind(easel if name in ("tolerance", "contiguous") else easel.brushes[tool], name, control)
    assert isinstance(control, QWidget)
    return control


def _slider(words: str, tip: str, most: float, default: float, unit: str, **how: int) -> Callable[[QWidget], Control]:
    def make(parent: QWidget) -> Control:
        slider = NumberSlider(0, most, lambda: default, unit=unit, label=words, parent=parent, **how)
        slider.setMinimumWidth(slider.fontMetrics().horizontalAdvance(f"{words} 100{unit}") + 20)
        slider.setMaximumWidth(132)
        slider.setAccessibleName(words)
        slider.setToolTip(tip)
        return slider

    return make


def _percent(words: str, tip: str, default: float) -> Callable[[QWidget], Control]:
    return _slider(words, tip, 1.0, default, " %", times=100)


def _toggle(icon: str, words: str, tip: str) -> Callable[[QWidget], Control]:
    return lambda parent: Toggle(icon, icon, words, tip, parent)


OPTIONS: dict[str, Callable[[QWidget], Control]] = {
    "size": _slider("Size", "The brush's diameter in pixels of the picture.", 500, Brush.size, " px"),
    "hardness": _percent("Hardness", "How sharp the brush's edge is.", Brush.hardness),
    "opacity": _percent("Opacity", "How much a stroke covers at most.", Brush.opacity),
    "flow": _percent("Flow", "How fast a stroke comes to that, dab by dab.", Brush.flow),
    "spacing": _percent("Spacing", "From one dab to the next, as a share of the size.", Brush.spacing),
    "pressure_sizes": _toggle("pressure-size", "Pressure sets the size", "A pen that presses harder draws thicker."),
    "pressure_covers": _toggle(
        "pressure-opacity", "Pressure sets the opacity", "A pen that presses harder covers more."
    ),
    "tilt_widens": _toggle("tilt-size", "Tilt sets the size", "A pen that is laid down draws with its side, thicker."),
    "curve": _slider("Firmness", "Above 1 the pen must be pressed harder for the same.", 5, Brush.curve, "", digits=1),
    "tolerance": _slider("Tolerance", "How far a colour may be off to count as alike, 0 to 255.", 255, 32, ""),
    "contiguous": _toggle("contiguous", "Contiguous", "Only what hangs together with the place that is clicked."),
}
