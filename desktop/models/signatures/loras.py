"""LoRAs and their relatives, in all layouts: known by parts of their names, and by the widths they were made for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from desktop.models.contents import Contents
from desktop.models.signatures.signature import Family, Told

SEEN = 4000  # characters of the names, from either end, in which a LoRA's own are looked for: all its modules are alike
RELATIVES = (  # parts of names, and what they make of a LoRA
    ("hada_w1", "loha"),
    ("lokr_w", "lokr"),
    ("oft_blocks", "oft"),
    ("oft_diag", "oft"),
    ("boft_R", "boft"),
    ("oft_R.", "oft"),
    ("ia3_l", "ia3"),
    ("dora_scale", "dora"),
    ("lora_magnitude_vector", "dora"),
    ("lora_down", ""),
    ("lora_A", ""),
    ("lora.down", ""),
    (".on_input", "ia3"),
    (".diff\n", "full"),
    (".a1.weight", "glora"),
    ("lora", ""),
)
ENDING = re.compile(
    r"[._](?:(?:processor[._])?\w*lora\d?[._].*|hada_\w+|lokr_\w+|oft_\w+|dora_scale|diff|diff_b|alpha|scale)$"
)
OUTPUTS = ("lora_up.weight", "lora_B.weight", "lora_B.default.weight", "lora.up.weight")  # whose first side is that
INPUTS = (  # of a module's tensors, whose last side, or their product, is the module's inputs
    ("lora_down.weight",),
    ("lora_A.weight",),
    ("lora_A.default.weight",),
    ("lora.down.weight",),
    ("hada_w1_b",),
    ("lokr_w1", "lokr_w2"),
    ("lokr_w1", "lokr_w2_b"),
    ("lokr_w1_b", "lokr_w2_b"),
    ("diff",),
)


@dataclass(frozen=True)
class Trait:
    """A part of a module's name, dots taken for underscores, and the families that have such modules."""

    part: str
    family: Family | None = None  # whatever its inputs; None: only by those
    families: Mapping[int, Family] = field(default_factory=dict)  # by the number of its inputs
    outputs: Mapping[int, Family] = field(default_factory=dict)  # or of its outputs, which count more


FLUXES: Mapping[int, Family] = {3072: ("flux", "chroma", "flux2"), 6144: "flux2", 4096: "flux2"}
TRAITS = (
    Trait(
        "attn2_to_k",
        None,
        {192: "starter", 768: "sd15", 1024: "sd2", 2048: "sdxl", 1280: "sdxl-refiner", 2240: "sana", 4096: ""},
    ),
    Trait(
        "attn2_to_v",
        None,
        {192: "starter", 768: "sd15", 1024: "sd2", 2048: "sdxl", 1280: "sdxl-refiner", 2240: "sana", 4096: ""},
    ),
    Trait("attn2_to_k", None, {1152: ("pixart", "sana")}),
    Trait("distilled_guidance_layer", "chroma"),
    Trait("double_stream_modulation", "flux2"),
    Trait("to_qkv_mlp_proj", "flux2"),
    Trait("double_blocks_19_", ""),  # HunyuanVideo has more than any Flux
    Trait("_img_attn_", None, FLUXES),
    Trait("_txt_attn_", None, FLUXES),
    Trait("_linear1", None, FLUXES, {27648: "flux2"}),
    Trait("single_transformer_blocks_", ("flux", "chroma"), {6144: "flux2", 4096: "flux2"}),
    Trait("joint_blocks_", "sd3"),
    Trait("single_blocks_", ("flux", "chroma", "flux2")),
    Trait("double_blocks_", ("flux", "chroma", "flux2")),
    Trait("_img_mlp_net_", "qwen"),
    Trait("_txt_mlp_net_", "qwen"),
    Trait("_img_mod_1", "qwen"),
    Trait("transformer_blocks_45_", "qwen"),  # no other has so many
    Trait("_attn_add_", None, {1536: "sd3", 2432: "sd3", 3072: ("flux", "qwen", "chroma"), 6144: "flux2"}),
    Trait("attention_", None, {3840: "zimage", 2304: ""}),
    Trait("feed_forward_w1", None, {3840: "zimage", 2304: ""}),
    Trait("cross_attn_q_linear", None, {1152: ("pixart", "sana"), 2240: "sana"}),
    Trait("attn1_to_q", None, {2240: "sana", 1152: ("pixart", "sana")}),
    Trait("transformer_blocks_0_attn_to_", None, {1536: "sd3", 2432: "sd3", 3072: ("flux", "qwen", "chroma")}),
    Trait("input_blocks_4_1_transformer_blocks_1_", "sdxl"),  # the others have but one there
    Trait("blocks_1_attentions_0_transformer_blocks_1_", "sdxl"),
    Trait("lora_te2_", "sdxl"),
    Trait("text_encoder_2_", "sdxl"),
    Trait("lora_te1_", ("sdxl", "flux", "sd3")),
    Trait("text_model_encoder_layers_0_mlp_fc1", None, {768: ("sd15", "sdxl", "flux"), 1024: "sd2", 1280: "sdxl"}),
    Trait("down_blocks_", ("sd15", "sd2", "sdxl")),
    Trait("input_blocks_", ("sdxl", "sd15", "sd2")),
    Trait("lora_te_", ("sd15", "sd2")),
)


def told(contents: Contents) -> Told | None:
    """None for what is no LoRA."""
    names = contents.names
    if names.startswith("lllite_"):
        return Told("controlnet", "sdxl", "lllite", ("sdxl",))
    seen = names if len(names) < 2 * SEEN else f"{names[:SEEN]}\n{names[-SEEN:]}"
    relative = next((variant for part, variant in RELATIVES if part in f"{seen}\n"), None)
    if relative is None:
        return None
    if "motion_modules" in seen:
        return Told("lora", "sd15", "motion", ("sd15",))
    family = _family(contents)
    alike = (family,) if isinstance(family, str) else family
    return Told("lora", alike[0] if alike else "", relative, alike)


def _family(contents: Contents) -> Family:
    """Of none where neither names nor shapes tell it."""
    names = contents.names.replace(".", "_")
    for trait in TRAITS:
        at = names.find(trait.part)
        if at >= 0:
            begin, end = names.rfind("\n", 0, at) + 1, names.find("\n", at)
            module = ENDING.sub("", contents.names[begin : end if end >= 0 else None])
            family = trait.families.get(_inputs(contents, module), trait.family)
            family = trait.outputs.get(_outputs(contents, module), family) if trait.outputs else family
            if family is not None:
                return family
    return ()


def _inputs(contents: Contents, module: str) -> int:
    """0 where that does not show."""
    for joint in (".", "_"):
        for parts in INPUTS:
            shapes = [contents.shape(f"{module}{joint}{part}") for part in parts]
            if all(len(shape) > 1 for shape in shapes):
                return shapes[0][1] * (shapes[1][1] if len(shapes) > 1 else 1)
    return 0


def _outputs(contents: Contents, module: str) -> int:
    """0 where that does not show."""
    shapes = (contents.shape(f"{module}.{part}") for part in OUTPUTS)
    return next((shape[0] for shape in shapes if shape), 0)
