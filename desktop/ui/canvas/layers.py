"""LayersPanel: the layers from the top down, to choose, show and hide, lock, rename, reorder, mix and merge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import (
    QAbstractItemModel,
    QAbstractListModel,
    QEvent,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QAction, QColor, QImage, QMouseEvent, QPainter, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from desktop.engine.api import Failed
from desktop.studio.easel import Easel
from desktop.studio.worker import Errands
from desktop.ui import theme
from desktop.ui.icons import icon
from desktop.ui.widgets.buttons import ActionButton, Toggle
from desktop.ui.widgets.choice import ChoiceBox
from desktop.ui.widgets.slider import NumberSlider

if TYPE_CHECKING:
    from desktop.canvas.layer import Layer
    from desktop.canvas.snapshot import Snapshot

THUMBNAIL = 32  # pixels
ROW = 44
LEAST = 4 * ROW + 2  # high enough for as many layers
EYE = 32  # width of the place that shows and hides
LATER = 150  # ms after which thumbnails follow
MIME = "application/x-sfumato-layer"
BUTTONS = ("add_layer", "add_mask", "duplicate_layer", "merge_down", "delete_layer")
BLENDS = {
    "normal": "Normal",
    "multiply": "Multiply",
    "screen": "Screen",
    "overlay": "Overlay",
    "darken": "Darken",
    "lighten": "Lighten",
    "plus-lighter": "Add",
    "color": "Colour",
    "luminosity": "Luminosity",
}  # by the values of desktop.canvas.layer.Blend

Index = QModelIndex | QPersistentModelIndex


class LayersModel(QAbstractListModel):
    """Row 0 is the layer at the top."""

    renamed = Signal(str, str)  # id, name
    dropped = Signal(str, int)  # id, place from the bottom

    def __init__(self, lane: Errands, parent: QObject | None = None):
        super().__init__(parent)
        self._lane = lane
        self._layers: tuple[Layer, ...] = ()
        self._drawing: set[str] = set()  # layers whose thumbnail is on its way
        self._area = QRect()
        self._thumbnails: dict[str, tuple[object, QPixmap]] = {}  # by layer: of which plane and area, and the picture
        self._later = QTimer(self, singleShot=True, interval=LATER)
        self._later.timeout.connect(self._refresh_all)

    def show(self, snapshot: Snapshot) -> None:
        layers = tuple(reversed(snapshot.layers))
        self._area = snapshot.sight
        there = {layer.id for layer in layers}
        self._thumbnails = {key: found for key, found in self._thumbnails.items() if key in there}
        if [layer.id for layer in layers] != [layer.id for layer in self._layers]:
            self.beginResetModel()
            self._layers = layers
            self.endResetModel()
        elif layers != self._layers:
            self._layers = layers
            self._refresh_all()
        self._later.start()

    def layer(self, index: Index) -> Layer:
        return self._layers[index.row()]

    def index_of(self, layer_id: str) -> QModelIndex:
        return next((self.index(row) for row, each in enumerate(self._layers) if each.id == layer_id), QModelIndex())

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self._layers)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        layer = self.layer(index)
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return layer.name
        if role == Qt.ItemDataRole.DecorationRole:
            return self._thumbnail(layer)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{layer.name}, {layer.role}, {'shown' if layer.visible else 'hidden'}"
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        name = str(value).strip()
        if name and name != self.layer(index).name:
            self.renamed.emit(self.layer(index).id, name)
        return bool(name)

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.ItemIsDropEnabled  # between rows only
        return super().flags(index) | Qt.ItemFlag.ItemIsEditable | Qt.ItemFlag.ItemIsDragEnabled

    def supportedDropActions(self) -> Qt.DropAction:
        return Qt.DropAction.MoveAction

    def mimeTypes(self) -> list[str]:
        return [MIME]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        mime = QMimeData()
        mime.setData(MIME, self.layer(indexes[0]).id.encode())
        return mime

    def dropMimeData(self, data: QMimeData, action: Qt.DropAction, row: int, column: int, parent: Index) -> bool:
        layer_id = bytes(data.data(MIME).data()).decode()
        before = self.index_of(layer_id).row()
        row = len(self._layers) if row < 0 else row
        to = row - 1 if row > before else row
        self.dropped.emit(layer_id, len(self._layers) - 1 - to)
        return False  # the document moves it; the view must not

    def _thumbnail(self, layer: Layer) -> QPixmap:
        """As it was last; another is drawn beside the window, since a layer may have to be read from the disk."""
        state = (layer.plane, layer.offset, self._area)
        before, pixmap = self._thumbnails.get(layer.id, (None, QPixmap()))
        if before != state and layer.id not in self._drawing and not self._later.isActive():
            self._drawing.add(layer.id)
            drawn, failed = partial(self._drawn, layer.id, state), partial(self._undrawn, layer.id, state)
            self._lane.send(partial(_picture_of, layer, self._area), drawn, failed)
        return pixmap

    def _drawn(self, layer_id: str, state: object, image: QImage) -> None:
        self._drawing.discard(layer_id)
        self._thumbnails[layer_id] = (state, QPixmap.fromImage(image))
        index = self.index_of(layer_id)
        self.dataChanged.emit(index, index)

    def _undrawn(self, layer_id: str, state: object, _: Failed) -> None:
        """Pixels that cannot be read are told where they are needed."""
        self._drawn(layer_id, state, QImage())

    def _refresh_all(self) -> None:
        if self._layers:
            self.dataChanged.emit(self.index(0), self.index(len(self._layers) - 1))


def _picture_of(layer: Layer, area: QRect) -> QImage:
    import numpy as np

    from desktop.canvas.thumbnail import thumbnail

    pixels = np.ascontiguousarray(thumbnail(layer, area, 2 * THUMBNAIL))
    height, width, channels = pixels.shape
    kind = QImage.Format.Format_RGBA8888 if channels == 4 else QImage.Format.Format_Grayscale8
    return QImage(pixels.data, width, height, channels * width, kind).copy()


class LayersPanel(QWidget):
    """Bound to an easel. `actions` by name, from the table of actions."""

    def __init__(self, easel: Easel, actions: Mapping[str, QAction], parent: QWidget | None = None):
        super().__init__(parent)
        self._easel = easel
        self.model = LayersModel(easel.lane, self)
        self.list = _List(self)
        self.list.setModel(self.model)
        self.list.setItemDelegate(_Row(self._toggle, self.list))
        self.list.selectionModel().currentChanged.connect(self._activate)
        self.model.renamed.connect(lambda layer_id, name: self._change("Rename", layer_id, name=name))
        self.model.dropped.connect(self._move)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 4, 8, 8)
        layout.setSpacing(6)
        layout.addLayout(self._head())
        layout.addWidget(self.list, 1)
        foot = QHBoxLayout()
        foot.setSpacing(2)
        for name in BUTTONS:
            foot.addWidget(ActionButton(actions[name], self))
        foot.addStretch(1)
        layout.addLayout(foot)
        easel.changed_inside.connect(self._show)
        easel.changed.connect(lambda name: self._show() if name == "document" else None)
        self._show()

    def sizeHint(self) -> QSize:
        return QSize(240, 340)

    def _head(self) -> QFormLayout:
        self.blend = ChoiceBox(self)
        self.blend.offer(BLENDS.items())
        self.blend.setAccessibleName("Blend mode")
        self.blend.setToolTip("How the layer's colours meet those below it.")
        self.blend.edited.connect(lambda value: self._change_active("Blend mode", blend=_blend(value)))
        self.opacity = NumberSlider(0, 100, lambda: 100, unit=" %", parent=self)
        self.opacity.setAccessibleName("Opacity of the layer")
        self.opacity.setToolTip("How much of the layer is seen.")
        self.opacity.edited.connect(lambda value: self._change_active("Opacity", merge=True, opacity=value / 100))
        self.lock = Toggle("lock", "lock-open", "Lock the layer", "Locked, the layer cannot be painted on or moved.")
        self.lock.edited.connect(lambda on: self._change_active("Lock", locked=on))
        self.alpha_lock = Toggle(
            "alpha-lock", "alpha-lock", "Lock transparency", "Locked, what is transparent stays transparent."
        )
        self.alpha_lock.edited.connect(lambda on: self._change_active("Lock transparency", alpha_locked=on))
        row = QHBoxLayout()
        row.setSpacing(4)
        for widget in (self.blend, self.lock, self.alpha_lock):
            row.addWidget(widget)
        form = QFormLayout()
        form.setContentsMargins(0, 0, 0, 0)
        form.setVerticalSpacing(4)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for words, field in (("Mode", row), ("Opacity", self.opacity)):
            label = QLabel(words, self)
            label.setProperty("muted", True)
            label.setMinimumHeight(theme.CONTROL)
            form.addRow(label, field)
        return form

    # ------------------------------------------------------------ both ways

    def _show(self) -> None:
        snapshot = self._easel.snapshot
        self.setEnabled(snapshot is not None)
        if snapshot is None:
            return
        self.model.show(snapshot)
        index = self.model.index_of(snapshot.active_id)
        if self.list.currentIndex() != index:
            self.list.setCurrentIndex(index)
        if layer := snapshot.active:
            self.blend.content = str(layer.blend)
            self.opacity.content = round(layer.opacity * 100)
            self.lock.content = layer.locked
            self.alpha_lock.content = layer.alpha_locked

    def _activate(self, index: QModelIndex) -> None:
        document = self._easel.document
        if document and index.isValid() and self.model.layer(index).id != document.snapshot.active_id:
            layer_id = self.model.layer(index).id
            self._easel.amend(lambda snapshot: snapshot.activate(layer_id))

    def _toggle(self, index: Index) -> None:
        layer = self.model.layer(index)
        self._change("Hide" if layer.visible else "Show", layer.id, visible=not layer.visible)

    def _move(self, layer_id: str, to: int) -> None:
        self._easel.do("Move layer", lambda snapshot: snapshot.move(layer_id, to))

    def _change_active(self, deed: str, merge: bool = False, **properties: Any) -> None:
        if snapshot := self._easel.snapshot:
            self._change(deed, snapshot.active_id, merge, **properties)

    def _change(self, deed: str, layer_id: str, merge: bool = False, **properties: Any) -> None:
        self._easel.do(
            deed, lambda snapshot: snapshot.change(layer_id, **properties), f"{deed} {layer_id}" if merge else ""
        )


def _blend(value: str) -> Any:
    from desktop.canvas.layer import Blend

    return Blend(value)


class _List(QListView):
    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setDragDropOverwriteMode(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.DoubleClicked | QAbstractItemView.EditTrigger.EditKeyPressed)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setUniformItemSizes(True)
        self.setMinimumHeight(LEAST)
        self.setTabKeyNavigation(False)
        self.setAccessibleName("Layers")
        self.setToolTip("The eye shows and hides, a double click renames, dragging reorders.")


class _Row(QStyledItemDelegate):
    """Eye, thumbnail, name; a lock where it is locked."""

    def __init__(self, toggle: Any, parent: QObject | None = None):
        super().__init__(parent)
        self._toggle = toggle

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(120, ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        colors, model = theme.current(), index.model()
        assert isinstance(model, LayersModel)
        layer = model.layer(index)
        row: QRect = option.rect  # pyright: ignore[reportAttributeAccessIssue]
        state = option.state  # pyright: ignore[reportAttributeAccessIssue]
        painter.save()
        if state & (QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver):
            painter.fillRect(row, QColor(colors.hover if state & QStyle.StateFlag.State_Selected else colors.raised))
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(QRect(row.x(), row.y(), 2, row.height()), QColor(colors.accent))
        icon("eye" if layer.visible else "eye-off", "text" if layer.visible else "muted").paint(
            painter, QRect(row.x() + 8, row.center().y() - 8, 18, 18)
        )
        picture: QPixmap = index.data(Qt.ItemDataRole.DecorationRole)
        place = QRect(row.x() + EYE + 4, row.center().y() - THUMBNAIL // 2, THUMBNAIL, THUMBNAIL)
        painter.fillRect(place, QColor("#808080"))
        inside = QRect(place)
        inside.setSize(picture.size().scaled(place.size(), Qt.AspectRatioMode.KeepAspectRatio))
        inside.moveCenter(place.center())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawPixmap(inside, picture)
        painter.setPen(QColor(colors.text if layer.visible else colors.muted))
        words = self._words(row)
        name = painter.fontMetrics().elidedText(layer.name, Qt.TextElideMode.ElideRight, words.width())
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, name)
        if layer.locked:
            icon("lock", "muted").paint(painter, QRect(row.right() - 24, row.center().y() - 8, 16, 16))
        painter.restore()

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        row: QRect = option.rect  # pyright: ignore[reportAttributeAccessIssue]
        editor.setGeometry(self._words(row).adjusted(-6, 7, 0, -7))

    def editorEvent(self, event: QEvent, model: QAbstractItemModel, option: QStyleOptionViewItem, index: Index) -> bool:
        row: QRect = option.rect  # pyright: ignore[reportAttributeAccessIssue]
        on_eye = isinstance(event, QMouseEvent) and event.position().x() < row.x() + EYE
        if on_eye and event.type() == QEvent.Type.MouseButtonPress:
            self._toggle(index)
        return bool(on_eye)

    def _words(self, row: QRect) -> QRect:
        return row.adjusted(EYE + 4 + THUMBNAIL + 10, 0, -28, 0)
