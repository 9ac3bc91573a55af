"""Originals: components from single files, in the layouts of those who made the models."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import torch
from accelerate import init_empty_weights
from diffusers.loaders import single_file_utils as converters
from diffusers.loaders.single_file_model import SINGLE_FILE_LOADABLE_CLASSES as LOADABLE
from safetensors import safe_open
from torch import Tensor, nn
from transformers import PreTrainedModel

from desktop.engine import pixart
from desktop.engine.sources import Source

Tensors = dict[str, Tensor]

SCALES = (".scale_weight", ".weight_scale")  # of weights in 8 bits; they stand beside them
LEFT_OUT = (".scale_input", ".input_scale", ".comfy_quant", "scaled_fp8", "logit_scale", ".position_ids")
OLD = (("query.", "to_q."), ("key.", "to_k."), ("value.", "to_v."), ("proj_attn.", "to_out.0."))
OPEN_CLIP = "positional_embedding"  # only in its layout


def assemble(source: Source, dtype: torch.dtype) -> nn.Module:
    """The component with its weights out of one file. Raises ValueError and others where they do not fit."""
    tensors = _restored(mapped(source), dtype)
    if issubclass(source.kind, PreTrainedModel):
        return text_encoder(source, tensors, dtype)
    with init_empty_weights():
        module = source.kind.from_config(source.config)
    wide = tuple(source.kind._keep_in_fp32_modules or ()) if dtype == torch.float16 else ()
    state = {
        name: tensor.to(torch.float32 if any(part in wide for part in name.split(".")) else dtype)
        for name, tensor in _converted(source, module, tensors).items()
    }
    _check_shapes(source, module, state)
    module.load_state_dict(state, strict=False, assign=True)
    _check_complete(source, module)
    return module.eval()


def mapped(source: Source) -> Tensors:
    """The tensors as they lie in the file, by their names within the component; no byte of them is read here."""
    assert source.names is not None
    with safe_open(source.files[0], "pt") as file:
        return {inner: file.get_tensor(name) for name, inner in source.names.items()}


def _restored(tensors: Tensors, dtype: torch.dtype) -> Tensors:
    """With weights in their true size where the file holds them scaled; without what only others make use of."""
    kept = {name: tensor for name, tensor in tensors.items() if not name.endswith((*LEFT_OUT, *SCALES))}
    for name, scale in tensors.items():
        if name.endswith(SCALES) and (weight := f"{name.rpartition('.')[0]}.weight") in kept:
            kept[weight] = (kept[weight].float() * scale.float()).to(dtype)
    return kept


def _check_shapes(source: Source, module: nn.Module, state: Tensors) -> None:
    for name, own in module.state_dict().items():
        if name in state and own.shape != state[name].shape:
            raise ValueError(_mismatch(source, name, own.shape, state[name].shape))


def _mismatch(source: Source, name: str, wanted: Sequence[int], found: Sequence[int]) -> str:
    return f"{source.component} takes {name} as {_sides(wanted)}, its file has it as {_sides(found)}"


def _sides(shape: Sequence[int]) -> str:
    return "×".join(map(str, shape)) or "a number"


def _check_complete(source: Source, module: nn.Module) -> None:
    tensors = (*module.named_parameters(), *module.named_buffers())
    if absent := [name for name, tensor in tensors if tensor.is_meta]:
        raise ValueError(f"{source.component} lacks {len(absent)} of its weights: {absent[0]}, ...")


# ---------------------------------------------------------------- of diffusers


def _converted(source: Source, module: nn.Module, tensors: Tensors) -> Tensors:
    tensors = {_renewed(name): tensor for name, tensor in tensors.items()}
    if tensors.keys() >= {name for name, _ in module.named_parameters()}:
        return tensors  # has the names of diffusers already
    kind = next((each.__name__ for each in source.kind.__mro__ if each.__name__ in CONVERTERS), None)
    if kind is None:
        raise ValueError(f"the layout of this {source.component} is not known")
    return CONVERTERS[kind](tensors, source.config)


def _renewed(name: str) -> str:
    """The attention of many a VAE has names that diffusers once gave it."""
    before, old, after = name.partition("mid_block.attentions.0.")
    return next((f"{before}{old}{new}{after.removeprefix(was)}" for was, new in OLD if after.startswith(was)), name)


def _unet(tensors: Tensors, config: Mapping[str, Any]) -> Tensors:
    named = {f"{converters.LDM_UNET_KEY}{name}": tensor for name, tensor in tensors.items()}
    return converters.convert_ldm_unet_checkpoint(named, config)


def _flux2_vae(tensors: Tensors, config: Mapping[str, Any]) -> Tensors:
    statistics = {name: tensor for name, tensor in tensors.items() if name.startswith("bn.")}
    return converters.convert_ldm_vae_checkpoint(tensors, config) | statistics


def _video_vae(tensors: Tensors, _: Mapping[str, Any]) -> Tensors:
    return converters.convert_wan_vae_to_diffusers(tensors)


def _by_diffusers(kind: str) -> Callable[[Tensors, Mapping[str, Any]], Tensors]:
    return lambda tensors, config: LOADABLE[kind]["checkpoint_mapping_fn"](checkpoint=tensors, config=config)


CONVERTERS: dict[str, Callable[[Tensors, Mapping[str, Any]], Tensors]] = {  # by class
    **{kind: _by_diffusers(kind) for kind in LOADABLE},
    "UNet2DConditionModel": _unet,
    "AutoencoderKLFlux2": _flux2_vae,
    "AutoencoderKLQwenImage": _video_vae,
    "PixArtTransformer2DModel": pixart.converted,
}


# ---------------------------------------------------------------- of transformers


SPARE = ("lm_head.", "model.visual.", "model.vision_tower.", "model.multi_modal_projector.")  # for more than text
MISTRAL = "Mistral3ForConditionalGeneration"


def _sees_pictures(source: Source) -> bool:
    return (source.folder.parent / "processor").is_dir()


def text_encoder(source: Source, tensors: Tensors, dtype: torch.dtype) -> nn.Module:
    """The component of those weights, as transformers names them. Raises ValueError where they do not fit."""
    config = source.kind.config_class.from_dict(source.config)
    if OPEN_CLIP in tensors:
        tensors = _open_clip(tensors, config)
    if source.kind.__name__ == MISTRAL and "model.embed_tokens.weight" in tensors:  # of its half for language alone
        tensors = {f"language_model.{name}": tensor for name, tensor in tensors.items()}
    if source.component == "text_encoder" and source.kind.__name__ == "CLIPTextModelWithProjection":
        tensors["text_projection.weight"] = torch.eye(config.projection_dim)  # SD 3 takes what comes before it
    module, told = source.kind.from_pretrained(
        None, config=config, state_dict=tensors, dtype=dtype, output_loading_info=True, ignore_mismatched_sizes=True
    )
    for name, found, wanted in told["mismatched_keys"]:
        raise ValueError(_mismatch(source, name, wanted, found))
    spare = () if _sees_pictures(source) else SPARE
    if absent := sorted(name for name in told["missing_keys"] if not name.startswith(spare)):
        raise ValueError(f"{source.component} lacks {len(absent)} of its weights: {absent[0]}, ...")
    return module


def _open_clip(tensors: Tensors, config: Any) -> Tensors:
    """In the names of transformers; what three projections are in one becomes three."""
    return converters.convert_open_clip_checkpoint(SimpleNamespace(config=config), tensors, prefix="")
