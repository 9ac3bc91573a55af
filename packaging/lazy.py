"""What packages import by names that they make up, found in their sources; nothing is imported for it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path

CLASS = re.compile(r"^class (\w+)", re.MULTILINE)
WORD = re.compile(r"\b[A-Z]\w+\b")
NEIGHBOUR = re.compile(
    r"from \.\.(?:\.models\.)?(\w+)[\w.]* import|transformers\.models\.(\w+)|CONFIG_MAPPING\[\"([\w-]+)\"\]"
)
ROW = re.compile(r"^\s*\(\s*\"(?P<kind>[\w-]+)\",(?P<rest>.*)$", re.MULTILINE)
ALWAYS = {"auto", "encoder_decoder", "deprecated"}
ENCODERS = {  # of prompts, which pipelines name in their index only
    "bert", "bert_generation", "byt5", "chatglm", "clip", "clipseg", "cohere", "cohere2", "gemma", "gemma2",
    "gemma3", "glm", "glm4", "gpt2", "llama", "mistral", "mistral3", "phi3", "pixtral", "qwen2", "qwen2_5_vl",
    "qwen2_vl", "qwen3", "qwen3_vl", "roberta", "siglip", "siglip2", "smollm3", "t5", "t5gemma", "umt5",
    "xlm_roberta",
}  # fmt: skip
ASKS_FOR_ITSELF = re.compile(  # configurations and overloads of torch, functions that are compiled at once
    r"install_config_module\(|_jit_internal import (\([^)]*|.*)\b_overload"
    r"|jit(_internal)?\._overload|^ *@torch\.jit\.script$",
    re.MULTILINE,
)


def below(package: str) -> list[str]:
    """All modules of it, by their files."""
    root = folder(package)
    return [_name(package, file.relative_to(root)) for file in sorted(root.rglob("*.py"))]


def folder(package: str) -> Path:
    found = find_spec(package)
    if not found or not found.origin:
        raise ModuleNotFoundError(package)
    return Path(found.origin).parent


def read_by_their_own_import() -> Iterator[str]:
    """Modules that cannot be imported without their sources."""
    for package in filter(find_spec, ("torch", "torchvision", "diffusers")):
        root = folder(package)
        for file in root.rglob("*.py"):
            if ASKS_FOR_ITSELF.search(file.read_text(encoding="utf-8")):
                yield _name(package, file.relative_to(root))


def unused_of_transformers(modules: Iterable[str]) -> list[str]:
    """What is within its models that no pipeline has for a part: there are hundreds, and it reads the sources of all.

    Their packages stay, empty: a tokenizer is looked for in all that have one of that name, until it is there.
    """
    kept = models_of_pipelines()
    within = (name for name in modules if name.startswith("transformers.models.") and name.count(".") > 2)
    return [name for name in within if name.split(".")[2] not in kept]


def models_of_pipelines() -> set[str]:
    """Folders below transformers.models: what diffusers and the program name, and what these name in turn."""
    root = folder("transformers") / "models"
    texts = {room.name: [file.read_text(encoding="utf-8") for file in room.glob("*.py")] for room in root.iterdir()}
    rooms = _rooms_of_classes(texts)
    named = _words(file for package in ("diffusers", "desktop") for file in folder(package).rglob("*.py"))
    kinds = _rows(texts["auto"], rooms)
    found: set[str] = set()
    waiting = (ALWAYS | ENCODERS | {rooms[word] for word in named & rooms.keys()}) & texts.keys()
    while waiting:
        room = waiting.pop()
        found.add(room)
        waiting |= ((_neighbours(texts[room]) if room != "auto" else set()) | kinds[room]) & texts.keys() - found
    return found


def _rooms_of_classes(texts: dict[str, list[str]]) -> dict[str, str]:
    return {name: room for room, files in texts.items() for text in files for name in CLASS.findall(text)}


def _words(files: Iterable[Path]) -> set[str]:
    """All that may be a class of transformers, from files that import it."""
    texts = (file.read_text(encoding="utf-8") for file in files)
    return {word for text in texts if "transformers" in text for word in WORD.findall(text)}


def _neighbours(files: list[str]) -> set[str]:
    names = (name for text in files for found in NEIGHBOUR.findall(text) for name in found if name)
    return {name.replace("-", "_") for name in names}


def _rows(files: list[str], rooms: dict[str, str]) -> dict[str, set[str]]:
    """Which other rooms the tables of `auto` send a kind of model to, for its tokenizer or processor."""
    sent: defaultdict[str, set[str]] = defaultdict(set)
    for text in files:
        for row in ROW.finditer(text):
            sent[row["kind"].replace("-", "_")] |= {rooms[word] for word in WORD.findall(row["rest"]) if word in rooms}
    return sent


def _name(package: str, file: Path) -> str:
    parts = file.with_suffix("").parts
    return ".".join((package, *(parts[:-1] if parts[-1] == "__init__" else parts)))
