"""stack.xml: OpenRaster's own account of the layers, which is all that other programs read and write."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from xml.etree import ElementTree

import numpy as np
from PIL import Image
from PySide6.QtCore import QRect

from desktop.canvas.files import color
from desktop.canvas.files.archive import Archive
from desktop.canvas.files.extent import frame_for
from desktop.canvas.files.limits import check_amount
from desktop.canvas.layer import FAR, Blend, Layer, Role
from desktop.canvas.snapshot import MASK, Snapshot

STACK = "stack.xml"
VERSION = "0.0.5"  # of the specification
OPERATIONS = {blend: f"svg:{blend}" for blend in Blend} | {Blend.NORMAL: "svg:src-over", Blend.ADD: "svg:plus"}
BLENDS = {operation: blend for blend, operation in OPERATIONS.items()}
NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
DEEPEST = 50  # stacks within stacks


@dataclass(frozen=True)
class Place:
    """Where the pixels of a plane are: the entry that holds them, and the part of the plane that they are."""

    src: str
    box: QRect


# ---------------------------------------------------------------- out


def to_xml(snapshot: Snapshot, places: Mapping[str, Place], area: QRect) -> bytes:
    """The layers that are seen, from the top down; `places` by their ids, `area` is the picture's."""
    image = ElementTree.Element("image", version=VERSION, w=str(area.width()), h=str(area.height()))
    stack = ElementTree.SubElement(image, "stack")
    for layer in reversed(snapshot.layers):
        if layer.role.seen:
            selected = {"selected": "true"} if layer.id == snapshot.active_id else {}
            ElementTree.SubElement(stack, "layer", _attributes(layer, places[layer.id], area) | selected)
    return ElementTree.tostring(image, encoding="UTF-8", xml_declaration=True)


def _attributes(layer: Layer, place: Place, area: QRect) -> dict[str, str]:
    corner = place.box.translated(*layer.offset).topLeft() - area.topLeft()
    return {
        "name": NOT_XML.sub("?", layer.name),
        "src": place.src,
        "x": str(corner.x()),
        "y": str(corner.y()),
        "opacity": str(layer.opacity),
        "visibility": "visible" if layer.visible else "hidden",
        "composite-op": OPERATIONS[layer.blend],
        "edit-locked": str(layer.locked).lower(),
        "alpha-preserve": str(layer.alpha_locked).lower(),
    }


# ---------------------------------------------------------------- in


def from_xml(archive: Archive) -> tuple[Snapshot, list[str]]:
    """The layers as far as ours can say the same, and what they cannot say, in words. Raises as Archive does."""
    image = _parsed(archive.read(STACK))
    root = image.find("stack")
    if image.tag != "image" or root is None:
        raise ValueError(f"{STACK} has no stack of layers")
    stack = _Stack(archive)
    layers = (*stack.layers(root, _Around()), Layer.empty(MASK, Role.MASK))
    frame = frame_for(int(_number(image, "w", 0)), int(_number(image, "h", 0)))
    active = stack.selected or layers[max(len(layers) - 2, 0)].id
    return Snapshot(layers, active, frame=frame), list(dict.fromkeys(stack.notices))


def _parsed(content: bytes) -> ElementTree.Element:
    text = content.decode("utf-8-sig")
    if "<!DOCTYPE" in text:  # entities come in by it: they may grow without end
        raise ValueError(f"{STACK} has a document type")
    try:
        return ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        raise ValueError(f"{STACK} is no XML: {error}") from None


@dataclass(frozen=True)
class _Around:
    """What the stacks around a layer do to it."""

    x: int = 0
    y: int = 0
    opacity: float = 1.0
    visible: bool = True
    locked: bool = False
    depth: int = 0

    def and_of(self, element: ElementTree.Element) -> _Around:
        return _Around(
            self.x + round(_number(element, "x", 0)),
            self.y + round(_number(element, "y", 0)),
            self.opacity * min(max(_number(element, "opacity", 1), 0.0), 1.0),
            self.visible and element.get("visibility") != "hidden",
            self.locked or element.get("edit-locked") == "true",
            self.depth + 1,
        )


class _Stack:
    """Reads layers, of stacks within stacks too; a group has no more say than its layers can have each."""

    def __init__(self, archive: Archive):
        self.notices: list[str] = []
        self.selected = ""
        self._archive = archive
        self._count = 0

    def layers(self, stack: ElementTree.Element, around: _Around) -> Iterator[Layer]:
        """From the bottom up."""
        if around.depth > DEEPEST:
            raise ValueError(f"{STACK} is nested too deeply")
        for element in reversed(stack):
            if element.tag == "layer":
                yield self._layer(element, around.and_of(element))
            elif element.tag == "stack":
                if self._blend(element) is not Blend.NORMAL:
                    self.notices.append("Groups of layers are taken apart: their blend modes are lost.")
                yield from self.layers(element, around.and_of(element))
            else:
                self.notices.append(f"What OpenRaster calls “{element.tag}” is left out.")

    def _layer(self, element: ElementTree.Element, placed: _Around) -> Layer:
        self._count += 1
        check_amount(self._count, 0)
        layer = Layer(
            element.get("name") or f"Layer {self._count}",
            plane=self._archive.plane(element.get("src", ""), placed.x, placed.y, _decoded),
            opacity=placed.opacity,
            blend=self._blend(element),
            visible=placed.visible,
            locked=placed.locked,
            alpha_locked=element.get("alpha-preserve") == "true",
        )
        if element.get("selected") == "true":
            self.selected = layer.id
        return layer

    def _blend(self, element: ElementTree.Element) -> Blend:
        operation = element.get("composite-op", OPERATIONS[Blend.NORMAL])
        if operation not in BLENDS:
            self.notices.append(f"The blend mode “{operation}” is not known here: those layers are normal now.")
        return BLENDS.get(operation, Blend.NORMAL)


def _number(element: ElementTree.Element, name: str, default: float) -> float:
    value = float(element.get(name, default))
    if not abs(value) <= FAR:  # NaN fails too
        raise ValueError(f"{name} is {value} in {STACK}")
    return value


def _decoded(image: Image.Image) -> np.ndarray:
    return color.of_image(image)[0].rgba().pixels
