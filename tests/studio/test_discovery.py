"""Where other programs keep their models."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject

from desktop.engine.api import Progress
from desktop.paths import STARTER
from desktop.studio.chores import Chores
from desktop.studio.discovery import Discovery, Find, discover
from desktop.studio.memory import Memory
from tests import model_files
from tests.models.folders import copied


def test_what_they_have_is_counted(tmp_path: Path) -> None:
    comfy, forge, empty = (tmp_path / name for name in ("comfy", "forge", "empty"))
    empty.mkdir()
    loras = [model_files.lora(comfy / "loras" / f"{n}.safetensors") for n in range(3)]
    (comfy / "loras" / "0.png").write_bytes(b"x" * 1000)
    folder = copied(STARTER, forge / "sd")
    weights = sum(file.stat().st_size for file in folder.rglob("*.safetensors"))
    places = [("ComfyUI", comfy), ("Forge", forge), ("Fooocus", empty), ("InvokeAI", tmp_path / "gone")]
    *told, finds = discover(places, lambda: False)
    assert told == [Progress(number, 4, name) for number, (name, _) in enumerate(places)]
    assert finds == (
        Find("ComfyUI", comfy, 3, sum(file.stat().st_size for file in loras)),
        Find("Forge", forge, 1, weights),
    )


def test_a_folder_within_another_is_counted_once(tmp_path: Path) -> None:
    """As where ComfyUI's settings name a folder of A1111's models."""
    outer, inner = tmp_path / "webui" / "models", tmp_path / "webui" / "models" / "Lora"
    model_files.lora(inner / "ink.safetensors")
    (tmp_path / "link").symlink_to(inner)
    places = [("ComfyUI", inner), ("Forge", outer), ("InvokeAI", tmp_path / "link"), ("Fooocus", tmp_path / "models")]
    *_, finds = discover(places, lambda: False)
    assert isinstance(finds, tuple)
    assert [(find.folder, find.count) for find in finds] == [(outer, 1)]


def test_what_lies_in_a_folder_that_is_used_is_known(memory: Memory, parent: QObject, tmp_path: Path) -> None:
    discovery = Discovery(Chores(parent), memory, parent)
    discovery.add([tmp_path])
    assert discovery.is_known(tmp_path / "Lora")
    assert not discovery.is_known(tmp_path.parent)
    discovery._chores.close()


def test_it_can_be_stopped_and_says_what_there_was(tmp_path: Path) -> None:
    for name in ("a", "b"):
        model_files.lora(tmp_path / name / "ink.safetensors")
    steps = discover([(name, tmp_path / name) for name in ("a", "b")], lambda: stopped)
    stopped = False
    next(steps)
    next(steps)  # the first one is done
    stopped = True
    assert [find.tool for find in next(steps)] == ["a"]  # pyright: ignore[reportGeneralTypeIssues]
