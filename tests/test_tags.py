"""Tags in prompts: LoRAs that are called by them, and embeddings by their names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.errors import UserError
from desktop.tags import Tag, called, calling, mentioned, taken_out, written


@pytest.mark.parametrize(
    ("prompt", "text", "tags"),
    [
        ("a lake", "a lake", ()),
        ("a lake <lora:ink:0.8>", "a lake", (Tag("ink", 0.8),)),
        ("<lora:ink>a lake", "a lake", (Tag("ink"),)),
        ("<lora:ink:0.8>, a lake, <lora:tea:-1>, at dawn", "a lake, at dawn", (Tag("ink", 0.8), Tag("tea", -1.0))),
        ("a <lora:ink:0.8> lake", "a lake", (Tag("ink", 0.8),)),
        ("lake <lora:ink:0.5:0.9>", "lake", (Tag("ink", 0.9, 0.5),)),
        ("lake <lora:ink:0.5:0.5>", "lake", (Tag("ink", 0.5),)),
        ("lake <lora:ink:0.5:0.9:1>", "lake", (Tag("ink", 0.9, 0.5),)),
        ("lake <lora:ink:te=0:unet=1>", "lake", (Tag("ink", 1.0, 0.0),)),
        ("lake <lora:ink:0.4:unet=1>", "lake", (Tag("ink", 1.0, 0.4),)),
        ("lake <lora:v1.5:1:lbw=OUTD>", "lake", (Tag("v1.5"),)),
        ("lake <lora:ink:0.8:lbw=1,0,0.5:stop=12>", "lake", (Tag("ink", 0.8),)),
        ("lake <lora:ink:lbw=OUTD:0.8>", "lake", (Tag("ink", 0.8),)),
        ("lake <lora:ink:0.5:0.9:0.1,0.2,0.3>", "lake", (Tag("ink", 0.9, 0.5),)),
        ("lake <lora:ink:0.5:MIDD>", "lake", (Tag("ink", 0.5),)),
        ("lake <LoRA: ink pen v2 :1>", "lake", (Tag("ink pen v2", 1.0),)),
        ("lake <lyco:tea:.5>", "lake", (Tag("tea", 0.5),)),
        ("a < b > c <i> <hypernet:x:1>", "a < b > c <i> <hypernet:x:1>", ()),
        ("one\ntwo <lora:ink:1>\nthree", "one\ntwo \nthree", (Tag("ink"),)),
    ],
)
def test_tags_are_taken_out_of_the_text(prompt: str, text: str, tags: tuple[Tag, ...]) -> None:
    assert taken_out(prompt) == (text, tags)


@pytest.mark.parametrize(
    "prompt", ["<lora:ink:much>", "<lora:ink:>", "<lora:ink:0.8:unet=>", "<lora:ink:1:up_blocks=x>"]
)
def test_a_weight_that_is_no_number_is_refused(prompt: str) -> None:
    with pytest.raises(UserError, match="no number"):
        taken_out(prompt)


@given(st.sampled_from(["ink", "ink pen", "a-b_c.v2"]), st.floats(-5, 5), st.none() | st.floats(-5, 5))
def test_what_is_written_is_read_the_same(name: str, weight: float, text_weight: float | None) -> None:
    weight, text_weight = float(f"{weight:g}"), text_weight if text_weight is None else float(f"{text_weight:g}")
    tag = Tag(name, weight, None if text_weight == weight else text_weight)
    assert taken_out(f"a lake {written(tag)}") == ("a lake", (tag,))


def test_a_tag_is_written_without_what_it_cannot_hold() -> None:
    assert taken_out(written(Tag("ink: the <best>, so far", 0.5))) == ("", (Tag("ink the best so far", 0.5),))


@given(st.text(alphabet="<>:=lora e0.\n,"))
def test_whatever_is_written_costs_no_more_than_a_message(prompt: str) -> None:
    try:
        text, tags = taken_out(prompt)
    except UserError:
        return
    assert tags or text == prompt


def test_blocks_have_factors_and_what_cannot_be_read_is_told() -> None:
    _, (tag,) = taken_out("<lora:ink:0.8:up_blocks.1=0.5:lbw=1,0:mid_block=-1:stop=12:OUTD>")
    assert tag == Tag("ink", 0.8, None, (("up_blocks.1", 0.5), ("mid_block", -1.0)))
    assert tag.unread == ("lbw=1,0", "stop=12", "OUTD")
    assert taken_out(written(tag)) == ("", (tag,))


def test_embeddings_are_called_outright() -> None:
    text = "(embedding:easy:1.2), embedding:Bad-Hands_5.pt, embedding:easy. Embedding:a.safetensors,"
    assert called(text) == ("easy", "Bad-Hands_5", "a")


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("easy-neg_v1.2", "embedding:easy-neg_v1.2"),
        ("bad hands", "bad hands"),
        ("style [art]", "style [art]"),
        ("ends.", "ends."),
    ],
)
def test_what_cannot_be_called_outright_is_called_by_its_bare_name(name: str, call: str) -> None:
    assert calling(name) == call


def test_embeddings_are_mentioned_as_words_of_their_own() -> None:
    names = ["easy", "bad-hands", "art"]
    assert mentioned("easyneg, Easy (bad-hands:1.2), artist", names) == ("easy", "bad-hands")
