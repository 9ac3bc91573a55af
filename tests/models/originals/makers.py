"""Who makes which file out of a tiny pipeline, by the names that `tiny.make` knows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.models.originals import ldm, transformers
from tests.models.originals.names import Tensors, prefixed, renamed

Maker = Callable[[Any], Tensors]

CHECKPOINTS: dict[str, Maker] = {
    "sd15": ldm.sd15,
    "sd15-inpaint": ldm.sd15,
    "sd2": ldm.sd2,
    "sdxl": ldm.sdxl,
    "sdxl-refiner": ldm.refiner,
    "sd3": transformers.sd3,
}


def _bfl(pipe: Any) -> Tensors:
    return transformers.bfl(pipe.transformer.state_dict())


def _as_it_is(pipe: Any) -> Tensors:
    return pipe.transformer.state_dict()


def _sana(pipe: Any) -> Tensors:
    return transformers.sana_transformer(pipe.transformer)


DENOISERS: dict[str, Maker] = {
    "sd15": lambda pipe: ldm.unet(pipe.unet),
    "sdxl": lambda pipe: prefixed("model.diffusion_model.", ldm.unet(pipe.unet)),
    "sd3": lambda pipe: transformers.sd3_transformer(pipe.transformer),
    "flux2": _bfl,
    "flux2-klein": _bfl,
    "zimage": lambda pipe: transformers.zimage_transformer(pipe.transformer),
    "sana": _sana,
    "pixart": _sana,
    "qwen": _as_it_is,  # has no other names
    "flux": _as_it_is,  # diffusers reads those of its makers at its true width only: see test_converters.py
    "flux-schnell": _as_it_is,
    "chroma": _as_it_is,
}
OLD = [(r"\.to_q\.", ".query."), (r"\.to_k\.", ".key."), (r"\.to_v\.", ".value."), (r"\.to_out\.0\.", ".proj_attn.")]
VAES: dict[str, Maker] = {
    "original": lambda pipe: ldm.vae(pipe.vae),
    "of a checkpoint": lambda pipe: prefixed("first_stage_model.", ldm.vae(pipe.vae)),
    "diffusers": lambda pipe: pipe.vae.state_dict(),
    "diffusers, of old": lambda pipe: renamed(pipe.vae.state_dict(), OLD),
}
ENCODERS: dict[str, dict[str, Maker]] = {
    "sd15": {"text_encoder": lambda pipe: ldm.clip(pipe.text_encoder)},
    "sdxl": {
        "text_encoder": lambda pipe: ldm.clip(pipe.text_encoder),
        "text_encoder_2": lambda pipe: ldm.open_clip(pipe.text_encoder_2),
    },
    "sd3": {
        "text_encoder": lambda pipe: ldm.clip(pipe.text_encoder),
        "text_encoder_2": lambda pipe: ldm.clip(pipe.text_encoder_2),
        "text_encoder_3": lambda pipe: transformers.t5(pipe.text_encoder_3),
    },
}
