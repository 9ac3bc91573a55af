"""Where other tools keep their models: found where they are, with the folders that their settings name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from desktop.models.places import EXTRA_PATHS, LARGEST_SETTINGS, Place, named_elsewhere, usual


def _made(*folders: Path) -> Path:
    for folder in folders:
        folder.mkdir(parents=True)
    return folders[0]


@pytest.mark.parametrize(
    ("platform", "folder", "tool"),
    [
        ("linux", "stable-diffusion-webui/models", "Automatic1111"),
        ("linux", "Documents/ComfyUI/models", "ComfyUI"),
        ("linux", "invokeai/models", "InvokeAI"),
        ("linux", ".local/share/krita/ai_diffusion/server/ComfyUI/models", "Krita AI"),
        ("win32", "AppData/Roaming/StabilityMatrix/Data/Models", "Stability Matrix"),
        ("darwin", "Library/Application Support/StabilityMatrix/Models", "Stability Matrix"),
        ("linux", ".cache/huggingface/hub", "Hugging Face"),
    ],
)
def test_what_is_there_is_found(tmp_path: Path, platform: str, folder: str, tool: str) -> None:
    there = _made(tmp_path / folder)
    assert Place(tool, there) in usual(tmp_path, {}, platform)


def test_what_is_not_there_is_not(tmp_path: Path) -> None:
    assert not [place for place in usual(tmp_path, {}, "linux") if place.folder.is_relative_to(tmp_path)]


def test_the_hub_is_where_its_variables_say(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two" / "hub"
    _made(one, two)
    said = {"HF_HUB_CACHE": str(one), "HF_HOME": str(tmp_path / "two")}
    found = [place.folder for place in usual(tmp_path, said, "linux") if place.tool == "Hugging Face"]
    assert found == [one, two]


def test_a_folder_by_two_names_is_found_once(tmp_path: Path) -> None:
    _made(tmp_path / "ComfyUI" / "models")
    (tmp_path / "Documents").mkdir()
    (tmp_path / "Documents" / "ComfyUI").symlink_to(tmp_path / "ComfyUI")
    assert [place.tool for place in usual(tmp_path, {}, "linux") if place.folder.is_relative_to(tmp_path)] == [
        "ComfyUI"
    ]


YAML = """
a111:
    base_path: {base}
    checkpoints: models/Stable-diffusion
    loras: |
        models/Lora
        models/LyCORIS
    is_default: true
other:
    vae: /elsewhere/vae
    custom_nodes: nodes
broken: 5
"""


def test_comfyui_names_folders_elsewhere(tmp_path: Path) -> None:
    (tmp_path / EXTRA_PATHS).write_text(YAML.format(base=tmp_path / "webui"))
    models = tmp_path / "webui" / "models"
    expected = [models / "Stable-diffusion", models / "Lora", models / "LyCORIS", Path("/elsewhere/vae")]
    assert named_elsewhere(tmp_path) == expected


def test_those_are_among_the_usual_places(tmp_path: Path) -> None:
    elsewhere = _made(tmp_path / "webui" / "models" / "Lora", tmp_path / "ComfyUI" / "models")
    (tmp_path / "ComfyUI" / EXTRA_PATHS).write_text(YAML.format(base=tmp_path / "webui"))
    assert Place("ComfyUI", elsewhere) in usual(tmp_path, {}, "linux")


def test_fooocus_and_invokeai_name_folders_elsewhere(tmp_path: Path) -> None:
    said = {"path_checkpoints": ["/a", "/b"], "path_loras": "/c", "path_outputs": "/d", "default_model": "x"}
    (tmp_path / "config.txt").write_text(json.dumps(said))
    (tmp_path / "invokeai.yaml").write_text("schema_version: 4.0.2\nmodels_dir: /big/models\n")
    assert named_elsewhere(tmp_path) == [Path("/a"), Path("/b"), Path("/c"), Path("/big/models")]


BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{','.join([f'*{chr(97 + n)}'] * 9)}]\n" for n in range(12)
)


@pytest.mark.parametrize("content", ["", "5", "[", "a: " + "[" * 5000, "!!python/object:os.system x", BOMB, "\x00"])
def test_broken_settings_name_nothing(tmp_path: Path, content: str) -> None:
    for name in (EXTRA_PATHS, "config.txt", "invokeai.yaml"):
        (tmp_path / name).write_text(content)
    assert named_elsewhere(tmp_path) == []


def test_endless_settings_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "invokeai.yaml").write_text("models_dir: /big\n" + "#" * LARGEST_SETTINGS)
    assert named_elsewhere(tmp_path) == []
