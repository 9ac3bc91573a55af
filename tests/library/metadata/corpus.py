"""Small pictures with what each program writes into them, made after its documented format, and what they say."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from PIL import ExifTags, Image
from PIL.PngImagePlugin import PngInfo


@dataclass(frozen=True)
class Case:
    """A picture of a program, and what is to be read in it."""

    file: bytes
    tool: str
    recipe: Mapping[str, Any]
    unused: Mapping[str, Any] = field(default_factory=dict)


def png(**texts: str) -> bytes:
    info = PngInfo()
    for name, text in texts.items():
        info.add_itxt(name.replace("__", "-"), text)
    return _saved(Image.new("RGB", (4, 4)), "PNG", pnginfo=info)


def with_xmp(packet: str) -> bytes:
    info = PngInfo()
    info.add_itxt("XML:com.adobe.xmp", packet)
    return _saved(Image.new("RGB", (4, 4)), "PNG", pnginfo=info)


def with_exif(format: str, notes: Mapping[int, Any], comment: bytes | None = None) -> bytes:
    exif = Image.Exif()
    for tag, value in notes.items():
        exif[tag] = value
    if comment is not None:
        exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.UserComment] = comment
    return _saved(Image.new("RGB", (16, 16)), format, exif=exif.tobytes())


def with_comment(format: str, text: str, encoding: str = "utf-16-be") -> bytes:
    return with_exif(format, {}, b"UNICODE\0" + text.encode(encoding))


def stealth(content: bytes, signature: bytes = b"stealth_pngcomp", length: int | None = None) -> bytes:
    """In the lowest bits of the transparency, column by column."""
    said = signature + (8 * len(content) if length is None else length).to_bytes(4, "big") + content
    bits = np.unpackbits(np.frombuffer(said, np.uint8))
    height = 64
    columns = -(-len(bits) // height)
    alpha = np.full((columns, height), 254, np.uint8)
    alpha.reshape(-1)[: len(bits)] |= bits
    image = Image.new("RGB", (columns, height), "teal")
    image.putalpha(Image.fromarray(np.ascontiguousarray(alpha.T)))
    return _saved(image, "PNG")


def _saved(image: Image.Image, format: str, **options: Any) -> bytes:
    stream = io.BytesIO()
    image.save(stream, format, **options)
    return stream.getvalue()


def nodes(**kinds: tuple[str, Mapping[str, Any]]) -> dict[str, Any]:
    """A graph as ComfyUI's program writes it; n3 is node 3."""
    return {name[1:]: {"class_type": kind, "inputs": dict(inputs)} for name, (kind, inputs) in kinds.items()}


# ---------------------------------------------------------------- A1111, Forge, Krita

SETTINGS = "Steps: 30, Sampler: Euler a, CFG scale: 6.5, Seed: 12345, Size: 640x448"
KNOWN = {"steps": 30, "sampler": "euler_a", "guidance": 6.5, "seed": 12345, "width": 640, "height": 448}
INFOTEXT = (
    f"a cat é🌅, <lora:ink:0.8>\nNegative prompt: dog\n{SETTINGS}, Model hash: ABCDEF0123, Model: some-model_v2, "
    'Clip skip: 2, Lora hashes: "ink: 0123456789ab", Version: v1.10.1'
)
A1111 = {"prompt": "a cat é🌅, <lora:ink:0.8>", "negative": "dog", "model": "some-model_v2", "clip_skip": 1, **KNOWN}
A1111_UNUSED = {
    **{"Model hash": "ABCDEF0123", "Lora hashes": "ink: 0123456789ab", "Version": "v1.10.1"},
}
FLUX = (
    "a cat\nSteps: 20, Sampler: Euler, Schedule type: Simple, CFG scale: 1, Distilled CFG Scale: 3.5, Seed: 7, "
    "Size: 896x1152, Model hash: 0123456789, Model: flux1-dev, Version: f2.0.1v1.10.1-previous-640, Module 1: ae"
)
KRITA = (
    "a cat <lora:ink.safetensors:0.5>\nNegative prompt: \nSteps: 20, Sampler: Default - dpmpp_2m, CFG scale: 7.0, "
    "Seed: 5, Size: 512x768, Model hash: unknown, Model: dreamer.safetensors, Denoising strength: 0.3, Mode: Refine"
)

# ---------------------------------------------------------------- ComfyUI

ENCODERS = {
    "n4": ("CheckpointLoaderSimple", {"ckpt_name": "sd15/dreamer.safetensors"}),
    "n6": ("CLIPTextEncode", {"text": "a cat", "clip": ["4", 1]}),
    "n7": ("CLIPTextEncode", {"text": "dog", "clip": ["4", 1]}),
    "n8": ("VAEDecode", {"samples": ["3", 0], "vae": ["4", 2]}),
    "n9": ("SaveImage", {"images": ["8", 0], "filename_prefix": "ComfyUI"}),
}
KSAMPLER = {
    **{"seed": 12345, "steps": 25, "cfg": 6.5, "sampler_name": "dpmpp_2m", "scheduler": "karras", "denoise": 1.0},
    **{"model": ["4", 0], "positive": ["6", 0], "negative": ["7", 0], "latent_image": ["5", 0]},
}
EMPTY = ("EmptyLatentImage", {"width": 512, "height": 768, "batch_size": 1})
SIMPLE = nodes(**ENCODERS, n5=EMPTY, n3=("KSampler", KSAMPLER))
COMFY = {
    **{"prompt": "a cat", "negative": "dog", "model": "dreamer", "steps": 25, "sampler": "dpmpp_2m_karras"},
    **{"guidance": 6.5, "seed": 12345, "width": 512, "height": 768},
}
LORAS = SIMPLE | nodes(
    n10=("LoraLoader", {"lora_name": "ink.safetensors", "strength_model": 0.8, "model": ["4", 0], "clip": ["4", 1]}),
    n11=("Power Lora Loader (rgthree)", {"lora_1": {"on": True, "lora": "x\\pen.safetensors", "strength": 0.5},
                                          "lora_2": {"on": False, "lora": "off.safetensors", "strength": 1},
                                          "model": ["10", 0], "clip": ["10", 1]}),
    n3=("KSampler", {**KSAMPLER, "model": ["11", 0]}),
)  # fmt: skip
SDXL = SIMPLE | nodes(
    n6=("CLIPTextEncodeSDXL", {"text_g": "a cat", "text_l": "fur", "width": 1024, "height": 1024, "clip": ["4", 1]}),
    n7=("CLIPTextEncodeSDXL", {"text_g": "dog", "text_l": "dog", "width": 1024, "height": 1024, "clip": ["4", 1]}),
)
FLUX_GRAPH = nodes(
    n12=("UNETLoader", {"unet_name": "flux1-dev.safetensors", "weight_dtype": "default"}),
    n6=("CLIPTextEncode", {"text": ["30", 0], "clip": ["11", 0]}),
    n30=("PrimitiveString", {"value": "a cat"}),
    n26=("FluxGuidance", {"guidance": 3.5, "conditioning": ["6", 0]}),
    n22=("BasicGuider", {"model": ["12", 0], "conditioning": ["26", 0]}),
    n16=("KSamplerSelect", {"sampler_name": "euler"}),
    n17=("BasicScheduler", {"scheduler": "simple", "steps": 20, "denoise": 1.0, "model": ["12", 0]}),
    n25=("RandomNoise", {"noise_seed": 2**64 - 1}),
    n27=("EmptySD3LatentImage", {"width": 1024, "height": 768, "batch_size": 1}),
    n13=("SamplerCustomAdvanced", {"noise": ["25", 0], "guider": ["22", 0], "sampler": ["16", 0], "sigmas": ["17", 0],
                                   "latent_image": ["27", 0]}),
    n8=("VAEDecode", {"samples": ["13", 0], "vae": ["10", 0]}),
    n9=("SaveImage", {"images": ["8", 0]}),
)  # fmt: skip
TWO_PASSES = SIMPLE | nodes(
    n20=("LatentUpscale", {"samples": ["3", 0], "width": 1024, "height": 1536}),
    n21=("KSampler", {**KSAMPLER, "steps": 12, "denoise": 0.5, "latent_image": ["20", 0]}),
    n8=("VAEDecode", {"samples": ["21", 0], "vae": ["4", 2]}),
)
CONTROLLED = SIMPLE | nodes(
    n30=("LoadImage", {"image": "pose.png"}),
    n31=("VAEEncode", {"pixels": ["30", 0], "vae": ["4", 2]}),
    n32=("ControlNetApplyAdvanced", {"positive": ["6", 0], "negative": ["33", 0], "image": ["30", 0], "strength": 1}),
    n33=("ConditioningZeroOut", {"conditioning": ["6", 0]}),
    n3=("KSampler", {**KSAMPLER, "positive": ["32", 0], "negative": ["32", 1], "latent_image": ["31", 0],
                     "denoise": 0.6, "sampler_name": "res_multistep"}),
)  # fmt: skip


def _drawn(id: int, kind: str, fields: list[Any], links: Mapping[str, int], mode: int = 0) -> dict[str, Any]:
    sockets = [{"name": name, "link": link} for name, link in links.items()]
    return {"id": id, "type": kind, "mode": mode, "inputs": sockets, "widgets_values": fields}


WORKFLOW = {
    "nodes": [
        _drawn(4, "CheckpointLoaderSimple", ["dreamer.safetensors"], {}),
        _drawn(6, "CLIPTextEncode", ["a cat"], {"clip": 2}),
        _drawn(7, "CLIPTextEncode", ["dog"], {"clip": 3}),
        _drawn(5, "EmptyLatentImage", [512, 768, 1], {}),
        _drawn(10, "LoraLoader", ["off.safetensors", 1, 1], {"model": 1, "clip": 10}, mode=4),
        _drawn(
            3,
            "KSampler",
            [12345, "randomize", 25, 6.5, "dpmpp_2m", "karras", 1],
            {"model": 4, "positive": 5, "negative": 6, "latent_image": 7},
        ),
        _drawn(8, "VAEDecode", [], {"samples": 8}),
        _drawn(9, "SaveImage", ["ComfyUI"], {"images": 9}),
    ],
    "links": [
        [1, 4, 0, 10, 0, "MODEL"],
        [2, 4, 1, 6, 0, "CLIP"],
        [3, 4, 1, 7, 0, "CLIP"],
        [4, 10, 0, 3, 0, "MODEL"],
        [5, 6, 0, 3, 1, "CONDITIONING"],
        [6, 7, 0, 3, 2, "CONDITIONING"],
        [7, 5, 0, 3, 3, "LATENT"],
        [8, 3, 0, 8, 0, "LATENT"],
        [9, 8, 0, 9, 0, "IMAGE"],
        [10, 4, 1, 10, 1, "CLIP"],
    ],
    "version": 0.4,
}

# ---------------------------------------------------------------- the others

INVOKE = {
    "generation_mode": "sdxl_txt2img",
    "positive_prompt": "a cat",
    "negative_prompt": "dog",
    **{"width": 1024, "height": 832, "seed": 5, "cfg_scale": 5.5, "steps": 28, "scheduler": "dpmpp_2m_sde_k"},
    "model": {"key": "1f", "hash": "blake3:77", "name": "Juggernaut XL", "base": "sdxl", "type": "main"},
    "loras": [{"model": {"key": "2f", "hash": "0123456789ab", "name": "ink", "type": "lora"}, "weight": 0.6}],
    "app_version": "6.14.0",
}
INVOKE_FLUX = {"positive_prompt": "a cat", "cfg_scale": 1, "guidance": 4.0, "scheduler": "euler", "steps": 20}
INVOKE_OLD = {
    "model": "stable diffusion",
    "model_weights": "analog",
    "model_hash": "a9a1c90893cc7892dfd7438004fa954696f94208c84773b1cabb434e5a856a0c",
    "app_id": "invoke-ai/InvokeAI",
    "image": {
        "prompt": [{"prompt": "a cat [dog] [fog]", "weight": 1}],
        **{"steps": 50, "cfg_scale": 7.5, "height": 768, "width": 512, "seed": 25, "sampler": "k_euler_a"},
        "type": "txt2img",
    },
}
FOOOCUS = {
    **{"prompt": "a cat", "negative_prompt": "dog", "full_prompt": ["cinematic still a cat"], "styles": "['V2']"},
    **{"steps": 30, "resolution": "(1152, 896)", "guidance_scale": 4.0, "seed": "987", "sharpness": 2.0},
    **{"sampler": "dpmpp_2m_sde_gpu", "scheduler": "karras", "base_model": "juggernautXL", "vae": "Default"},
    **{"base_model_hash": "33e58e8668", "loras": [["ink", 0.1, "c8c9c1e5a2"]], "version": "Fooocus v2.5.5"},
}
FOOOCUS_INFOTEXT = (
    "cinematic still a cat\nNegative prompt: dog\nSteps: 30, Sampler: DPM++ 2M SDE Karras, Seed: 987, Size: 1152x896, "
    'CFG scale: 4, Model: juggernautXL, Model hash: 33e58e8668, Raw prompt: "a cat, big", Raw negative prompt: dog, '
    'Lora hashes: "ink: c8c9c1e5a2", Lora weights: "ink: 0.1", Version: Fooocus v2.5.5'
)
FOOOCUS_FOUND = {
    **{"prompt": "a cat", "negative": "dog", "steps": 30, "guidance": 4, "seed": 987, "width": 1152, "height": 896},
    **{"model": "juggernautXL", "sampler": "dpmpp_2m_sde_karras"},
    "loras": [{"name": "ink", "weight": 0.1, "hash": "c8c9c1e5a2"}],
}
NOVELAI = {
    **{"prompt": "a cat", "uc": "dog", "steps": 28, "width": 832, "height": 1216, "scale": 5.0, "seed": 1234567890},
    **{"sampler": "k_euler_ancestral", "noise_schedule": "native", "cfg_rescale": 0.0},
}
NOVELAI_TEXTS = {
    **{"Title": "NovelAI generated image", "Description": "a cat", "Software": "NovelAI"},
    **{"Source": "NovelAI Diffusion V4.5 4BDE2A90", "Comment": json.dumps(NOVELAI)},
}
NOVELAI_FOUND = {
    **{"prompt": "a cat", "negative": "dog", "steps": 28, "width": 832, "height": 1216, "guidance": 5.0},
    **{"seed": 1234567890, "sampler": "euler_a", "model": "NovelAI Diffusion V4.5 4BDE2A90"},
}
DRAW_THINGS = {
    **{"c": "a cat & <mouse>", "uc": "dog", "model": "dreamer.ckpt", "sampler": "DPM++ 2M Karras", "scale": 4.5},
    **{"seed": 2441935286, "size": "640x448", "steps": 8, "strength": 1},
    "v2": {"loras": [{"file": "ink.ckpt", "weight": 0.8, "mode": "all"}]},
}


def draw_things(said: str) -> bytes:
    escaped = said.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return with_xmp(
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF><rdf:Description><xmp:CreatorTool>Draw Things</xmp:CreatorTool>'
        f'<exif:UserComment>\n <rdf:Alt>\n  <rdf:li xml:lang="x-default">{escaped}</rdf:li>\n </rdf:Alt>\n'
        "</exif:UserComment></rdf:Description></rdf:RDF></x:xmpmeta>"
    )


CASES: dict[str, Case] = {
    "a1111 png": Case(png(parameters=INFOTEXT), "a1111", A1111, A1111_UNUSED),
    "a1111 jpeg": Case(with_comment("JPEG", INFOTEXT), "a1111", A1111, A1111_UNUSED),
    "a1111 webp": Case(with_comment("WEBP", INFOTEXT), "a1111", A1111, A1111_UNUSED),
    "a1111 avif": Case(with_comment("AVIF", INFOTEXT), "a1111", A1111, A1111_UNUSED),
    "a1111 gif": Case(_saved(Image.new("P", (4, 4)), "GIF", comment=INFOTEXT), "a1111", A1111, A1111_UNUSED),
    "the other order of bytes": Case(with_comment("JPEG", INFOTEXT, "utf-16-le"), "a1111", A1111, A1111_UNUSED),
    "an order that is told": Case(with_comment("JPEG", INFOTEXT, "utf-16"), "a1111", A1111, A1111_UNUSED),
    "not as it says": Case(with_comment("JPEG", INFOTEXT, "utf-8"), "a1111", A1111, A1111_UNUSED),
    "a comment without its encoding": Case(with_exif("JPEG", {}, INFOTEXT.encode()), "a1111", A1111, A1111_UNUSED),
    "forge flux": Case(
        png(parameters=FLUX),
        "forge",
        {
            **{"prompt": "a cat", "negative": "", "steps": 20, "sampler": "euler", "guidance": 3.5, "seed": 7},
            **{"width": 896, "height": 1152, "model": "flux1-dev"},
        },
        {"Model hash": "0123456789", "Version": "f2.0.1v1.10.1-previous-640", "Module 1": "ae"},
    ),
    "forge stealth": Case(stealth(INFOTEXT.encode(), b"stealth_pnginfo"), "a1111", A1111, A1111_UNUSED),
    "krita": Case(
        png(parameters=KRITA),
        "krita-ai",
        {
            **{"prompt": "a cat <lora:ink.safetensors:0.5>", "negative": "", "steps": 20, "guidance": 7, "seed": 5},
            **{"width": 512, "height": 768, "model": "dreamer", "strength": 0.3, "sampler": "dpmpp_2m_karras"},
        },
        {"Mode": "Refine"},
    ),
    "comfyui": Case(png(prompt=json.dumps(SIMPLE), workflow=json.dumps(WORKFLOW)), "comfyui", COMFY),
    "comfyui webp": Case(
        with_exif("WEBP", {0x0110: f"prompt:{json.dumps(SIMPLE)}", 0x010F: "workflow:{}"}), "comfyui", COMFY
    ),
    "comfyui workflow": Case(png(workflow=json.dumps(WORKFLOW)), "comfyui", COMFY),
    "comfyui loras": Case(
        png(prompt=json.dumps(LORAS)),
        "comfyui",
        {**COMFY, "loras": [{"name": "ink", "weight": 0.8}, {"name": "pen", "weight": 0.5}]},
        {"Nodes": ["Power Lora Loader (rgthree)"]},
    ),
    "comfyui sdxl": Case(png(prompt=json.dumps(SDXL)), "comfyui", COMFY, {"Other prompts": ["fur"]}),
    "comfyui flux": Case(
        png(prompt=json.dumps(FLUX_GRAPH)),
        "comfyui",
        {
            **{"prompt": "a cat", "negative": "", "model": "flux1-dev", "steps": 20, "sampler": "euler"},
            **{"guidance": 3.5, "seed": 2**64 - 1, "width": 1024, "height": 768},
        },
    ),
    "comfyui two passes": Case(
        png(prompt=json.dumps(TWO_PASSES)),
        "comfyui",
        COMFY,
        {
            "Nodes": ["LatentUpscale"],
            "Later passes": [
                {
                    **{"seed": 12345, "steps": 12, "cfg": 6.5, "sampler_name": "dpmpp_2m"},
                    **{"scheduler": "karras", "denoise": 0.5},
                }
            ],
        },
    ),
    "comfyui from a picture": Case(
        png(prompt=json.dumps(CONTROLLED)),
        "comfyui",
        {
            **{"prompt": "a cat", "negative": "", "model": "dreamer", "steps": 25},
            **{"guidance": 6.5, "seed": 12345, "strength": 0.6},
        },
        {
            "Nodes": ["ConditioningZeroOut", "ControlNetApplyAdvanced", "LoadImage", "VAEEncode"],
            **{"Sampler": "res_multistep", "Schedule type": "karras"},
        },
    ),
    "invokeai": Case(
        png(invokeai_metadata=json.dumps(INVOKE)),
        "invokeai",
        {
            **{"prompt": "a cat", "negative": "dog", "width": 1024, "height": 832, "seed": 5, "guidance": 5.5},
            **{"steps": 28, "sampler": "dpmpp_2m_sde_karras", "model": "Juggernaut XL"},
            "loras": [{"name": "ink", "weight": 0.6, "hash": "0123456789ab"}],
        },
        {"generation_mode": "sdxl_txt2img", "app_version": "6.14.0", "Model hash": "blake3:77"},
    ),
    "invokeai flux": Case(
        png(invokeai_metadata=json.dumps(INVOKE_FLUX)),
        "invokeai",
        {"prompt": "a cat", "guidance": 4.0, "sampler": "euler", "steps": 20},
    ),
    "invokeai 2": Case(
        png(sd__metadata=json.dumps(INVOKE_OLD)),
        "invokeai",
        {
            **{"prompt": "a cat", "negative": "dog, fog", "steps": 50, "guidance": 7.5, "height": 768, "width": 512},
            **{"seed": 25, "sampler": "euler_a", "model": "analog"},
        },
        {
            **{"model": "stable diffusion", "app_id": "invoke-ai/InvokeAI", "type": "txt2img"},
            "Model hash": "a9a1c90893cc7892dfd7438004fa954696f94208c84773b1cabb434e5a856a0c",
        },
    ),
    "fooocus": Case(
        png(parameters=json.dumps(FOOOCUS), fooocus_scheme="fooocus"),
        "fooocus",
        FOOOCUS_FOUND,
        {
            **{"full_prompt": ["cinematic still a cat"], "styles": "['V2']", "sharpness": 2.0, "vae": "Default"},
            **{"version": "Fooocus v2.5.5", "Model hash": "33e58e8668"},
        },
    ),
    "fooocus jpeg": Case(
        with_exif("JPEG", {0x9286: FOOOCUS_INFOTEXT, 0x0131: "Fooocus v2.5.5", 0x927C: "a1111"}),
        "fooocus",
        {**FOOOCUS_FOUND, "prompt": "a cat, big"},
        {
            **{"Model hash": "33e58e8668", "Lora hashes": "ink: c8c9c1e5a2", "Version": "Fooocus v2.5.5"},
            "full_prompt": "cinematic still a cat",
        },
    ),
    "novelai": Case(png(**NOVELAI_TEXTS), "novelai", NOVELAI_FOUND, {"cfg_rescale": 0.0}),
    "novelai stealth": Case(
        stealth(gzip.compress(json.dumps(NOVELAI_TEXTS).encode())), "novelai", NOVELAI_FOUND, {"cfg_rescale": 0.0}
    ),
    "novelai webp": Case(
        with_comment("WEBP", json.dumps(NOVELAI_TEXTS), "utf-8"), "novelai", NOVELAI_FOUND, {"cfg_rescale": 0.0}
    ),
    "draw things": Case(
        draw_things(json.dumps(DRAW_THINGS)),
        "draw-things",
        {
            **{"prompt": "a cat & <mouse>", "negative": "dog", "model": "dreamer", "sampler": "dpmpp_2m_karras"},
            **{"guidance": 4.5, "seed": 2441935286, "width": 640, "height": 448, "steps": 8},
            "loras": [{"name": "ink", "weight": 0.8}],
        },
        {"strength": 1, "v2": {"loras": [{"file": "ink.ckpt", "weight": 0.8, "mode": "all"}]}},
    ),
}
