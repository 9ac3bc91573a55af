"""What a picture starts from: the options for a source and its mask, and those of a recipe."""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from desktop import masks
from desktop.errors import UserError
from desktop.intents import INTENTS
from desktop.library.inputs import Inputs
from desktop.raster import Raster
from desktop.recipe import Source, source_from_json

Pictures = Mapping[str, Raster]  # by sha256


@dataclass(frozen=True)
class Start:
    """The source, its pictures, and whether only a part is made anew; all empty where there are only words."""

    source: Source | None = None
    picture: Raster | None = None
    mask: Raster | None = None
    inpaints: bool = False

    @property
    def pictures(self) -> Pictures:
        return {each.sha256: each for each in (self.picture, self.mask) if each}


def read_start(options: argparse.Namespace, given: dict[str, Any], inputs: Inputs) -> Start:
    """Takes the source out of `given`, a recipe's fields, and changes it as the options say. Raises UserError."""
    data = given.pop("source", None)
    old = source_from_json(data) if data is not None else None
    picture = _picture(options, old, inputs)
    if picture is None:
        _refuse(options, ("strength", "mask", "intent", "extend", "feather"), "starting from a picture", "--image")
        return Start()
    mask = _mask(options, old, inputs)
    if options.extend:
        picture, mask = _extended(picture, mask, _sides(options.extend))
    inpaints = mask is not None or (masks.has_empty_pixels(picture) and not _is_scaled(options, given, picture))
    if inpaints:
        masks.change(picture, mask)  # whether they belong together
        _refuse_size(options)
    else:
        _refuse(options, ("intent", "feather"), "a part of the picture", "--mask or --extend")
    return Start(_source(options, old, picture, mask, inpaints), picture, mask, inpaints)


def _picture(options: argparse.Namespace, old: Source | None, inputs: Inputs) -> Raster | None:
    if options.image:
        return Raster.read(options.image)
    return _kept(inputs, old.image, "picture that this recipe starts from", "--image") if old else None


def _mask(options: argparse.Namespace, old: Source | None, inputs: Inputs) -> Raster | None:
    if options.mask:
        mask = masks.from_picture(Raster.read(options.mask))
        return masks.inverted(mask) if options.intent and INTENTS[options.intent].keeps else mask
    return _kept(inputs, old.mask, "mask of this recipe", "--mask") if old and old.mask else None


def _kept(inputs: Inputs, sha256: str, what: str, option: str) -> Raster:
    if (picture := inputs.find(sha256)) is None:
        raise UserError(f"The {what} is not here.", f"Give it with {option}.")
    return picture


def _source(
    options: argparse.Namespace, old: Source | None, picture: Raster, mask: Raster | None, inpaints: bool
) -> Source:
    intent = options.intent or ("expand" if options.extend else old.intent if old else Source.intent)
    usual = INTENTS[intent].strength if inpaints else Source.strength
    before = Source(picture.sha256, usual) if old is None else old
    return replace(
        before,
        image=picture.sha256,
        mask=mask.sha256 if mask else "",
        intent=intent,
        strength=before.strength if options.strength is None else options.strength,
        feather=before.feather if options.feather is None else options.feather,
    )


def _is_scaled(options: argparse.Namespace, given: Mapping[str, Any], picture: Raster) -> bool:
    """Whether the picture is not made in its own size; empty pixels are then no more than white."""
    size = given.get("width", picture.width), given.get("height", picture.height)
    return options.size is not None or size != (picture.width, picture.height)


def _sides(text: str) -> tuple[int, int, int, int]:
    if not re.fullmatch(r"\d{1,4}(,\d{1,4}){3}", text):
        raise UserError(f"{text!r} is no extension.", "Write pixels as LEFT,TOP,RIGHT,BOTTOM: 0,0,128,0.")
    left, top, right, bottom = map(int, text.split(","))
    return left, top, right, bottom


def _extended(picture: Raster, mask: Raster | None, sides: tuple[int, int, int, int]) -> tuple[Raster, Raster | None]:
    left, top, right, bottom = sides
    wider = mask and Raster(np.pad(mask.pixels, ((top, bottom), (left, right), (0, 0))))
    return picture.extended(*sides), wider


def _refuse(options: argparse.Namespace, names: tuple[str, ...], purpose: str, remedy: str) -> None:
    """Options that do not count here."""
    if name := next((name for name in names if getattr(options, name) is not None), None):
        raise UserError(f"--{name} is for {purpose}.", f"Give one with {remedy}.")


def _refuse_size(options: argparse.Namespace) -> None:
    if options.size:
        raise UserError("--size does not go with a mask.", "Leave it out: the picture keeps its own size.")
