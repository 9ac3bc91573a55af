"""The canvas on dense screens: one of its pixels is one of the screen's at 100 %, and strokes are where the hand is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SCALES = (1, 1.5, 2, 3)


@pytest.mark.parametrize("scale", SCALES)
def test_at_any_density(scale: float, tmp_path: Path) -> None:
    """In a process of its own, since Qt reads the scale once."""
    env = os.environ | {
        "QT_QPA_PLATFORM": "offscreen",
        "QT_SCALE_FACTOR": str(scale),
        "SFUMATO_DATA": str(tmp_path),
    }
    command = [sys.executable, "-c", "from tests.ui.test_density import look; look()"]
    done = subprocess.run(command, env=env, stdout=subprocess.PIPE, check=True, timeout=60)
    assert json.loads(done.stdout) == {"ratio": scale, "sharp": True, "under the hand": [200, 40, 30], "outline": True}


def look() -> None:
    """Tells what is seen of a chequer of single pixels at 100 %, and of a stroke at 50 %."""
    import numpy as np
    from PySide6.QtCore import QPoint, QPointF, QRect, Qt
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QApplication

    from desktop.canvas.edits import layer_of
    from desktop.canvas.files.contents import Contents
    from desktop.canvas.snapshot import Snapshot
    from desktop.database import Database
    from desktop.paths import data_folder
    from desktop.raster import Raster
    from desktop.settings import Settings
    from desktop.studio.documents import Sheet
    from desktop.studio.studio import Studio
    from desktop.styles import read_styles
    from desktop.ui import application
    from desktop.ui.canvas.view import CanvasView
    from desktop.ui.widgets.images import from_image
    from tests.fakes import FakeEngine

    app = QApplication(sys.argv[:1])
    application.dress(app, Settings(theme="dark"))
    studio = Studio(Database(data_folder() / "sfumato.db"), lambda device, precision: FakeEngine(), read_styles())
    view = CanvasView(studio.easel)
    view.resize(300, 200)
    view.show()
    chequer = (np.indices((400, 400)).sum(axis=0) % 2 * 255).astype(np.uint8)
    layer = layer_of(Raster(chequer[..., np.newaxis].repeat(3, axis=2)), 0, 0, "Chequer")
    studio.documents.take(Sheet.new(), Contents(Snapshot.new(QRect(0, 0, 400, 400)).add(layer)))
    while studio.easel.document is None:
        QTest.qWait(5)

    def seen() -> np.ndarray:
        view.repaint()
        return from_image(view.grab().toImage()).pixels[..., :3]

    view.lens.center = QPointF(200, 200)
    view.zoom_to(1.0)
    pixels = seen()
    middle = pixels[pixels.shape[0] // 2 - 20 :, pixels.shape[1] // 2 - 20 :][:40, :40]
    sharp = bool((np.unique(middle) == [0, 255]).all() and (middle[:, 1:] != middle[:, :-1]).all())
    view.zoom_to(0.5)
    studio.easel.color, studio.easel.brush.size, studio.easel.brush.hardness = (200, 40, 30), 60, 1.0
    hand = QPoint(130, 90)
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=hand)
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=hand)
    view.point_at(None)
    ratio = view.devicePixelRatioF()
    painted = seen()[round(hand.y() * ratio), round(hand.x() * ratio)]
    view.point_at(QPointF(150, 100))
    radius = view.overlay.brush.size * view.lens.scale / 2 if view.overlay.brush else 0
    there = seen()[round(100 * ratio), round((150 + radius) * ratio) - 1 : round((150 + radius) * ratio) + 2].astype(
        int
    )
    outline = bool((there.max(axis=1) > 150).any())
    print(json.dumps({"ratio": ratio, "sharp": sharp, "under the hand": painted.tolist(), "outline": outline}))
    view.close()
    studio.close()
