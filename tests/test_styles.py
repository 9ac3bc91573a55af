"""Styles: what is shipped is sound, and a prompt goes into its place untouched."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from desktop.errors import UserError
from desktop.styles import SHIPPED, SLOT, Style, read_styles

STYLES = read_styles()
INK = Style("Ink", "Drawing", "ink drawing of {prompt}, black ink", "photo, color")


def test_shipped_names_are_unique() -> None:
    names = [each["name"] for each in json.loads(SHIPPED.read_text(encoding="utf-8"))]
    assert list(STYLES) == names
    assert len({name.casefold() for name in names}) == len(names)


def test_shipped_groups_stand_together_in_order() -> None:
    groups = [style.group for style in STYLES.values()]
    order = ["Photo", "Painting", "Drawing", "Digital", "Light"]
    assert groups == sorted(groups, key=order.index)
    assert set(groups) == set(order)


@pytest.mark.parametrize("style", STYLES.values(), ids=list(STYLES))
def test_a_shipped_style_holds_the_prompt_once_and_reads_well_without_it(style: Style) -> None:
    assert style.prompt.count(SLOT) == 1
    assert "fox" in style.apply("fox", "")[0]
    for text in style.apply("", ""):
        terms = text.split(", ")
        assert terms == [""] or all(term == term.strip(" ,") != "" for term in terms)
        assert len(set(terms)) == len(terms)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Dawn", "hills at dawn"),
        ("Midday", "hills at noon"),
        ("Sunset", "hills at sunset"),
        ("Night", "hills at night"),
        ("Flat illustration", "flat illustration, hills"),
        ("Painting", "a painting of hills"),
    ],
)
def test_the_starter_model_gets_the_words_it_knows(name: str, expected: str) -> None:
    assert STYLES[name].apply("hills", "") == (expected, "")


@pytest.mark.parametrize("prompt", ["a {red|blue} fox", "{prompt}", "{}", "{0} %s \\1", "(fox:1.2), [hat]", "狐 🦊 né"])
def test_a_prompt_goes_in_as_it_is(prompt: str) -> None:
    assert INK.apply(prompt, "")[0] == f"ink drawing of {prompt}, black ink"


@pytest.mark.parametrize("prompt", ["fox", " fox ", "fox, ", ",fox,,\n"])
def test_stray_edges_of_a_prompt_go(prompt: str) -> None:
    assert INK.apply(prompt, "")[0] == "ink drawing of fox, black ink"


@pytest.mark.parametrize("empty", ["", "  ", " , \n"])
@pytest.mark.parametrize(
    ("wording", "expected"),
    [
        ("{prompt}", ""),
        ("{prompt} at dawn", "at dawn"),
        ("flat illustration, {prompt}", "flat illustration"),
        ("a painting of {prompt}", "a painting"),
        ("ink drawing of {prompt}, black ink", "ink drawing, black ink"),
        ("anime, {prompt}, vivid", "anime, vivid"),
    ],
)
def test_an_empty_prompt_leaves_nothing_stray(wording: str, expected: str, empty: str) -> None:
    assert Style("Some", "Group", wording).apply(empty, "") == (expected, "")


@pytest.mark.parametrize(
    ("negative", "expected"),
    [
        ("", "photo, color"),
        (" , ", "photo, color"),
        ("blurry", "blurry, photo, color"),
        ("blurry,", "blurry, photo, color"),
        ("Photo, blurry", "Photo, blurry, color"),
        ("photo, color", "photo, color"),
        ("(ugly, bad), (old, bad)", "(ugly, bad), (old, bad), photo, color"),
        ("写真 📷", "写真 📷, photo, color"),
    ],
)
def test_negatives_are_joined_without_repeating(negative: str, expected: str) -> None:
    assert INK.apply("fox", negative)[1] == expected
    assert INK.apply("fox", expected)[1] == expected


def test_a_file_is_read_in_its_order(tmp_path: Path) -> None:
    file = tmp_path / "mine.json"
    rows = [{"name": name, "group": "Meins", "prompt": "{prompt}, weich"} for name in ("Öl", "Äther", "Aal")]
    file.write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
    assert read_styles(file) == {name: Style(name, "Meins", "{prompt}, weich") for name in ("Öl", "Äther", "Aal")}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff",
        b"7",
        b"[7]",
        b'["name"]',
        b'[{"name": "Some"}]',
        b'[{"name": "Some", "group": "Group", "prompt": "no slot"}]',
        b'[{"name": "Some", "group": "Group", "prompt": "{prompt} {prompt}"}]',
        b'[{"name": "Some", "group": "Group", "prompt": "{prompt}", "negative": 7}]',
        b'[{"name": "Some", "group": "Group", "prompt": "{prompt}", "other": ""}]',
    ],
)
def test_a_broken_file_is_told_of(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "mine.json"
    file.write_bytes(content)
    with pytest.raises(UserError, match=r"mine\.json"):
        read_styles(file)


def test_a_missing_file_is_told_of(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"none\.json"):
        read_styles(tmp_path / "none.json")
