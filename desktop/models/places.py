"""Where other tools keep their models: the usual folders of each, and those that their settings name."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LARGEST_SETTINGS = 1_000_000  # bytes
EXTRA_PATHS = "extra_model_paths.yaml"  # ComfyUI's list of folders elsewhere


@dataclass(frozen=True)
class Place:
    """A folder of models, and the tool whose it is."""

    tool: str
    folder: Path


@dataclass(frozen=True)
class Tool:
    """A row: what its folder is called, and where in it the models are."""

    name: str
    folders: tuple[str, ...]
    models: tuple[str, ...] = ("models",)


WEBUI = ("models", "embeddings")
COMFYUI = ("models",)
TOOLS = (
    Tool("Automatic1111", ("stable-diffusion-webui", "sd.webui/webui"), WEBUI),
    Tool("Forge", ("stable-diffusion-webui-forge", "webui_forge/webui", "sd-webui-forge-classic"), WEBUI),
    Tool("reForge", ("stable-diffusion-webui-reForge",), WEBUI),
    Tool("SD.Next", ("sdnext", "automatic", "vladmandic/automatic"), WEBUI),
    Tool("ComfyUI", ("ComfyUI", "comfyui", "comfy/ComfyUI", "ComfyUI_windows_portable/ComfyUI"), COMFYUI),
    Tool("SwarmUI", ("SwarmUI", "StableSwarmUI"), ("Models",)),
    Tool("Fooocus", ("Fooocus", "Fooocus_win64/Fooocus", "RuinedFooocus")),
    Tool("InvokeAI", ("invokeai", "InvokeAI", "invoke")),
    Tool("Stability Matrix", ("StabilityMatrix/Data", "Stability Matrix/Data", "StabilityMatrix"), ("Models",)),
    Tool("Krita AI", ("krita/ai_diffusion/server/ComfyUI", "ai_diffusion/server/ComfyUI"), COMFYUI),
    Tool("DiffusionBee", (".diffusionbee",), ("custom_models", "downloaded_assets")),
    Tool("Easy Diffusion", ("easy-diffusion", "EasyDiffusion", "stable-diffusion-ui")),
    Tool("OneTrainer", ("OneTrainer",)),
    Tool("kohya", ("kohya_ss",), ("models", "outputs")),
    Tool("ai-toolkit", ("ai-toolkit",), ("output",)),
    Tool("Draw Things", ("Library/Containers/com.liuliu.draw-things/Data/Documents",), ("Models",)),
)
BELOW = (
    "",
    "Documents",
    "Desktop",
    "Downloads",
    "AI",
    "ai",
    "git",
    "src",
    "apps",
    "Programs",
    "Pinokio/api",
    "pinokio/api",
)
PLATFORMS = {  # folders of applications within the home folder
    "win32": ("AppData/Roaming", "AppData/Local", "AppData/Local/Programs"),
    "darwin": ("Library/Application Support", "Applications"),
    "linux": (".local/share", ".var/app/org.kde.krita/data"),
}
SYSTEM = {"win32": tuple(f"{letter}:/" for letter in "CDEFGH"), "linux": ("/opt", "/workspace", "/srv")}
HUB = "Hugging Face"


def usual(
    home: Path | None = None, environment: Mapping[str, str] | None = None, platform: str = sys.platform
) -> list[Place]:
    """Those that are there, each folder once."""
    home = home or Path.home()
    environment = os.environ if environment is None else environment
    apps = [home / part for part in (*BELOW, *PLATFORMS.get(platform, ()))]
    roots = [*apps, *(Path(root) for root in SYSTEM.get(platform, ()))]
    found = [*_tools(roots, environment), *(Place(HUB, folder) for folder in _hubs(home, environment))]
    places: dict[Path, Place] = {}
    for place in found:
        if _is_folder(place.folder):
            places.setdefault(place.folder.resolve(), place)
    return list(places.values())


def _tools(roots: list[Path], environment: Mapping[str, str]) -> Iterator[Place]:
    for tool in TOOLS:
        homes = [root / name for root in roots for name in tool.folders]
        if tool.name == "InvokeAI" and "INVOKEAI_ROOT" in environment:
            homes.append(Path(environment["INVOKEAI_ROOT"]))
        for folder in homes:
            if _is_folder(folder):
                yield from (Place(tool.name, folder / models) for models in tool.models)
                yield from (Place(tool.name, other) for other in named_elsewhere(folder))


def named_elsewhere(folder: Path) -> list[Path]:
    """The folders that a tool's own settings name, if that file is in its folder."""
    return [*_extra_paths(folder / EXTRA_PATHS), *_fooocus(folder / "config.txt"), *_invokeai(folder / "invokeai.yaml")]


def _extra_paths(file: Path) -> Iterator[Path]:
    """ComfyUI: named sections, each with a base folder and folders by kind, several of them a line each."""
    for section in _settings(file).values():
        if isinstance(section, dict):
            base = Path(os.path.expandvars(_text(section.get("base_path")))).expanduser()
            for name, value in section.items():
                if name not in ("base_path", "is_default", "custom_nodes"):
                    yield from (file.parent / base / line.strip() for line in _text(value).splitlines() if line.strip())


def _fooocus(file: Path) -> Iterator[Path]:
    """Its settings are JSON, which is YAML as well."""
    for name, value in _settings(file).items():
        if isinstance(name, str) and name.startswith("path_") and name != "path_outputs":
            yield from (
                file.parent / folder for folder in (value if isinstance(value, list) else [value]) if _text(folder)
            )


def _invokeai(file: Path) -> Iterator[Path]:
    folder = _text(_settings(file).get("models_dir"))
    if folder:
        yield file.parent / folder


def _hubs(home: Path, environment: Mapping[str, str]) -> Iterator[Path]:
    """The cache of the Hub's own library, as its variables have it."""
    if cache := environment.get("HF_HUB_CACHE") or environment.get("HUGGINGFACE_HUB_CACHE"):
        yield Path(cache).expanduser()
    if root := environment.get("HF_HOME"):
        yield Path(root).expanduser() / "hub"
    yield Path(environment.get("XDG_CACHE_HOME") or home / ".cache") / "huggingface" / "hub"


def _settings(file: Path) -> dict[Any, Any]:
    import yaml  # here: few need it

    try:
        if file.stat().st_size > LARGEST_SETTINGS:
            return {}
        said = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError, yaml.YAMLError):
        return {}
    return said if isinstance(said, dict) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False
