"""Tags: LoRAs that a prompt calls by `<lora:name:0.8>`, as in A1111, and embeddings that it calls by their names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from desktop.errors import UserError

TAG = re.compile(r"<(?:lora|lyco|lycoris|locon):([^:<>]+)((?::[^:<>]*)*)>", re.IGNORECASE)
EMBEDDING = re.compile(r"\bembedding:([^\s,:;()\[\]{}<>|]+)", re.IGNORECASE)
UNCALLABLE = re.compile(r"[:,<>]")  # characters that tags cannot hold, or that A1111 leaves out
ENDINGS = re.compile(r"\.(safetensors|pt|bin)$", re.IGNORECASE)
UNET, TEXT = ("unet", "model"), ("te", "clip")  # how the weights of the parts are named
BLOCK = re.compile(r"\w*(?:block|layer)\w*(?:\.\w+)*|\w+(?:\.\w+)+")  # "up_blocks.1"


@dataclass(frozen=True)
class Tag:
    """A LoRA by the name that people wrote, with its weights for the model and, if it is another, for the text."""

    name: str
    weight: float = 1.0
    text_weight: float | None = None
    blocks: tuple[tuple[str, float], ...] = ()  # factors: see LoraUse
    unread: tuple[str, ...] = field(
        default=(), compare=False
    )  # what other programs write beside them: ranks, steps, lists of weights


def left_unread(tag: Tag) -> str:
    """What of it does nothing here, for people; empty where all is used."""
    if not tag.unread:
        return ""
    return f"Of {tag.name}, “{tag.unread[0]}” is not used: weights of blocks are written up_blocks.1=0.5."


def taken_out(prompt: str) -> tuple[str, tuple[Tag, ...]]:
    """The prompt without its tags, and these. Raises UserError for weights that are no numbers."""
    tags = tuple(_tag(found) for found in TAG.finditer(prompt))
    if not tags:
        return prompt, ()
    text = re.sub(r"(?:[ \t]*,)+", ",", TAG.sub("", prompt))  # the commas that they leave behind
    return re.sub(r"[ \t]{2,}", " ", text).strip(" \t,"), tags


def written(tag: Tag) -> str:
    """As `taken_out` reads it."""
    weights = [tag.weight] if tag.text_weight is None else [tag.text_weight, tag.weight]
    values = [f"{weight:g}" for weight in weights] + [f"{block}={factor:g}" for block, factor in tag.blocks]
    return f"<lora:{callable_name(tag.name)}:{':'.join(values)}>"


def callable_name(name: str) -> str:
    """As a tag can call it."""
    return UNCALLABLE.sub("", name).strip()


def called(text: str) -> tuple[str, ...]:
    """The names of embeddings that are called outright: `embedding:name`."""
    return tuple(dict.fromkeys(ENDINGS.sub("", name.rstrip(".")) for name in EMBEDDING.findall(text)))


def calling(name: str) -> str:
    """What calls that embedding outright; where that cannot be, its bare name."""
    call = f"embedding:{name}"
    return call if called(call) == (name,) else name


def mentioned(text: str, names: Iterable[str]) -> tuple[str, ...]:
    """Those of the names that stand in the text as words of their own, in whatever capitals."""
    folded = text.casefold()
    near = (name for name in names if name.casefold() in folded)
    return tuple(name for name in near if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE))


def _tag(found: re.Match[str]) -> Tag:
    """Weights by place, text encoder first, or by name; one alone is that of both. Those of blocks are named."""
    placed: list[float] = []
    named: dict[str, float] = {}
    blocks: dict[str, float] = {}
    unread: list[str] = []
    for place, part in enumerate(found[2].split(":")[1:]):
        name, is_named, value = part.partition("=")
        name = name.strip()
        if is_named and name.casefold() in (*UNET, *TEXT):
            named[name.casefold()] = _number(value, found[0])
        elif is_named and BLOCK.fullmatch(name):
            blocks[name] = _number(value, found[0])
        elif not is_named and (place == 0 or _is_number(part)):
            placed.append(_number(part, found[0]))
        elif part.strip():
            unread.append(part.strip())
    text = next((named[name] for name in TEXT if name in named), placed[0] if placed else 1.0)
    model = next((named[name] for name in UNET if name in named), placed[1] if len(placed) > 1 else text)
    return Tag(found[1].strip(), model, None if text == model else text, tuple(blocks.items()), tuple(unread))


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _number(text: str, tag: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise UserError(f"{tag} has no number for a weight.", "Write it so: <lora:name:0.8>") from None
