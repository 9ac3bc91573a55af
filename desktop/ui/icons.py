"""Icons: line drawings from resources/icons, in the colour of the text around them."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QIconEngine, QImage, QPainter, QPixmap

from desktop.paths import RESOURCES
from desktop.ui import theme

FOLDER = RESOURCES / "icons"
PROGRAM_SIZES = (16, 24, 32, 48, 64, 128, 256, 512)


@cache
def _drawing(name: str) -> bytes:
    return (FOLDER / f"{name}.svg").read_bytes()


def svg(name: str, color: str) -> bytes:
    return _drawing(name).replace(b"currentColor", color.encode())


class _Engine(QIconEngine):
    """Draws when it is needed, sharp at any scale, in the theme of that moment."""

    def __init__(self, name: str, role: str):
        super().__init__()
        self._name, self._role = name, role

    def paint(self, painter: QPainter, rect: object, mode: QIcon.Mode, state: QIcon.State) -> None:
        from PySide6.QtSvg import QSvgRenderer  # here: the first frame comes sooner

        colors = theme.current()
        color = colors.muted if mode == QIcon.Mode.Disabled else getattr(colors, self._role)
        renderer = QSvgRenderer(QByteArray(svg(self._name, color)))
        renderer.render(painter, QRectF(rect))  # pyright: ignore[reportArgumentType, reportCallIssue]

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        image = QImage(size, QImage.Format.Format_ARGB32_Premultiplied)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        self.paint(painter, image.rect(), mode, state)
        painter.end()
        return QPixmap.fromImage(image)

    def clone(self) -> QIconEngine:
        return _Engine(self._name, self._role)


def icon(name: str, role: str = "text") -> QIcon:
    """`role`: a name of theme.Colors."""
    return QIcon(_Engine(name, role))


def program_icon() -> QIcon:
    """In each size as it was drawn for it."""
    icon = QIcon()
    for size in PROGRAM_SIZES:
        icon.addFile(str(FOLDER / f"sfumato-{size}.png"), QSize(size, size))
    return icon
