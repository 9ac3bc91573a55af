"""SizeRow: width and height, in a ratio or freely, and their swap."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from desktop.models import sizes
from desktop.studio.observable import bind
from desktop.studio.session import Session
from desktop.ui.widgets.buttons import IconButton
from desktop.ui.widgets.choice import ChoiceBox
from desktop.ui.widgets.fields import NumberField

FREE = ""


class SizeRow(QWidget):
    """Bound to a session's width and height."""

    def __init__(self, session: Session, parent: QWidget | None = None):
        super().__init__(parent)
        self._session = session
        self.ratio = ChoiceBox(self)
        self.ratio.offer([(FREE, "Free"), *((name, name) for name in sizes.RATIOS)])
        self.ratio.setMinimumContentsLength(4)
        self.ratio.setAccessibleName("Ratio of the sides")
        self.ratio.setToolTip("The picture's shape, at about as many pixels as the model was trained on.")
        self.ratio.edited.connect(self._take_ratio)
        self.width_field = self._field("Width", "width")
        self.height_field = self._field("Height", "height")
        swap = IconButton("swap", "Swap width and height", "Turns a landscape into a portrait.", self._swap, self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.ratio, 3)
        layout.addWidget(self.width_field, 2)
        layout.addWidget(QLabel("×", self))
        layout.addWidget(self.height_field, 2)
        layout.addWidget(swap)
        session.changed.connect(self._show_ratio)
        self._show_ratio("width")

    def _field(self, name: str, side: str) -> NumberField:
        field = NumberField(4, self)
        field.setAccessibleName(f"{name} in pixels")
        field.setToolTip(f"{name} of the picture in pixels. Far from the model's own size, things may appear twice.")
        field.setMinimumWidth(48)
        bind(self._session, side, field)
        field.edited.connect(lambda _: self._session.fit_model())
        return field

    def _show_ratio(self, name: str) -> None:
        if name in ("width", "height"):
            self.ratio.content = sizes.name_of(self._session.width, self._session.height)

    def _take_ratio(self, name: str) -> None:
        if name == FREE or not (model := self._session.model):
            return
        width, height = sizes.of_ratio(model.native, model.family.size_step, sizes.RATIOS[name])
        self._session.width, self._session.height = width, height

    def _swap(self) -> None:
        self._session.width, self._session.height = self._session.height, self._session.width
