"""Fitting: which of a LoRA file's layers find a place in a model, and what they change there."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import torch
from torch import nn

from desktop.engine.loras.building import deltas_of
from desktop.engine.loras.deltas import Delta, LowRank, Shape, of_rows, with_halves_swapped
from desktop.engine.loras.file import LoraFile
from desktop.engine.loras.layouts import spellings
from desktop.engine.loras.names import Names, Place, shape_of
from desktop.engine.loras.site import takes

MISSHAPEN = (ValueError, RuntimeError, IndexError)  # what torch and we say of tensors that do not go together
Spot = tuple[str, str]  # a module's path, and "weight" or "bias"


@dataclass(frozen=True, eq=False)
class PartFit:
    """What a file changes in one part of a model, and which of its layers do, or would if their shape were right."""

    deltas: Mapping[Spot, tuple[Delta, ...]]
    fitting: frozenset[str]
    misshapen: frozenset[str]
    refused: int  # deltas that its weights, being quantized, cannot take

    @cached_property
    def is_nothing(self) -> bool:
        """Whether they change no weight."""
        return all(delta.is_nothing for some in self.deltas.values() for delta in some)


@dataclass(frozen=True, eq=False)
class Fit:
    """The same for all parts, by their names."""

    file: LoraFile
    parts: Mapping[str, PartFit]

    @property
    def layers(self) -> int:
        return len(self.file.layers) + len(self.file.strangers)

    @cached_property
    def fitting(self) -> frozenset[str]:
        return frozenset().union(*(part.fitting for part in self.parts.values()))

    @cached_property
    def misshapen(self) -> tuple[str, ...]:
        """Layers whose place here has another shape."""
        found = frozenset[str]().union(*(part.misshapen for part in self.parts.values()))
        return tuple(layer for layer in self.file.layers if layer in found - self.fitting)

    @cached_property
    def strangers(self) -> tuple[str, ...]:
        """Layers that have no place here, and keys of no known kind."""
        known = self.fitting.union(self.misshapen)
        return (*(layer for layer in self.file.layers if layer not in known), *self.file.strangers)

    @property
    def is_nothing(self) -> bool:
        """Whether it changes no weight although it fits."""
        return all(part.is_nothing for part in self.parts.values())


def covers(block: str, part: str, path: str) -> bool:
    """Whether what people call a block, with the part's name before it or not, is where that module's path begins."""
    inner = inner_name(block, part)
    return inner == part or f"{path}.".startswith(f"{inner}.")


def inner_name(block: str, part: str) -> str:
    return block.removeprefix(f"{part}.").strip(".")


def fit(file: LoraFile, part: nn.Module, names: Names, labels: tuple[str, ...]) -> PartFit:
    """`names` as `names_of` gives them for the part; `labels` are what layouts.py calls it."""
    deltas: dict[Spot, tuple[Delta, ...]] = {}
    fitting, misshapen = set[str](), set[str]()
    for layer in file.layers:
        if not (places := _places(layer, names, labels)):
            continue
        try:
            fitted = dict(_fitted(file, layer, part, places))
        except MISSHAPEN:
            misshapen.add(layer)
            continue
        fitting.add(layer)
        for spot, delta in fitted.items():
            deltas[spot] = (*deltas.get(spot, ()), delta)
    refused = sum(not takes(part.get_submodule(path), *each) for (path, each) in _each(deltas))
    return PartFit(deltas, frozenset(fitting), frozenset(misshapen), refused)


def _each(deltas: Mapping[Spot, tuple[Delta, ...]]) -> Iterator[tuple[str, tuple[Delta, str]]]:
    return ((path, (delta, parameter)) for (path, parameter), some in deltas.items() for delta in some)


def _places(layer: str, names: Names, labels: tuple[str, ...]) -> tuple[Place, ...]:
    for candidates, name in spellings(layer):
        if name in names and any(label in candidates for label in labels):
            return names[name]
    return ()


def _fitted(file: LoraFile, layer: str, part: nn.Module, places: tuple[Place, ...]) -> Iterator[tuple[Spot, Delta]]:
    """Raises one of MISSHAPEN."""
    modules = [part.get_submodule(place.path) for place in places]
    shapes = [shape_of(module) for module in modules]
    whole = (sum(shape[0] for shape in shapes), *shapes[0][1:])
    for parameter, delta in deltas_of(file, layer, whole).items():
        for place, module, shape in zip(places, modules, shapes, strict=True):
            if parameter == "bias":
                if getattr(module, "bias", None) is None:
                    raise ValueError("there is no bias")
                shape = shape[:1]
            piece = _of_place(_shaped(delta, (whole[0], *shape[1:])), place)
            if piece is None:
                raise ValueError("this kind cannot be divided")
            _check(piece, shape)
            yield (place.path, parameter), piece


def _shaped(delta: Delta, shape: Shape) -> Delta:
    """The kernels of files and modules may be written otherwise: 1 x 1, or flat."""
    rows, *columns = delta.shape
    if rows != shape[0] or math.prod(columns) != math.prod(shape[1:]):
        raise ValueError(f"{delta.shape} for {shape}")
    if delta.rank is not None and delta.rank > max(rows, math.prod(columns)):
        raise ValueError("a rank beyond sense")  # whose products would take memory without bounds
    if isinstance(delta, LowRank):
        return replace(delta, down=delta.down.reshape(-1, *shape[1:]))
    return delta


def _of_place(delta: Delta, place: Place) -> Delta | None:
    if place.swapped:
        return with_halves_swapped(delta)
    return delta if place.stop is None else of_rows(delta, place.start, place.stop)


def _check(delta: Delta, shape: Shape) -> None:
    """Tried without numbers. Those of low rank have been looked at."""
    if not isinstance(delta, LowRank):
        delta.change(torch.empty(shape, device="meta"))
