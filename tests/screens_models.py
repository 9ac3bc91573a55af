"""The models page's states for tests.screens: folders as people have them."""

from __future__ import annotations

import time
from collections.abc import Callable
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from desktop.paths import data_folder
from desktop.raster import Raster
from desktop.starter import painting
from desktop.starter.scenes import random_scenes
from desktop.studio.discovery import Find
from desktop.ui.models.page import ModelsPage
from tests import gallery_pictures, model_files
from tests.models.corpus import DENOISERS, LORAS, PARTS
from tests.models.layouts import BYTES, Case, header, write

if TYPE_CHECKING:
    from tests.screens import Scene


MANY = 4  # times that the checkpoints and LoRAs are there, by other names
LICENSE = {"modelspec.license": "FLUX.1 [dev] Non-Commercial License"}
FILES: tuple[tuple[str, Case, float, str], ...] = (  # name, what it is, GB, words that it was trained on
    ("Stable-diffusion/dreamshaper_8", DENOISERS["sd15"], 2.13, ""),
    ("Stable-diffusion/dreamshaper_8_inpainting", DENOISERS["sd15 inpaint"], 2.13, ""),
    ("Stable-diffusion/juggernautXL_v9", DENOISERS["sdxl"], 6.94, ""),
    ("Stable-diffusion/coastal_lightning", DENOISERS["sdxl lightning"], 6.94, ""),
    ("unet/flux1-dev", DENOISERS["flux"], 23.8, ""),
    ("unet/qwen_image_edit_2509_fp8", DENOISERS["qwen edit"], 20.4, ""),
    ("Lora/ink-wash", LORAS["kohya sdxl"], 0.228, "sumi-e, ink wash, rice paper, mountain mist, brush strokes"),
    ("Lora/claymation", LORAS["dora"], 0.456, "clay figure, stop motion"),
    ("Lora/papercut", LORAS["kohya flux"], 0.171, "papercut"),
    ("Lora/detail-tweaker", LORAS["kohya sd15"], 0.038, ""),
    ("VAE/sdxl_vae_fp16_fix", PARTS["vae of a name"], 0.167, ""),
    ("text_encoder/t5xxl_fp8_e4m3fn", PARTS["t5-xxl in fp8"], 4.89, ""),
    ("embeddings/easynegative", PARTS["embedding"], 0.000025, ""),
    ("ControlNet/control_v11p_sd15_openpose", PARTS["controlnet"], 0.723, ""),
    ("ESRGAN/4x-UltraSharp", PARTS["esrgan"], 0.067, ""),
)


def _fill(folder: Path) -> None:
    """As people's folders look: true headers, sparse files, pictures beside some of them, one that is not whole."""
    views = [Raster(painting.render(each, 320)) for each in random_scenes(24, seed=5)]
    for number in range(MANY):
        for place, (name, case, gigabytes, words) in enumerate(FILES):
            named = f"{name}{f'_v{number + 1}' if number else ''}.safetensors"
            if number == 0 or case.kind in ("checkpoint", "lora"):
                file = _write(folder / named, case, gigabytes, missing=number == 1 and "juggernaut" in name)
                if words:
                    model_files.note(file, **{"activation text": words})
                if case.kind not in ("vae", "embedding", "text_encoder", "upscaler") and (number, place) != (0, 9):
                    width, height = ((320, 320), (213, 320), (320, 240))[(number + place) % 3]
                    view = views[(number * 7 + place * 2) % len(views)]
                    file.with_suffix(".preview.png").write_bytes(view.cover(width, height).png())


def _write(file: Path, case: Case, gigabytes: float, missing: bool) -> Path:
    known = sum(prod(shape) for shape in case.tensors.values()) * BYTES[case.dtype]
    rest = max(0, round(gigabytes * 1e9) - known) // BYTES[case.dtype]
    said = dict(case.metadata) | (LICENSE if case.family == "flux" else {})
    rows = header({**case.tensors, "the.rest": (rest,)}, said, case.dtype)
    return write(file, rows, missing=5_000_000_000 if missing else 0)


def _opened(scene: Scene, fill: bool = True) -> ModelsPage:
    stock, folder = scene.studio.stock, data_folder() / "at hand"
    if fill:
        _fill(folder)
        gallery_pictures.fill(scene.studio.gallery.library, 60)
        scene.studio.memory.change_settings(models=str(folder))
    stock.active = True
    scene.until(lambda: stock.is_known and not stock.is_looking)
    page = scene.window.center.models
    assert page
    _wait_for_pictures(page)
    return page


def _wait_for_pictures(page: ModelsPage) -> None:
    end = time.monotonic() + 10

    def missing() -> bool:
        rows = [page.model.index(row) for row in page.grid.wall.seen()]
        needy = [index for index in rows if page.model.item(index).entry.preview]
        return not all(index.data(Qt.ItemDataRole.DecorationRole) for index in needy)

    while missing() and time.monotonic() < end:
        _pump(0.01)
    _pump(0.2)


def _pump(seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        QApplication.processEvents()
        time.sleep(0.002)


def _choose(page: ModelsPage, name: str) -> None:
    item = next(each for each in page._stock.items if each.entry.name == name)
    page._stock.choose([item.entry.path])
    _pump(0.4)


def models(scene: Scene) -> None:
    page = _opened(scene)
    stock = scene.studio.stock
    for item in stock.found[1:12:3]:
        stock.note([item], favourite=True)
    _choose(page, "ink-wash")
    stock.tag(stock.chosen, "landscape, paper")
    stock.note(stock.chosen, notes="0.7 with a guidance of 5; needs few words.")
    page.grid.setFocus()
    _pump(0.3)


def models_several(scene: Scene) -> None:
    """Some chosen at once, and the question before they go."""
    page = _opened(scene)
    stock = scene.studio.stock
    stock.choose(item.entry.path for item in stock.found[2:7])
    stock.tag(stock.chosen, "archive")
    page.grid.setFocus()
    scene.window.actions_["delete_model"].trigger()
    _pump(0.3)


def models_search(scene: Scene) -> None:
    page = _opened(scene)
    page.search.setFocus()
    QTest.keyClicks(page.search, "ink")
    _pump(0.3)
    _wait_for_pictures(page)


def models_empty(scene: Scene) -> None:
    """Only the built-in model."""
    _opened(scene, fill=False)


def models_problem(scene: Scene) -> None:
    """A file that is not whole."""
    page = _opened(scene)
    broken = next(item for item in page._stock.items if item.entry.problem)
    _choose(page, broken.entry.name)
    _wait_for_pictures(page)
    page.grid.setFocus()
    _pump(0.1)


def models_nothing(scene: Scene) -> None:
    page = _opened(scene)
    page.search.setFocus()
    QTest.keyClicks(page.search, "spaceship")
    _pump(0.3)


def models_narrow(scene: Scene) -> None:
    page = _opened(scene)
    scene.window.resize(900, 560)
    _pump(0.3)
    _wait_for_pictures(page)


def models_found(scene: Scene) -> None:
    """What other programs have."""
    _opened(scene)
    finder = scene.window.side_windows.finder
    home = Path.home()
    scene.studio.discovery.finds = (
        Find("ComfyUI", home / "ComfyUI/models", 214, 612_000_000_000),
        Find("AUTOMATIC1111", home / "stable-diffusion-webui/models", 86, 148_200_000_000),
        Find("InvokeAI", home / "invokeai/models", 12, 31_500_000_000),
        Find("Hugging Face", home / ".cache/huggingface/hub", 31, 90_100_000_000),
    )
    finder.show()
    finder.move(scene.window.mapToGlobal(scene.window.rect().center()) - finder.rect().center())
    _pump(0.2)


def model_folders(scene: Scene) -> None:
    scene.studio.memory.change_settings(model_folders=("/home/maya/ComfyUI/models", "/mnt/archive/Stable Diffusion"))
    scene.window.open_settings("Folders")
    _pump(0.3)


STATES = (
    models,
    models_several,
    models_search,
    models_empty,
    models_problem,
    models_nothing,
    models_narrow,
    models_found,
    model_folders,
)
AT_200: tuple[Callable[[Scene], None], ...] = (models, models_problem, models_found)
