"""What the window draws with: the parts of Qt that are loaded by name, icons, fonts."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QPluginLoader, QRect, Qt
from PySide6.QtGui import QFont, QFontDatabase, QFontInfo, QImage, QImageReader, QPainter
from PySide6.QtWidgets import QApplication

from desktop.check.trial import Missing, Trial
from desktop.settings import Settings
from desktop.ui import application, icons

SIDE = 32
FORMATS = ("png", "jpeg", "svg")  # that Qt itself reads here
TEXT = "Straße, naïve, łódź"
PLATFORMS = {"win32": ("qwindows",), "darwin": ("qcocoa",)}
LINUX = ("qxcb", "qwayland")  # either will do


def trials() -> Iterator[Trial]:
    app = application.begin(Settings())
    yield Trial("Qt platform", _platform)
    yield Trial("Qt image formats", _formats)
    yield Trial("fonts", partial(_fonts, app))
    yield Trial("icons", _icons)
    yield Trial("program icon", _program_icon)


def _platform() -> str:
    """Its part for screens, which is not the one of this check."""
    folders = [Path(path) / "platforms" for path in QCoreApplication.libraryPaths()]
    names = PLATFORMS.get(sys.platform, LINUX)
    found = (file for folder in folders for file in folder.glob("*"))
    files = [file for file in found if file.name.removeprefix("lib").startswith(names)]
    if not files:
        raise RuntimeError(f"there is none of {', '.join(names)} in {', '.join(map(str, folders))}")
    errors = {file.stem: _loading_error(file) for file in files}
    if all(errors.values()):
        raise Missing("; ".join(errors.values()))
    return ", ".join(name for name, error in errors.items() if not error)


def _loading_error(file: Path) -> str:
    loader = QPluginLoader(str(file))
    return "" if loader.load() else loader.errorString()


def _formats() -> str:
    found = [bytes(name.data()).decode() for name in QImageReader.supportedImageFormats()]
    if missing := [name for name in FORMATS if name not in found]:
        raise RuntimeError(f"Qt cannot read {', '.join(missing)}")
    return ", ".join(found)


def _fonts(app: QApplication) -> str:
    if not QFontDatabase.families():
        raise Missing("the system has no fonts")
    image = _blank(8 * SIDE)
    painter = QPainter(image)
    painter.setFont(QFont(app.font().family(), 12))
    painter.drawText(QRect(0, 0, 8 * SIDE, 8 * SIDE), Qt.AlignmentFlag.AlignCenter, TEXT)
    painter.end()
    if _is_blank(image):
        raise RuntimeError("text is not drawn")
    return QFontInfo(app.font()).family()


def _icons() -> str:
    names = sorted(file.stem for file in icons.FOLDER.glob("*.svg"))
    blank = [name for name in names if _is_blank(icons.icon(name).pixmap(SIDE, SIDE).toImage())]
    if blank or not names:
        raise RuntimeError(f"not drawn: {', '.join(blank) or 'none are there'}")
    return f"{len(names)} drawn"


def _program_icon() -> str:
    if icons.program_icon().pixmap(SIDE, SIDE).isNull():
        raise RuntimeError("it is not there")
    return ""


def _blank(side: int) -> QImage:
    image = QImage(side, side, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    return image


def _is_blank(image: QImage) -> bool:
    plain = image.convertToFormat(QImage.Format.Format_ARGB32)  # held while its memory is looked at
    return not any(bytes(plain.constBits()))
