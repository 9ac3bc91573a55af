"""Whatever stands in a picture, it is described: nothing is raised, and little is read of what has no end."""

from __future__ import annotations

import gzip
import io
import json
from dataclasses import asdict
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from PIL import Image

from desktop.library.metadata import exif, stealth, values
from desktop.library.metadata.description import Description
from desktop.library.metadata.reading import READERS, describe_image
from desktop.library.metadata.tools import comfyui
from desktop.library.metadata.tools.graph import MOST_NODES, Graph, along
from tests.library.metadata import corpus
from tests.library.metadata.corpus import CASES, KSAMPLER, SIMPLE, png, with_exif, with_xmp

SLOTS = (
    *("sfumato", "parameters", "prompt", "workflow", "invokeai_metadata", "sd-metadata", "fooocus_scheme"),
    *("Comment", "Software", "Source", "Description", "exif:UserComment", "exif:Software", "comment", "xmp"),
)
DEEP = "[" * 10_000 + "]" * 10_000
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=15,
)


def _described(content: bytes) -> Description:
    with Image.open(io.BytesIO(content)) as image:
        image.load()
        return describe_image(image)


def _holds(found: Description) -> None:
    """What is found can be stored, and printed."""
    json.dumps(asdict(found), allow_nan=False, ensure_ascii=False).encode()
    assert all(isinstance(hash, str) for hash in found.hashes.values())


def _read(texts: dict[str, str]) -> None:
    for reader in READERS:
        if found := reader(texts):
            _holds(found)


@given(st.dictionaries(st.sampled_from(SLOTS), st.text(st.characters(exclude_categories=["Cs"])), max_size=4))
def test_any_text_in_any_place(texts: dict[str, str]) -> None:
    _read(texts)


@given(st.sampled_from(SLOTS), json_values)
@example("prompt", {"1": {"class_type": [], "inputs": {"a": [{}, 1], "b": []}}})
def test_any_json_in_any_place(slot: str, value: Any) -> None:
    _read({slot: json.dumps(value), "Software": "NovelAI", "fooocus_scheme": "fooocus"})


TEXTS = {
    "sfumato": {"recipe": {"prompt": "a"}, "made": {}, "tool": "comfyui", "unused": {}},
    "prompt": SIMPLE,
    "workflow": corpus.WORKFLOW,
    "invokeai_metadata": corpus.INVOKE,
    "sd-metadata": corpus.INVOKE_OLD,
    "parameters": corpus.FOOOCUS,
    "Comment": corpus.NOVELAI,
}


@st.composite
def _broken(draw: st.DrawFn) -> dict[str, str]:
    """What a program writes, with something else somewhere in it."""
    slot = draw(st.sampled_from(list(TEXTS)))
    content = json.loads(json.dumps(TEXTS[slot]))
    place: Any = content
    while True:
        key = draw(st.sampled_from(range(len(place)) if isinstance(place, list) else list(place)))
        if isinstance(place[key], dict | list) and place[key] and draw(st.booleans()):
            place = place[key]
            continue
        place[key] = draw(json_values)
        return {slot: json.dumps(content), "Software": "NovelAI", "fooocus_scheme": "fooocus"}


@settings(max_examples=400)
@given(_broken())
def test_what_a_program_writes_with_something_else_in_it(texts: dict[str, str]) -> None:
    _read(texts)


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow's, of notes that are cut
@pytest.mark.parametrize("name", list(CASES))
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_a_damaged_file(name: str, data: st.DataObject) -> None:
    content = bytearray(CASES[name].file)
    for _ in range(data.draw(st.integers(1, 5))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        image = Image.open(io.BytesIO(content))
        image.load()
    except (OSError, SyntaxError, ValueError, RuntimeError):
        return  # no picture: told as such by whoever opens it
    _holds(describe_image(image))


@pytest.mark.parametrize("slot", [slot for slot in SLOTS if ":" not in slot])
def test_an_endless_text_is_not_read(slot: str) -> None:
    for start in ("a cat\nSteps: 1, Seed: 2, CFG scale: 3, ", '{"a": ["', "<exif:UserComment>{"):
        found = _described(png(**{slot: start + "a " * 5_000_000}))
        assert found == Description()


def test_a_prompt_without_end_is_none() -> None:
    """Nobody has written it, and a text field would stand still over it."""
    prompt = "a " * values.LONGEST_PROMPT
    graph = json.dumps(SIMPLE).replace("a cat", prompt)
    assert _described(png(prompt=graph)).recipe["prompt"] == ""
    assert "prompt" not in _described(png(invokeai_metadata=json.dumps({"positive_prompt": prompt}))).recipe
    assert _described(png(parameters=f"{prompt}\n{corpus.SETTINGS}")) == Description()


@pytest.mark.parametrize("slot", SLOTS)
@pytest.mark.parametrize("text", [DEEP, f'{{"recipe": {DEEP}, "made": {{}}}}', f'{{"1": {{"inputs": {DEEP}}}}}'])
def test_json_without_a_bottom(slot: str, text: str) -> None:
    _read({slot: text, "Software": "NovelAI", "fooocus_scheme": "fooocus"})
    assert values.parse(text) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": NaN, "b": -Infinity, "c": 1e999}', {"a": None, "b": None, "c": None}),
        ('"\\ud83d"', "?"),
        ('{"\\udc00": ["\\ud83d\\ude00"]}', {"?": ["😀"]}),
        ("9" * 5000, None),
        ("[" * 60 + "]" * 60, None),
        ('{"a":' * 60 + "1" + "}" * 60, None),
        ('{"a": 1', None),
        ("", None),
    ],
)
def test_numbers_that_are_none_and_halves_of_characters(text: str, value: Any) -> None:
    assert values.parse(text) == value


@pytest.mark.parametrize("encoding", ["utf-16-be", "utf-16-le", "utf-16", "utf-8"])
@pytest.mark.parametrize("text", ["Steps: 5", "一只猫, Steps: 5", "é"])
def test_the_order_of_bytes_is_found_out(encoding: str, text: str) -> None:
    assert exif.decoded(b"UNICODE\0" + text.encode(encoding)) == text


@given(st.binary(max_size=64))
def test_any_comment_is_text(comment: bytes) -> None:
    exif.decoded(b"UNICODE\0" + comment).encode()
    exif.decoded(comment).encode()


@pytest.mark.filterwarnings("ignore::UserWarning")
@given(st.binary(max_size=200))
@example(b"Exif\0\0II*\0\x08\0\0\0\x01\0\x69\x87\x04\0\x01\0\0\0\x08\0\0\0\0\0\0\0")  # notes that hold themselves
def test_any_notes_are_read_or_left(notes: bytes) -> None:
    image = Image.new("RGB", (4, 4))
    image.info["exif"] = notes
    exif.read(image)


def test_notes_of_wrong_kinds() -> None:
    _holds(_described(with_exif("JPEG", {0x0131: "Fooocus", 0x927C: "a1111", 0x9286: "{}"}, b"")))


# ---------------------------------------------------------------- hidden texts


def test_a_hidden_text_that_unpacks_without_end_is_cut() -> None:
    bomb = corpus.stealth(gzip.compress(b"a" * 50_000_000, mtime=0))
    with Image.open(io.BytesIO(bomb)) as image:
        image.load()
        (text,) = stealth.read(image).values()
    assert len(text) == values.LONGEST
    assert _described(bomb) == Description()


@pytest.mark.parametrize("length", [0, 1, 2**32 - 1])
@pytest.mark.parametrize(
    "content", [b"", b"no gzip", gzip.compress(b"{" * 100, mtime=0)[:-9], gzip.compress(b"\xff\xfe{", mtime=0)]
)
def test_a_hidden_text_that_is_none(content: bytes, length: int) -> None:
    _holds(_described(corpus.stealth(content, length=length)))


def test_a_picture_smaller_than_a_signature() -> None:
    for size in ((1, 1), (1, 500), (500, 1)):
        assert stealth.read(Image.new("RGBA", size)) == {}


# ---------------------------------------------------------------- graphs


def test_a_graph_that_goes_round_in_circles() -> None:
    sampler = {**KSAMPLER, **{name: ["3", 0] for name in ("model", "positive", "negative", "latent_image", "seed")}}
    ring = SIMPLE | corpus.nodes(n3=("KSampler", sampler), n6=("A", {"conditioning": ["7", 0], "text": ["7", 0]}))
    ring |= corpus.nodes(n7=("B", {"conditioning": ["6", 0], "text": ["6", 0]}))
    _holds(_described(png(prompt=json.dumps(ring))))


def test_of_a_graph_without_end_only_so_much_is_seen() -> None:
    chain = {str(i): {"class_type": "A", "inputs": {"model": [str(i + 1), 0]}} for i in range(50_000)}
    graph = Graph.of_prompt(chain)
    assert len(list(graph.upstream(graph.nodes["0"], along("model")))) == MOST_NODES


def test_every_node_is_seen_once_however_many_ways_lead_to_it() -> None:
    """A ladder has a way more with every rung, twice as many each time."""
    ladder = {str(i): {"class_type": "A", "inputs": {"a": [str(i + 1), 0], "b": [str(i + 1), 1]}} for i in range(200)}
    graph = Graph.of_prompt(ladder)
    assert len(list(graph.upstream(graph.nodes["0"], along("a", "b")))) == 200


def test_a_graph_of_nothing_but_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    walks: list[str] = []
    walk = Graph.upstream
    monkeypatch.setattr(
        Graph, "upstream", lambda self, start, choose: walks.append(start.id) or walk(self, start, choose)
    )
    ends = {str(i): {"class_type": "SaveImage", "inputs": {"images": ["0", 0]}} for i in range(900)}
    assert comfyui.read({"prompt": json.dumps(ends)}) == Description("comfyui", ai_generated=True)
    assert len(walks) <= comfyui.MOST_ENDS


def test_a_packet_of_tags_without_end() -> None:
    _holds(_described(with_xmp("<exif:UserComment>" * 100_000)))
    _holds(_described(with_xmp("<exif:UserComment><rdf:Alt " * 100_000)))
    _holds(_described(with_xmp("<exif:UserComment>{" + "&amp;" * 500_000)))
