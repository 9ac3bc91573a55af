"""The text encoder, which learns to understand captions before it serves the U-Net."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from desktop.starter.data import CAPTIONS_PER_PICTURE, Data
from desktop.starter.learn import Plan, autocast, device, learn
from desktop.starter.scenes import FACTS
from desktop.starter.tokenizer import MAX_TOKENS, load_tokenizer

TEXT_WIDTH = 192
SPECIAL = ("bos_token_id", "eos_token_id", "pad_token_id")


class TextReader(nn.Module):
    """The text encoder with a linear head that has to name every fact of the caption from its end token.

    That ties colours and places to their things in one vector, which the U-Net then only has to look at. Trained
    together with the U-Net from nothing, the encoder stays a bag of words.
    """

    def __init__(self, tokenizer: CLIPTokenizer):
        super().__init__()
        special: dict[str, Any] = {name: getattr(tokenizer, name) for name in SPECIAL}
        config = CLIPTextConfig(
            vocab_size=len(tokenizer),
            hidden_size=TEXT_WIDTH,
            intermediate_size=4 * TEXT_WIDTH,
            num_hidden_layers=3,
            num_attention_heads=6,
            projection_dim=TEXT_WIDTH,
            max_position_embeddings=MAX_TOKENS,
            **special,
        )
        self.encoder = CLIPTextModel(config)
        self.encoder.set_attn_implementation("eager")  # twice as fast as sdpa in bf16 on a processor
        self.head = nn.Linear(TEXT_WIDTH, len(FACTS))

    def forward(self, ids: Tensor, place: Tensor) -> Tensor:
        """Logits N x facts, read at the token number `place` of each caption."""
        hidden = self.encoder(ids).last_hidden_state
        return self.head(hidden[torch.arange(len(ids), device=ids.device), place])


def train_text(out: Path, data: Data, plan: Plan) -> None:
    folder, tokenizer = out / "text_encoder", load_tokenizer(out / "tokenizer")
    torch.manual_seed(3)
    model = TextReader(tokenizer).to(device())
    ids, facts = data.tokens(tokenizer).flatten(0, 1).to(device()), data.facts().flatten(0, 1).to(device())
    end: Any = tokenizer.eos_token_id
    ends = ids.eq(end).int().argmax(1)  # the first one; the others are padding
    train = data.train * CAPTIONS_PER_PICTURE

    def loss() -> Tensor:
        chosen = torch.randint(0, train, (plan.batch,), device=device())
        # any of the padding after the end has to know it too: the U-Net looks at all of them
        place = torch.randint(0, MAX_TOKENS, (plan.batch,), device=device()).maximum(ends[chosen])
        with autocast():
            logits = model(ids[chosen], place)
        return F.binary_cross_entropy_with_logits(logits.float(), facts[chosen].float()) * 20

    def save(average: TextReader) -> None:
        with torch.inference_mode():
            logits = torch.cat([average(ids[i : i + 500], ends[i : i + 500]) for i in range(train, len(ids), 500)])
        right = (logits > 0) == facts[train:]
        whole, single = right.all(1).float().mean(), right.float().mean()
        print(f"captions not seen: {whole:.4f} understood whole, {single:.5f} of facts", flush=True)
        average.encoder.save_pretrained(folder)

    learn(model, plan, loss, folder, save)
