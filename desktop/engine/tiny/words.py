"""Tokenizers of a handful of tokens, and text encoders."""

from __future__ import annotations

from typing import Any

from tokenizers.pre_tokenizers import ByteLevel
from transformers import (
    CLIPTextConfig,
    CLIPTokenizer,
    Gemma2Config,
    Gemma2Model,
    GemmaTokenizer,
    Mistral3Config,
    Mistral3ForConditionalGeneration,
    PixtralImageProcessor,
    PixtralProcessor,
    Qwen2_5_VLConfig,
    Qwen2_5_VLForConditionalGeneration,
    Qwen2Tokenizer,
    Qwen2VLImageProcessor,
    Qwen2VLProcessor,
    Qwen2VLVideoProcessor,
    Qwen3Config,
    T5Config,
    T5EncoderModel,
    T5Tokenizer,
)

from desktop.paths import STARTER

WIDTH = 32
LETTERS = "abcdefghijklmnopqrstuvwxyz"
TURN = "<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n"
CHAT = f"{{% for message in messages %}}{TURN}{{% endfor %}}<|im_start|>assistant\n"
PARTS = "{% for part in message['content'] %}{{ part['text'] }}{% endfor %}"
INSTRUCTIONS = f"{{% for message in messages %}}[{{{{ message['role'] }}}}]{PARTS}{{% endfor %}}"
SPECIAL = ("<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>", "<|image_pad|>", "<|video_pad|>")


def clip_tokenizer() -> CLIPTokenizer:
    tokenizer = CLIPTokenizer.from_pretrained(STARTER / "tokenizer")
    tokenizer.model_max_length = 77
    return tokenizer


def clip_config(**changes: Any) -> CLIPTextConfig:
    tokenizer = clip_tokenizer()
    options: dict[str, Any] = {
        "vocab_size": len(tokenizer),
        "hidden_size": WIDTH,
        "intermediate_size": 64,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "projection_dim": WIDTH,
        "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.eos_token_id,
    }
    return CLIPTextConfig(**(options | changes))


def t5(width: int = 2 * WIDTH) -> Any:
    return T5EncoderModel(T5Config(vocab_size=64, d_model=width, d_kv=8, d_ff=64, num_layers=2, num_heads=4))


def t5_tokenizer() -> Any:
    letters = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁", -2.0), *((letter, -3.0) for letter in LETTERS)]
    return T5Tokenizer(vocab=letters, extra_ids=0, model_max_length=512)


def gemma() -> Any:
    config = Gemma2Config(
        vocab_size=64,
        hidden_size=WIDTH,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=16,
    )
    return Gemma2Model(config)


def gemma_tokenizer() -> Any:
    pieces = ("<pad>", "<eos>", "<bos>", "<unk>", "<mask>", "▁", *LETTERS)
    return GemmaTokenizer(vocab={piece: i for i, piece in enumerate(pieces)}, merges=[], model_max_length=512)


def _bytes() -> dict[str, int]:
    return {letter: i for i, letter in enumerate(sorted(ByteLevel.alphabet()))}


def qwen_tokenizer() -> Any:
    options: dict[str, Any] = {"extra_special_tokens": list(SPECIAL), "chat_template": CHAT, "model_max_length": 4096}
    return Qwen2Tokenizer(vocab=_bytes(), merges=[], **options)


def qwen3(kind: type, layers: int = 3) -> Any:
    config = Qwen3Config(
        vocab_size=300,
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=layers,
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=8,
    )
    return kind(config)


def qwen_eye() -> Any:
    """Qwen2.5-VL: reads pictures together with text."""
    tokenizer = qwen_tokenizer()
    text = {
        "vocab_size": 300,
        "hidden_size": WIDTH,
        "intermediate_size": 64,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "num_key_value_heads": 1,
        "rope_scaling": {"rope_type": "default", "mrope_section": [2, 3, 3]},
        "bos_token_id": None,
        "eos_token_id": None,
    }
    vision = {
        "depth": 1,
        "hidden_size": 16,
        "intermediate_size": 32,
        "num_heads": 2,
        "out_hidden_size": WIDTH,
        "fullatt_block_indexes": [0],
    }
    config = Qwen2_5_VLConfig(text_config=text, vision_config=vision, **_places(tokenizer))
    return Qwen2_5_VLForConditionalGeneration(config)


def _places(tokenizer: Any) -> dict[str, Any]:
    names = {"image_token_id": "<|image_pad|>", "video_token_id": "<|video_pad|>"}
    more = {"vision_start_token_id": "<|vision_start|>", "vision_end_token_id": "<|vision_end|>"}
    return {name: tokenizer.convert_tokens_to_ids(token) for name, token in (names | more).items()}


def qwen_processor() -> Any:
    images = Qwen2VLImageProcessor(min_pixels=56 * 56, max_pixels=112 * 112)
    return Qwen2VLProcessor(images, qwen_tokenizer(), Qwen2VLVideoProcessor(), chat_template=CHAT)


def mistral() -> Any:
    text = {
        "model_type": "mistral",
        "vocab_size": 300,
        "hidden_size": 16,
        "intermediate_size": 32,
        "num_hidden_layers": 31,  # Flux.2 looks at the thirtieth
        "num_attention_heads": 2,
        "num_key_value_heads": 1,
        "head_dim": 8,
    }
    vision = {"model_type": "pixtral", "hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1}
    size = {"num_attention_heads": 2, "head_dim": 8, "image_size": 28, "patch_size": 14}
    return Mistral3ForConditionalGeneration(Mistral3Config(text_config=text, vision_config=vision | size))


def mistral_processor() -> Any:
    tokens: dict[str, Any] = {
        "image_token": "[IMG]",
        "image_break_token": "[IMG_BREAK]",
        "image_end_token": "[IMG_END]",
    }
    options: dict[str, Any] = {"extra_special_tokens": list(tokens.values()), "model_max_length": 4096}
    tokenizer = Qwen2Tokenizer(vocab=_bytes(), merges=[], **options)
    return PixtralProcessor(PixtralImageProcessor(), tokenizer, chat_template=INSTRUCTIONS, **tokens)
