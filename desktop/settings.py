"""What the user has chosen about Sfumato itself: one setting is one row here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from desktop import paths

SECTIONS = ("Look", "Canvas", "Library", "Engine", "Folders", "Network", "Shortcuts")
LOOK, CANVAS, LIBRARY, ENGINE, FOLDERS, NETWORK, SHORTCUTS = SECTIONS
NAMES = "{year}-{month}/{date}-{time}-{seed}"  # of new pictures

HUB, CIVITAI = "https://huggingface.co", "https://civitai.com"
RELEASES = "https://sfumato.example/releases.json"  # nobody's, until a publisher puts the own address here
THEMES = {"system": "As the system", "dark": "Dark", "light": "Light"}
SCALES = {percent: f"{percent} %" for percent in (100, 125, 150, 175, 200, 250, 300)}
MASK_COLORS = {
    "#e63c78": "Pink",
    "#e03030": "Red",
    "#f09020": "Orange",
    "#30b050": "Green",
    "#20a0c0": "Turquoise",
    "#4060f0": "Blue",
}
SHARES = {percent: f"{percent} %" for percent in range(10, 100, 10)}
BUDGETS = {megabytes: f"{megabytes} MB" for megabytes in (64, 128, 256, 512, 1024, 2048, 4096)}
PRECISIONS = {
    "": "Automatic",
    "float32": "Full (float32)",
    "bfloat16": "Half (bfloat16)",
    "float16": "Half (float16)",
}


def _row(section: str, label: str, default: Any, tip: str, choices: Mapping[Any, str] | None = None) -> Any:
    metadata = {"section": section, "label": label, "tip": tip, "choices": choices}
    return field(default_factory=lambda: default, metadata=metadata)


@dataclass(frozen=True)
class Settings:
    """Each field's metadata says how it is shown: section, label, tip, and where it is a choice each value in words."""

    theme: str = _row(LOOK, "Theme", "system", "Dark suits pictures; the system's follows your desktop.", THEMES)
    scale: int = _row(LOOK, "Size", 100, "Of all text and buttons. Takes effect at the next launch.", SCALES)
    notify: bool = _row(LOOK, "Notify", True, "Tells when a long job ends while another window is in front.")
    mask_color: str = _row(CANVAS, "Mask", "#e63c78", "The colour that masks are shown in.", MASK_COLORS)
    mask_opacity: int = _row(CANVAS, "Opacity", 50, "How much of the picture a mask hides.", SHARES)
    rulers: bool = _row(CANVAS, "Rulers", False, "Pixels of the canvas along the view's edges.")
    undo_memory: int = _row(
        CANVAS, "Undo", 256, "Memory for earlier steps. Older ones are read from the disk; none is forgotten.", BUDGETS
    )
    pattern: str = _row(
        LIBRARY,
        "Names",
        NAMES,
        "Of new pictures: {year} {month} {day} {date} {time} {seed} {model} {prompt} {width} {height}.",
    )
    keep_live: bool = _row(LIBRARY, "Live", False, "Keeps the quick pictures of the live mode, too.")
    private: bool = _row(
        LIBRARY,
        "Private",
        False,
        "Pictures, prompts and jobs stay in memory only, and are gone at the end. The canvas keeps its documents.",
    )
    credentials: bool = _row(
        LIBRARY, "Credentials", False, "Signs what is exported (Content Credentials, C2PA), by a key that is made here."
    )
    certificate: str = _row(
        LIBRARY, "Certificate", "", "Your own chain for that, as PEM, in place of the one made here."
    )
    certificate_key: str = _row(LIBRARY, "Its key", "", "The private key of your certificate, as PEM.")
    device: str = _row(ENGINE, "Device", "", "What computes the pictures. Automatic takes the fastest.")
    precision: str = _row(
        ENGINE,
        "Precision",
        "",
        "Half takes half the memory, and is often faster. Automatic suits the device.",
        PRECISIONS,
    )
    merge_loras: bool = _row(
        ENGINE,
        "Merge",
        False,
        "Puts LoRAs into the weights: steps are a little faster, changing LoRAs takes longer and more memory.",
    )
    pictures: str = _row(
        FOLDERS, "Pictures", "", "Where new pictures are kept. Those already made stay where they are."
    )
    models: str = _row(FOLDERS, "Models", "", "Another folder of models, besides Sfumato's own.")
    model_folders: tuple[str, ...] = _row(
        FOLDERS, "More models", (), "Folders of models that other programs use, too. They are read where they lie."
    )
    proxy: str = _row(
        NETWORK,
        "Proxy",
        "",
        "http://name:port, where a firm wants one. Empty: as the system has it. "
        "A password in it is written down on this machine, for whoever can read your files.",
    )
    hub: str = _row(NETWORK, "Hub", HUB, "Hugging Face, or a mirror of it that your token may be told.")
    civitai: str = _row(NETWORK, "Civitai", CIVITAI, "Where Civitai is reached.")
    releases: str = _row(
        NETWORK, "Releases", RELEASES, "Where Help > Check for updates looks, and only then. It must be signed."
    )
    adult: bool = _row(NETWORK, "Adult", False, "Shows pictures of adult rating as they are. Else they are blurred.")
    shortcuts: Mapping[str, str] = _row(SHORTCUTS, "Shortcuts", {}, "Keys by action: only those that were changed.")

    @property
    def pictures_folder(self) -> Path:
        return Path(self.pictures) if self.pictures else paths.pictures_folder()

    @property
    def models_folders(self) -> tuple[Path, ...]:
        """Those besides Sfumato's own."""
        return tuple(Path(folder) for folder in (self.models, *self.model_folders) if folder)

    def to_json(self) -> dict[str, Any]:
        """JSON-ready; `from_json` gives back equal settings."""
        return asdict(self)

    def to_json_over(self, stored: Any) -> dict[str, Any]:
        """As `to_json`; what cannot be read of `stored`, and was not changed since, stays in it: a newer Sfumato's."""
        known = stored if isinstance(stored, Mapping) else {}
        before, now = Settings.from_json(known).to_json(), self.to_json()
        return {**known, **{name: value for name, value in now.items() if name not in known or value != before[name]}}

    @staticmethod
    def from_json(data: Any) -> Settings:
        """What is unknown or impossible in `data` falls back to the default."""
        return Settings(**_legible(data))

    @staticmethod
    def illegible(data: Any) -> list[str]:
        """The names of what is unknown or impossible in it."""
        return [str(name) for name in data if name not in _legible(data)] if isinstance(data, Mapping) else []


def _legible(data: Any) -> dict[str, Any]:
    given = _with_tuples(data) if isinstance(data, Mapping) else {}
    defaults = Settings()
    return {
        row.name: given[row.name]
        for row in fields(Settings)
        if row.name in given and _fits(given[row.name], getattr(defaults, row.name), row.metadata["choices"])
    }


def _fits(value: Any, default: Any, choices: Mapping[Any, str] | None) -> bool:
    """Whether it is of the default's kind and one of the choices."""
    if not isinstance(value, type(default)):
        return False
    if isinstance(value, tuple):
        return all(isinstance(part, str) for part in value)
    if isinstance(value, Mapping):
        return all(isinstance(part, str) for pair in value.items() for part in pair)
    return choices is None or value in choices


def _with_tuples(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """JSON knows lists only."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in data.items()}
