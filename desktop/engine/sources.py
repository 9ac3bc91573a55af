"""Sources: where the weights of a model's components come from, and keys that are the same for the same weights."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import diffusers
import transformers
from diffusers import DiffusionPipeline

from desktop.models.entry import GGUF
from desktop.models.folders import FP16
from desktop.models.layouts import Names, alone, split
from desktop.models.model import Model
from desktop.models.tensors import Stored, tensors_in
from desktop.models.weights import content_id

LIBRARIES: dict[str, Any] = {"diffusers": diffusers, "transformers": transformers}  # that hold the components' classes
PASSING = ("transformers_version", "torch_dtype", "dtype")  # what configs say that changes nothing
PAGE, STRIDE = 4096, 4 << 20  # bytes of a tensor that go into its key at once, and how far they lie apart at the most


@dataclass(frozen=True)
class Source:
    """Of one component: its class, its config, and the files with its weights."""

    component: str
    kind: Any  # the class
    folder: Path  # with its config; with its weights, too, where `names` is None
    files: tuple[Path, ...]
    values: int
    variant: str | None = None  # of a folder's files: "fp16"
    names: Names | None = None  # of the tensors in a single file that are its own
    changes: Mapping[str, Any] = field(default_factory=dict)  # of its config

    @property
    def is_gguf(self) -> bool:
        return self.files[0].suffix.lower() == GGUF

    @property
    def stays_packed(self) -> bool:
        """Whether its weights take no more memory than in the file."""
        return self.is_gguf and not issubclass(self.kind, transformers.PreTrainedModel)

    @cached_property
    def config(self) -> dict[str, Any]:
        content = json.loads((self.folder / "config.json").read_text(encoding="utf-8"))
        return content | dict(self.changes)

    @cached_property
    def spans(self) -> list[tuple[Path, int, int]]:
        """The bytes in files that will be read."""
        if self.names is None or self.is_gguf:
            return [(file, 0, file.stat().st_size) for file in self.files]
        own = (self._tensors[name] for name in self.names)
        return [(self.files[0], begin, end) for begin, end in _joined(own)]

    @property
    def bytes(self) -> int:
        return sum(end - begin for _, begin, end in self.spans)

    @cached_property
    def key(self) -> str:
        """Of class, config, and pages of every tensor with its name and shape: what training alters shows in them."""
        config = {name: value for name, value in self.config.items() if name[0] != "_" and name not in PASSING}
        digest = hashlib.sha256(f"{self.kind.__name__} {json.dumps(config, sort_keys=True)}".encode())
        for file in self.files:
            if self.is_gguf:
                digest.update(content_id(file).encode())
                continue
            tensors = self._tensors if self.names is not None else tensors_in(file)
            with file.open("rb") as stream:
                for name, inner in sorted((self.names or {name: name for name in tensors}).items()):
                    tensor = tensors[name]
                    digest.update(f"{inner} {tensor.shape} {tensor.end - tensor.begin} ".encode())
                    for page in _pages(tensor):
                        stream.seek(page.start)
                        digest.update(stream.read(len(page)))
        return digest.hexdigest()

    @cached_property
    def _tensors(self) -> dict[str, Stored]:
        return tensors_in(self.files[0])


def sources(model: Model, parts: Mapping[str, Path]) -> list[Source]:
    """Of all components that hold weights; `parts` are files in place of the model's own. Raises UserError."""
    folder = model.skeleton or model.path
    index: Mapping[str, Any] = DiffusionPipeline.load_config(folder)  # pyright: ignore[reportAssignmentType]
    own = _own(model, folder)
    for component, file in parts.items():
        own[component] = ((file,), None, alone(tensors_in(file)))
    found = []
    for component in model.part_values:
        library, class_name = index[component]
        kind = getattr(LIBRARIES[library], class_name)
        files, variant, names = own[component]
        changes = model.denoising if component == model.family.denoiser else {}
        values = model.part_values[component]
        found.append(Source(component, kind, folder / component, files, values, variant, names, changes))
    return found


def _own(model: Model, folder: Path) -> dict[str, tuple[tuple[Path, ...], str | None, Names | None]]:
    """Files, their variant and the names in them, of what the model itself holds."""
    if model.path.is_dir():
        return {part: (*_weights(folder / part), None) for part in model.part_values if (folder / part).is_dir()}
    tensors = tensors_in(model.path)
    inner = split(tensors, model.family)
    if len(inner) < 2:  # a denoiser alone, whether its names say so or not
        inner = {model.family.denoiser: alone(tensors)}
    return {part: ((model.path,), None, names) for part, names in inner.items()}


def _weights(folder: Path) -> tuple[tuple[Path, ...], str | None]:
    """The files of one part and their variant: plain ones go before those of fp16, as when a model is identified."""
    files = sorted(folder.glob("*.safetensors"))
    plain = [file for file in files if not FP16.search(file.name)]
    return (tuple(plain), None) if plain else (tuple(files), "fp16")


def _pages(tensor: Stored) -> Iterator[range]:
    """Its beginning, its end, and what is spread between them: rows that were added to it may alone differ."""
    last = max(tensor.begin, tensor.end - PAGE)
    stride = min(STRIDE, max(1, (last - tensor.begin) // 2))
    for begin in (*range(tensor.begin, last, stride), last):
        yield range(begin, min(begin + PAGE, tensor.end))


def _joined(tensors: Iterator[Stored]) -> list[tuple[int, int]]:
    """Their bytes, in as few spans as they make."""
    spans: list[tuple[int, int]] = []
    for tensor in sorted(tensors, key=lambda tensor: tensor.begin):
        if spans and tensor.begin <= spans[-1][1]:
            spans[-1] = (spans[-1][0], tensor.end)
        else:
            spans.append((tensor.begin, tensor.end))
    return spans
