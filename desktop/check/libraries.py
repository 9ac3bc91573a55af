"""Libraries that are imported when they are needed, each at its work; and what they need of the system."""

from __future__ import annotations

import io
import ssl
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import entry_points
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from desktop.check.trial import Missing, Trial
from desktop.engine import vision

KEYRINGS = {"win32": "Windows", "darwin": "macOS"}  # the system's own
TEXT = "a house with a red roof"


def trials() -> Iterator[Trial]:
    for name, run in TRIALS.items():
        yield Trial(name, run)


def _torchvision() -> str:
    if not vision.is_there():
        raise Missing(f"{vision.LACKING}: Flux.2 dev and Qwen-Image-Edit need it")
    import torch
    from torchvision.ops import nms

    boxes = torch.tensor([[0.0, 0, 8, 8], [0, 0, 8, 8], [20, 20, 28, 28]])
    return _said(nms(boxes, torch.tensor([0.9, 0.8, 0.7]), 0.5).tolist() == [0, 2], "its compiled part is at work")


def _sentencepiece() -> str:
    import sentencepiece

    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter([TEXT] * 20),
        model_writer=model,
        vocab_size=24,
        hard_vocab_limit=False,
        normalization_rule_name="identity",  # the others need tables that only training needs
        minloglevel=2,
    )
    processor = sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())
    return _said(processor.decode(processor.encode(TEXT)) == TEXT)


def _tokenizers() -> str:
    from tokenizers import Tokenizer

    from desktop.paths import STARTER

    tokenizer = Tokenizer.from_file(str(STARTER / "tokenizer" / "tokenizer.json"))
    tokens = tokenizer.encode(TEXT, add_special_tokens=False).tokens
    return _said("".join(tokens).replace("</w>", " ").strip() == TEXT)


def _gguf() -> str:
    import gguf

    with TemporaryDirectory() as folder:
        file = Path(folder) / "tiny.gguf"
        writer = gguf.GGUFWriter(file, "tiny")
        weights = np.linspace(-1, 1, 64, dtype=np.float32).reshape(2, 32)
        packed = gguf.quantize(weights, gguf.GGMLQuantizationType.Q8_0)
        writer.add_tensor("weights", packed, raw_dtype=gguf.GGMLQuantizationType.Q8_0)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
        tensor = gguf.GGUFReader(file).tensors[0]
        found = gguf.dequantize(np.array(tensor.data), tensor.tensor_type)
    return _said(bool(np.abs(found - weights).max() < 0.01))


def _protobuf() -> str:
    from google.protobuf import __version__, struct_pb2

    return _said(
        struct_pb2.Value.FromString(struct_pb2.Value(number_value=4).SerializeToString()).number_value == 4, __version__
    )


def _opencv() -> str:
    import cv2

    from desktop import masks

    pixels = np.zeros((32, 32), np.uint8)
    pixels[16, 16] = 255
    return _said(bool(masks.feathered(pixels, 4.0).denoise[16, 17] > 0), cv2.__version__)


def _keyring() -> str:
    """Nothing is written into it, nor read."""
    import keyring

    from desktop.models.getting.tokens import Tokens

    entry_points(group="keyring.backends")[KEYRINGS.get(sys.platform, "SecretService")].load()  # else none is found
    if sys.platform == "linux":
        import secretstorage  # noqa: F401 by which it speaks
    name = type(keyring.get_keyring()).__module__
    if not Tokens().is_lasting:
        raise Missing(f"no safe keyring ({name}): tokens of model sites last until the program ends")
    return name


def _certificates() -> str:
    """A connection's trust, without a connection."""
    import httpx2

    trust = httpx2.create_ssl_context()
    if trust.verify_mode != ssl.CERT_REQUIRED:
        raise RuntimeError("whoever answers would be trusted")
    if sys.platform in ("win32", "darwin"):
        return "those that the system trusts"
    roots = trust.cert_store_stats()["x509_ca"] or len(_root_files())
    if not roots:
        raise Missing("the system trusts nobody: nothing can be fetched; install its package ca-certificates")
    return f"{roots} roots, {ssl.OPENSSL_VERSION}"


def _root_files() -> list[Path]:
    folder = ssl.get_default_verify_paths().openssl_capath
    return [*Path(folder).glob("*.0")]


def _wakepy() -> str:
    from wakepy import keep

    if sys.platform == "linux":
        import wakepy.dbus_adapters.jeepney  # noqa: F401 by which it speaks
    method: object = None
    with keep.running(on_fail="pass") as mode:
        if mode.active:
            method = mode.method
    if method is None:
        raise Missing("the system cannot be asked to stay awake while a job runs")
    return str(method)


def _said(works: bool, detail: str = "") -> str:
    if not works:
        raise RuntimeError("what comes out is wrong")
    return detail


TRIALS: dict[str, Callable[[], str]] = {
    "torchvision": _torchvision,
    "sentencepiece": _sentencepiece,
    "tokenizers": _tokenizers,
    "gguf": _gguf,
    "protobuf": _protobuf,
    "opencv": _opencv,
    "keyring": _keyring,
    "certificates": _certificates,
    "wakepy": _wakepy,
}
