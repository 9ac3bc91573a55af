"""ComfyUI: the graph that it has run in PNG's `prompt`, that of its editor in `workflow`; in WebP both in EXIF.

Described in ComfyUI's nodes.py (SaveImage) and docs.comfy.org (workflow JSON). A graph may be anything: the first pass
of the sampler before the saved picture is looked for, and from there prompts, model and size.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from desktop.library.metadata import sampling
from desktop.library.metadata.description import Description
from desktop.library.metadata.tools.graph import Graph, Node, along
from desktop.library.metadata.values import Kind, Places, number, parse_object, stem, text, whole

LATENT = ("latent_image", "samples", "latent", "pixels", "image", "images")
TEXTS = ("text", "t5xxl", "text_g", "clip_l", "text_l", "prompt")  # of encoders; the first that is there counts
MODELS = ("ckpt_name", "unet_name", "model_path")
MOST_KINDS = 100  # of nodes that are named as not used
MOST_ENDS = 10  # saved pictures from which a sampler is looked for
UNDERSTOOD = (  # how the kinds begin that say nothing beyond the recipe
    *("KSampler", "SamplerCustom", "BasicScheduler", "BasicGuider", "CFGGuider", "RandomNoise", "FluxGuidance"),
    *("CLIPTextEncode", "CheckpointLoader", "UNETLoader", "LoraLoader", "CLIPLoader", "DualCLIPLoader", "VAELoader"),
    *("EmptyLatent", "EmptySD3Latent", "VAEDecode", "SaveImage", "PreviewImage", "Primitive", "Reroute", "Note"),
)

# Where a sampler's settings stand if not in itself: the input that leads there, and their names.
SETTINGS: tuple[tuple[str, Places], ...] = (
    ("noise", {"seed": ("seed", whole), "noise_seed": ("seed", whole)}),
    ("sigmas", {"steps": ("steps", whole), "denoise": ("strength", number), "scheduler": ("scheduler", text)}),
    ("sampler", {"sampler_name": ("sampler_name", text)}),
    ("guider", {"cfg": ("guidance", number)}),
)


def read(texts: Mapping[str, str]) -> Description | None:
    prompt, workflow = parse_object(texts.get("prompt", "")), parse_object(texts.get("workflow", ""))
    graph = Graph.of_prompt(prompt) if prompt else Graph.of_workflow(workflow)
    passes = _passes(graph)
    if not passes and ("parameters" in texts or not any(node.kind for node in graph.nodes.values())):
        return None
    kinds = {node.kind for node in graph.nodes.values() if not node.kind.startswith(UNDERSTOOD)} - {""}
    unused: dict[str, Any] = {"Nodes": sorted(kinds)[:MOST_KINDS]} if kinds else {}
    if later := [_plain(sampler) for sampler in passes[:-1]]:
        unused["Later passes"] = later
    recipe = _recipe(graph, passes[-1], unused) if passes else {}
    return Description("comfyui", recipe, unused, ai_generated=True)


def _passes(graph: Graph) -> list[Node]:
    """The samplers that the picture has come through, the last one first."""
    ends = [node for node in graph.nodes.values() if node.kind.startswith(("SaveImage", "PreviewImage"))]
    for start in ends[:MOST_ENDS] or filter(_is_sampler, graph.nodes.values()):
        before = graph.upstream(start, lambda node: list(node.links))
        if last := next(filter(_is_sampler, before), None):
            return [node for node in graph.upstream(last, along(*LATENT)) if _is_sampler(node)]
    return []


def _is_sampler(node: Node) -> bool:
    return {"positive", "guider"} & set(node.links) != set() and bool({"latent_image", "latent"} & set(node.links))


def _recipe(graph: Graph, sampler: Node, unused: dict[str, Any]) -> dict[str, Any]:
    found = _settings(graph, sampler)
    guider = graph.source(sampler, "guider") or sampler
    role = "positive" if "positive" in guider.links else "conditioning"
    prompts, others = _prompts(graph, guider, role)
    negatives, _ = _prompts(graph, guider, "negative")
    if others:
        unused["Other prompts"] = others
    recipe = {"prompt": ", ".join(prompts), "negative": ", ".join(negatives), **_sampling(found, unused)}
    if found.get("strength") == 1:  # from noise alone
        del found["strength"]
    distilled = _first(graph, guider, along(role), "guidance", number)
    if distilled is not None and found.get("guidance", 1) == 1:  # Flux is led by it
        found["guidance"] = distilled
    return recipe | found | _model(graph, guider) | _size(graph, sampler)


def _settings(graph: Graph, sampler: Node) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for place, names in SETTINGS:
        for name, (field, kind) in names.items():
            value = graph.value(sampler, name, kind)
            if value is None and (other := graph.source(sampler, place)):
                value = _first(graph, other, along(place), name, kind)
            found |= {} if value is None else {field: value}
    return found


def _first(graph: Graph, start: Node, choose: Any, name: str, kind: Kind) -> Any:
    values = (graph.value(node, name, kind) for node in graph.upstream(start, choose) if name in node.inputs)
    return next((value for value in values if value is not None), None)


def _sampling(found: dict[str, Any], unused: dict[str, Any]) -> dict[str, str]:
    """Takes the sampler's two words out of `found`; what we have none for is kept under A1111's words."""
    name, schedule = found.pop("sampler_name", ""), found.pop("scheduler", "")
    if sampler := sampling.find(name, schedule):
        return {"sampler": sampler}
    named = {"Sampler": name, "Schedule type": schedule}
    unused |= {word: value for word, value in named.items() if value}
    return {}


def _prompts(graph: Graph, start: Node, role: str) -> tuple[list[str], list[str]]:
    """The texts that lead to that input; and what a model's further encoders are told beside them."""

    def choose(node: Node) -> list[str]:
        if node is not start and (_written(graph, node, role) or node.kind == "ConditioningZeroOut"):
            return []
        if role in node.links or node is start:
            return [role]
        return [name for name in node.links if name.startswith("conditioning")] or along()(node)

    found = [_written(graph, node, role) for node in graph.upstream(start, choose) if node is not start]
    first = [texts[0] for texts in found if texts]
    others = [other for texts in found for other in texts[1:] if other not in first]
    return list(dict.fromkeys(filter(None, first))), others


def _written(graph: Graph, node: Node, role: str) -> list[str]:
    """The texts of an encoder; none of any other node."""
    names = [name for name in (*TEXTS, role) if name in node.inputs and (name != role or role not in node.links)]
    return [value for name in names if (value := graph.value(node, name, text)) is not None]


def _model(graph: Graph, guider: Node) -> dict[str, Any]:
    found: dict[str, Any] = {}
    loras: list[dict[str, Any]] = []
    for node in graph.upstream(guider, along("model")):
        loras = [*_loras(graph, node), *loras]
        names = (graph.value(node, name, stem) for name in MODELS if name in node.inputs)
        if "model" not in found and (name := next(filter(None, names), None)):
            found["model"] = name
    return {**found, **({"loras": loras} if loras else {})}


def _loras(graph: Graph, node: Node) -> Iterator[dict[str, Any]]:
    """Of the program's own node; and of rgthree's, which holds many."""
    if name := graph.value(node, "lora_name", stem):
        yield {"name": name, "weight": graph.value(node, "strength_model", number) or 0.0}
    for each in node.inputs.values():
        if isinstance(each, dict) and each.get("on") is True and isinstance(each.get("lora"), str):
            weight = each.get("strength")
            yield {"name": stem(each["lora"]), "weight": weight if isinstance(weight, int | float) else 1.0}


def _size(graph: Graph, sampler: Node) -> dict[str, int]:
    for node in graph.upstream(sampler, along(*LATENT)):
        sides = {side: graph.value(node, side, whole) for side in ("width", "height") if side in node.inputs}
        if len(sides) == 2 and None not in sides.values():
            return sides
    return {}


def _plain(node: Node) -> dict[str, Any]:
    return {name: value for name, value in node.inputs.items() if isinstance(value, str | int | float)}
