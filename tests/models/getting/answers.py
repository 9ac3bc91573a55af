"""What the two sites answer, in the shapes that they document."""

from __future__ import annotations

from typing import Any

SHA = "a" * 64
BLOB = "b" * 40
REVISION = "462165984030d82259a11f4367a4eed129e94a7b"
REPOSITORY = "stabilityai/stable-diffusion-xl-base-1.0"


def repository(**changes: Any) -> dict[str, Any]:
    """Of a search with full=true and cardData=true."""
    return {
        "_id": "64bfcd5ff462a99a04fd1ec8",
        "id": REPOSITORY,
        "modelId": REPOSITORY,
        "author": "stabilityai",
        "sha": REVISION,
        "private": False,
        "disabled": False,
        "gated": False,
        "downloads": 2_345_678,
        "likes": 6789,
        "library_name": "diffusers",
        "pipeline_tag": "text-to-image",
        "tags": ["diffusers", "safetensors", "text-to-image", "license:openrail++", "region:us"],
        "cardData": {"license": "openrail++", "tags": ["text-to-image"]},
        "siblings": [{"rfilename": "README.md"}, {"rfilename": "pipeline.png"}, {"rfilename": "model_index.json"}],
        **changes,
    }


def sibling(name: str, size: int, sha: str = "") -> dict[str, Any]:
    """Of details with blobs=true; with `sha` one that is kept as LFS."""
    lfs = {"lfs": {"sha256": sha, "size": size, "pointerSize": 135}} if sha else {}
    return {"rfilename": name, "size": size, "blobId": BLOB, **lfs}


FILES = [
    sibling(".gitattributes", 1500),
    sibling("README.md", 5000),
    sibling("model_index.json", 609),
    sibling("sd_xl_base_1.0.safetensors", 6_938_078_334, SHA),
    sibling("scheduler/scheduler_config.json", 479),
    sibling("text_encoder/config.json", 565),
    sibling("text_encoder/model.fp16.safetensors", 246, SHA),
    sibling("text_encoder/model.safetensors", 492, SHA),
    sibling("text_encoder/flax_model.msgpack", 492, SHA),
    sibling("text_encoder/model.onnx", 492, SHA),
    sibling("tokenizer/merges.txt", 524619),
    sibling("tokenizer/vocab.json", 1059962),
    sibling("unet/config.json", 1680),
    sibling("unet/diffusion_pytorch_model.fp16.safetensors", 5135, SHA),
    sibling("unet/diffusion_pytorch_model.safetensors", 10270, SHA),
    sibling("unet/diffusion_pytorch_model.bin", 10270, SHA),
    sibling("vae/config.json", 642),
    sibling("vae/diffusion_pytorch_model.safetensors", 334, SHA),
    sibling("safety_checker/model.safetensors", 608, SHA),
]


def details(**changes: Any) -> dict[str, Any]:
    return repository(siblings=FILES, **changes)


def model(**changes: Any) -> dict[str, Any]:
    """Of Civitai's search, and as details."""
    return {
        "id": 43331,
        "name": "majicMIX realistic",
        "description": "<p>It makes <b>portraits</b>.</p>",
        "poi": False,
        "allowNoCredit": True,
        "allowCommercialUse": ["Image", "RentCivit"],
        "allowDerivatives": True,
        "allowDifferentLicense": True,
        "type": "Checkpoint",
        "nsfw": False,
        "nsfwLevel": 31,
        "stats": {"downloadCount": 802_158, "thumbsUpCount": 52_554, "rating": 0},
        "creator": {"username": "Merjic", "image": "https://image.civitai.com/x/width=96/Merjic.jpeg"},
        "tags": ["base model", "realistic"],
        "modelVersions": [version()],
        **changes,
    }


def version(**changes: Any) -> dict[str, Any]:
    return {
        "id": 176425,
        "index": 0,
        "name": "v7",
        "modelId": 43331,
        "baseModel": "SD 1.5",
        "baseModelType": "Standard",
        "publishedAt": "2023-10-05T13:31:16.745Z",
        "availability": "Public",
        "trainedWords": ["majic"],
        "files": [
            file(),
            file(name="majic.ckpt", primary=False, downloadUrl=DOWNLOAD + "?type=Model&format=PickleTensor"),
        ],
        "images": [picture(8), picture(1), picture(2, type="video"), picture(4)],
        "downloadUrl": DOWNLOAD,
        **changes,
    }


DOWNLOAD = "https://civitai.com/api/download/models/176425"


def file(**changes: Any) -> dict[str, Any]:
    return {
        "id": 134792,
        "sizeKB": 2082642.474609375,
        "name": "majicmixRealistic_v7.safetensors",
        "type": "Model",
        "pickleScanResult": "Success",
        "virusScanResult": "Success",
        "metadata": {"format": "SafeTensor", "size": "pruned", "fp": "fp16"},
        "hashes": {"AutoV2": "7C819B6D13", "SHA256": "7C819B6D" * 8, "CRC32": "D3C1CE6B"},
        "downloadUrl": DOWNLOAD,
        "primary": True,
        **changes,
    }


def picture(level: int, **changes: Any) -> dict[str, Any]:
    url = f"https://image.civitai.com/x/width=450/{level}.jpeg"
    return {"id": level, "url": url, "nsfwLevel": level, "width": 1024, "height": 1536, "type": "image", **changes}
