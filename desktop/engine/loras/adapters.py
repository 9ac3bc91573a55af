"""Adapters: brings a model's modules to the LoRAs of a recipe, redoing only what has changed."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from weakref import WeakKeyDictionary

from torch import nn

from desktop.engine.loras.file import LoraFile, read
from desktop.engine.loras.fitting import Fit, PartFit, covers, fit, inner_name
from desktop.engine.loras.layouts import DENOISER
from desktop.engine.loras.names import Names, names_of
from desktop.engine.loras.site import Site, Weighted
from desktop.engine.loras.telling import check_fits, doubts
from desktop.errors import UserError
from desktop.models.family import Family
from desktop.models.weights import content_id
from desktop.recipe import LoraUse

MOST_BYTES = 1 << 30  # of files that are kept in memory, beside those in use

Parts = Mapping[str, nn.Module]
Check = Callable[[], None]


@dataclass(eq=False)
class _Known:
    """A file, and how it fits the parts of models that it was tried on."""

    file: LoraFile
    fits: WeakKeyDictionary[nn.Module, PartFit] = field(default_factory=WeakKeyDictionary)


@dataclass
class _Changes:
    """What is to be on one module."""

    weight: list[Weighted] = field(default_factory=list)
    bias: list[Weighted] = field(default_factory=list)
    fused: bool = False


class _Worn:
    """One part of a model and what it wears at the moment."""

    def __init__(self, part: nn.Module):
        self.names: Names = names_of(part)
        self.key: Hashable = ()  # of all that is on
        self._sites: dict[str, Site] = {}
        self._changes: dict[str, _Changes] = {}  # by the path of the module

    def wear(self, part: nn.Module, wanted: Mapping[str, _Changes], key: Hashable, check: Check) -> None:
        """Exactly that. Whatever breaks in between, the next call mends."""
        self.key = None
        for path in [path for path in self._changes if path not in wanted]:
            check()
            self._sites.pop(path).clear()
            del self._changes[path]
        for path, changes in wanted.items():
            if self._changes.get(path) == changes:
                continue
            check()
            site = self._sites.setdefault(path, Site(part.get_submodule(path)))
            self._changes[path] = _Changes()
            site.set(changes.weight, changes.bias, changes.fused)
            self._changes[path] = changes
        self.key = key


class Adapters:
    """The LoRAs of all models of an engine, which may share parts; a part that is gone takes its own with it."""

    def __init__(self, most_bytes: int = MOST_BYTES):
        self._most_bytes = most_bytes
        self._known: OrderedDict[str, _Known] = OrderedDict()  # by content id, the one used last at the end
        self._worn: WeakKeyDictionary[nn.Module, _Worn] = WeakKeyDictionary()

    def applied(
        self,
        parts: Parts,
        uses: Sequence[LoraUse],
        files: Mapping[str, Path],
        family: Family,
        fused: bool = False,
        check: Check = lambda: None,
    ) -> list[str]:
        """Brings the parts to exactly these uses, whatever was on before; returns what people should know of them.

        `fused` merges them into the weights: faster steps, slower changes. `check` is called all along, and may raise
        to end it. Raises UserError for a file that cannot be read or does not fit at all, before anything is changed.
        """
        parts = {name: part for name, part in parts.items() if _takes_loras(name, family)}
        fits = [self.fit(parts, use, files, family, check) for use in uses]
        told = []
        for use, found in zip(uses, fits, strict=True):
            check_fits(use.name, found, family)
            told += doubts(use, found, family)
        for name, part in parts.items():
            wanted: dict[str, _Changes] = {}
            for use, found in zip(uses, fits, strict=True):
                _add(wanted, use, found.parts[name], name, fused)
            key = tuple(
                (use.file, _weight(use, name), use.blocks, fused)
                for use, found in zip(uses, fits, strict=True)
                if found.parts[name].deltas and _weight(use, name)
            )
            self._worn_by(part).wear(part, wanted, key, check)
        self._forget({use.file for use in uses})
        return told

    def fit(
        self, parts: Parts, use: LoraUse, files: Mapping[str, Path], family: Family, check: Check = lambda: None
    ) -> Fit:
        """How a file fits a model; it is read where it is not known. Raises UserError."""
        check()
        known = self._read(use, files[use.file])
        for name, part in parts.items():
            check()
            if part not in known.fits:
                labels = (name, DENOISER) if name == family.denoiser else (name,)
                known.fits[part] = fit(known.file, part, self._worn_by(part).names, labels)
        return Fit(known.file, {name: known.fits[part] for name, part in parts.items()})

    def text_key(self, parts: Parts) -> Hashable:
        """What a prompt's embeddings depend on: the LoRAs that are on the text encoders."""
        encoders = {name: part for name, part in parts.items() if name.startswith("text_encoder")}
        return tuple((name, self._worn[part].key) for name, part in encoders.items() if part in self._worn)

    def _worn_by(self, part: nn.Module) -> _Worn:
        if part not in self._worn:
            self._worn[part] = _Worn(part)
        return self._worn[part]

    def _read(self, use: LoraUse, file: Path) -> _Known:
        if use.file not in self._known:
            try:
                is_same = content_id(file) == use.file
            except OSError as error:
                raise UserError(f"{use.name} cannot be read: {error.strerror}.", "Choose the LoRA anew.") from None
            if not is_same:
                raise UserError(f"{use.name} has changed since the recipe was made.", "Choose the LoRA anew.")
            self._known[use.file] = _Known(read(file, use.name))
        self._known.move_to_end(use.file)
        return self._known[use.file]

    def _forget(self, used: Iterable[str]) -> None:
        """The files that were not used for longest, until the others are few enough."""
        spare = [id for id in self._known if id not in used]
        held = sum(self._known[id].file.bytes for id in spare)
        for id in spare:
            if held <= self._most_bytes:
                return
            held -= self._known.pop(id).file.bytes


def _takes_loras(name: str, family: Family) -> bool:
    return name == family.denoiser or name.startswith("text_encoder")


def _weight(use: LoraUse, part: str) -> float:
    return use.weight if not part.startswith("text_encoder") or use.text_weight is None else use.text_weight


def _add(wanted: dict[str, _Changes], use: LoraUse, found: PartFit, part: str, fused: bool) -> None:
    for (path, parameter), deltas in found.deltas.items():
        if factor := _weight(use, part) * block_factor(use, part, path):
            changes = wanted.setdefault(path, _Changes(fused=fused))
            getattr(changes, parameter).extend((delta, factor) for delta in deltas)


def block_factor(use: LoraUse, part: str, path: str) -> float:
    """Of the longest name that the module's path begins with, the part's own name before it or not."""
    fitting = [(len(inner_name(name, part)), factor) for name, factor in use.blocks if covers(name, part, path)]
    return max(fitting, key=lambda row: row[0], default=(0, 1.0))[1]
