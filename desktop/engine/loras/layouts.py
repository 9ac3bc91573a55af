"""How LoRA files name their tensors: which part of a model, which of its layers, and what the tensor is there."""

from __future__ import annotations

import re
from collections.abc import Iterator

DENOISER = "denoiser"  # stands for the family's own
PEFT = "base_model.model."
PREFIXES: tuple[tuple[str, tuple[str, ...]], ...] = (  # which parts a key that begins so may be of
    ("lora_unet_", (DENOISER,)),
    ("lora_transformer_", (DENOISER,)),
    ("lora_te1_", ("text_encoder",)),
    ("lora_te2_", ("text_encoder_2",)),
    ("lora_te3_", ("text_encoder_3", "text_encoder_2")),  # kohya counts Flux's T5 as the third, as in SD 3
    ("lora_te_", ("text_encoder",)),
    ("oft_unet_", (DENOISER,)),
    ("lycoris_", (DENOISER,)),
    (PEFT, (DENOISER,)),
    ("model.diffusion_model.", (DENOISER,)),
    ("diffusion_model.", (DENOISER,)),
    ("unet.", (DENOISER,)),
    ("transformer.", (DENOISER,)),
    ("text_encoder.", ("text_encoder",)),
    ("text_encoder_2.", ("text_encoder_2",)),
    ("text_encoder_3.", ("text_encoder_3",)),
    ("text_encoders.clip_l.transformer.", ("text_encoder",)),
    ("text_encoders.clip_g.transformer.", ("text_encoder_2",)),
    ("text_encoders.t5xxl.transformer.", ("text_encoder_3", "text_encoder_2")),
)
_ADAPTER = r"(?:\.(?!weight$|bias$)[^.]+)?"  # PEFT's name of it, "default" mostly
_SUFFIXES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), name)
    for pattern, name in (
        (rf"[._](?:lora_down|lora_A|lora\.down|lora_linear_layer\.down){_ADAPTER}\.weight$", "down"),
        (rf"[._](?:lora_up|lora_B|lora\.up|lora_linear_layer\.up){_ADAPTER}\.weight$", "up"),
        (r"(?<=_lora[12])\.down\.weight$", "down"),  # xlabs
        (r"(?<=_lora[12])\.up\.weight$", "up"),
        (rf"\.lora_B{_ADAPTER}\.bias$", "up_bias"),
        (r"\.lora_mid\.weight$", "mid"),
        (r"\.alpha$", "alpha"),
        (r"\.dora_scale$", "dora_scale"),
        (rf"\.lora_magnitude_vector{_ADAPTER}(?:\.weight)?$", "magnitudes"),
        (rf"\.oft_R{_ADAPTER}\.weight$", "oft_R"),
        (r"\.oft_R\.scaled_oft$", "scaled_oft"),  # OneTrainer's own
        *((rf"\.{name}\.weight$", name) for name in ("a1", "a2", "b1", "b2")),
        (r"\.on_input$", "on_input"),  # beside a weight, which tells nothing by itself
        (r"\.(?:diff|w_norm)$", "diff"),
        (r"\.(?:diff_b|b_norm)$", "diff_b"),
        *(
            (rf"\.{name}(?:\.weight)?$", name)
            for name in (
                *("hada_w1_a", "hada_w1_b", "hada_w2_a", "hada_w2_b", "hada_t1", "hada_t2"),
                *("lokr_w1", "lokr_w1_a", "lokr_w1_b", "lokr_w2", "lokr_w2_a", "lokr_w2_b", "lokr_t2"),
                *("oft_blocks", "oft_diag", "rescale", "scalar"),
            )
        ),
    )
)


def parsed(key: str) -> tuple[str, str] | None:
    """The layer that a tensor belongs to, as the file names it, and what it is there; None for other things."""
    for pattern, name in _SUFFIXES:
        if (found := pattern.search(key)) and found.start():
            return key[: found.start()], name
    return None


def spellings(layer: str) -> Iterator[tuple[tuple[str, ...], str]]:
    """Which parts a layer may be of, and its name there: as it stands, and without each prefix before it."""
    parts: tuple[str, ...] = (DENOISER,)
    yield parts, layer
    while found := next((row for row in PREFIXES if layer.startswith(row[0])), None):
        layer = layer.removeprefix(found[0])
        parts = found[1]
        yield parts, layer


def is_kohya_oft(layer: str) -> bool:
    """kohya's scripts give the bound of an OFT a row, LyCORIS that of the whole."""
    return layer.startswith("oft_")


def is_peft(layer: str) -> bool:
    """Whether PEFT itself has written it; others use its names."""
    return layer.startswith(PEFT)
