"""ComfyUI's graph of nodes: its two written forms, and ways through it that end whatever somebody has drawn."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any

from desktop.library.metadata.values import Kind

MOST_NODES = 1_000  # of a graph; nobody draws as many
NEAR, FEW = 10, 10  # nodes before an input, and inputs of each, among which its value is looked for
OFF = (2, 4)  # modes of the editor: never run, bypassed

# What stands in the editor's fields of a node, from top to bottom; the program's own form has names for it.
FIELDS: Mapping[str, tuple[str, ...]] = {
    "KSampler": ("seed", "", "steps", "cfg", "sampler_name", "scheduler", "denoise"),
    "KSamplerAdvanced": ("add_noise", "noise_seed", "", "steps", "cfg", "sampler_name", "scheduler"),
    "RandomNoise": ("noise_seed",),
    "KSamplerSelect": ("sampler_name",),
    "BasicScheduler": ("scheduler", "steps", "denoise"),
    "CFGGuider": ("cfg",),
    "FluxGuidance": ("guidance",),
    "CLIPTextEncode": ("text",),
    "CLIPTextEncodeFlux": ("clip_l", "t5xxl", "guidance"),
    "CLIPTextEncodeSDXL": ("", "", "", "", "", "", "text_g", "text_l"),
    "CheckpointLoaderSimple": ("ckpt_name",),
    "UNETLoader": ("unet_name",),
    "LoraLoader": ("lora_name", "strength_model", "strength_clip"),
    "LoraLoaderModelOnly": ("lora_name", "strength_model"),
    "EmptyLatentImage": ("width", "height"),
    "EmptySD3LatentImage": ("width", "height"),
    "PrimitiveNode": ("value",),
}


@dataclass(frozen=True)
class Node:
    """A node: its kind, and its inputs by name, which are values or links [id, output] to other nodes."""

    id: str
    kind: str
    inputs: Mapping[str, Any]

    @cached_property
    def links(self) -> dict[str, str]:
        """The ids of the nodes that its inputs come from."""
        return {name: str(value[0]) for name, value in self.inputs.items() if isinstance(value, list) and value}


Choice = Callable[[Node], list[str]]  # the inputs to go on by


@dataclass(frozen=True)
class Graph:
    """Nodes by id."""

    nodes: Mapping[str, Node]

    @staticmethod
    def of_prompt(data: Mapping[str, Any]) -> Graph:
        """From what the program runs."""
        named = [(id, node) for id, node in list(data.items())[:MOST_NODES] if isinstance(node, dict)]
        return Graph({id: Node(id, _text(node.get("class_type")), _dict(node.get("inputs"))) for id, node in named})

    @staticmethod
    def of_workflow(data: Mapping[str, Any]) -> Graph:
        """From what the editor shows."""
        links = {str(link[0]): link[1:3] for link in _list(data.get("links")) if isinstance(link, list) and link}
        nodes = [node for node in _list(data.get("nodes"))[:MOST_NODES] if isinstance(node, dict)]
        return Graph({str(node.get("id")): _drawn(node, links) for node in nodes})

    def source(self, node: Node, name: str) -> Node | None:
        """The node that this input comes from."""
        return self.nodes.get(node.links.get(name, ""))

    def upstream(self, start: Node, choose: Choice) -> Iterator[Node]:
        """`start` and the nodes that it comes from by the chosen inputs, the near ones first, each once."""
        seen, waiting = {start.id}, deque([start])
        while waiting:
            yield (node := waiting.popleft())
            found = (self.source(node, name) for name in choose(node))
            fresh = {each.id: each for each in found if each and each.id not in seen}
            seen |= set(fresh)
            waiting.extend(fresh.values())

    def value(self, node: Node, name: str, kind: Kind) -> Any:
        """What the input holds or is given by the nodes before it; None where that is of another kind."""
        before = self.source(node, name)
        if before is None:
            return _valued(node.inputs.get(name), kind)
        near = islice(self.upstream(before, lambda each: list(each.links)), NEAR)
        given = (each.inputs.get(other) for each in near for other in (name, "value", *islice(each.inputs, FEW)))
        said = (_valued(value, kind) for value in given)
        return next((value for value in said if value is not None), None)


def along(*names: str) -> Choice:
    """By these inputs; a node that has none of them but a single one is passed through."""

    def choose(node: Node) -> list[str]:
        named = [name for name in names if name in node.links]
        return named or (list(node.links) if len(node.links) == 1 else [])

    return choose


def _drawn(node: Mapping[str, Any], links: Mapping[str, list[Any]]) -> Node:
    sockets = [socket for socket in _list(node.get("inputs")) if isinstance(socket, dict)]
    inputs: dict[str, Any] = {
        _text(socket.get("name")): links[str(socket["link"])] for socket in sockets if str(socket.get("link")) in links
    }
    kind, fields = _text(node.get("type")), node.get("widgets_values")
    if isinstance(fields, list) and node.get("mode") not in OFF:
        inputs = dict(zip(FIELDS.get(kind, ()), fields, strict=False)) | inputs
    return Node(str(node.get("id")), kind, inputs)


def _valued(value: Any, kind: Kind) -> Any:
    try:
        return kind(value)
    except (ValueError, TypeError):
        return None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
