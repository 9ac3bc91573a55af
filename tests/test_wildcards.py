"""Prompts with alternatives and lists: what becomes of them, and what cannot."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop import wildcards
from desktop.errors import UserError
from desktop.wildcards import escape, names, read_lists, resolve

SEEDS = range(400)
ANYTHING = st.text(alphabet="ab {}|\\_/:0123.é", max_size=60)


def _all(prompt: str, **lists: list[str]) -> set[str]:
    """What the prompt may become."""
    return {resolve(prompt, seed, lists) for seed in SEEDS}


@pytest.mark.parametrize(
    ("prompt", "words"),
    [
        ("{red|blue} balloon", {"red balloon", "blue balloon"}),
        ("{a|{b|c}} d", {"a d", "b d", "c d"}),
        ("a {|b}", {"a ", "a b"}),
        ("{0::red|blue|1.5::{x|0::y}}", {"blue", "x"}),
        ("{a} {b|c}", {"{a} b", "{a} c"}),
        ("{a {b|c} d}", {"{a b d}", "{a c d}"}),
        ("{{a|b}", {"{a", "{b"}),
        ("a|b} [c|d]", {"a|b} [c|d]"}),
        ("{a|b", {"{a|b"}),
        (r"\{a|b} {c\|d|e\}}", {"{a|b} c|d", "{a|b} e}"}),
        (r"\(a\) \\ \__x__", {r"\(a\) \\ __x__"}),
        ("__x__ _y_ ____", {"1 _y_ ____", "2 _y_ ____"}),
        ("{a|__x__}", {"a", "1", "2"}),
        ("__in/deep-er__", {"3 or 1", "3 or 2"}),
        ("__x__y__", {"1y__", "2y__"}),
    ],
)
def test_what_a_prompt_may_become(prompt: str, words: set[str]) -> None:
    assert _all(prompt, x=["1", "2"], **{"in/deep-er": ["3 or __x__"]}) == words


def test_the_same_seed_has_the_same_words_everywhere() -> None:
    prompt = "{red|green|blue} {2::a|b} __x__"
    found = [resolve(prompt, seed, {"x": ["1", "2", "3"]}) for seed in (0, 1, 7, 2**64 - 1)]
    assert found == ["red a 2", "red a 3", "red b 1", "red a 2"]


def test_weights_say_how_often() -> None:
    found = Counter(resolve("{3::a|b}", seed, {}) for seed in range(4000))
    assert 2850 < found["a"] < 3150


def test_choices_do_not_follow_one_another() -> None:
    assert _all("{a|b}{a|b}") == {"aa", "ab", "ba", "bb"}


@given(ANYTHING, st.integers(0, 2**64 - 1))
def test_any_text_can_be_resolved_or_is_told(text: str, seed: int) -> None:
    for lists in ({}, {"a": ["x", "{b|__b__}"], "b": ["__a__", ""]}):
        with suppress(UserError):
            assert resolve(text, seed, lists) == resolve(text, seed, lists)


@given(ANYTHING)
def test_what_is_escaped_comes_back(text: str) -> None:
    assert resolve(escape(text), 7, {}) == text


@pytest.mark.parametrize("text", ["a lake", r"\(a\) {b} [c|d] a_b snake__case", "<lora:a:1>"])
def test_ordinary_prompts_need_no_escaping(text: str) -> None:
    assert escape(text) == text


@pytest.mark.parametrize(
    ("prompt", "message"),
    [
        ("__here__ __gone__", "no list gone"),
        ("__one__", "circle: one → two → one"),
        ("{0::a|0::b}", "weight 0"),
        ("{" * 60, "nested"),
        ("{a|" * 60 + "b" + "}" * 60, "nested"),
        ("__wide0__", "longer than"),
        ("__hollow0__", "longer than"),
        ("__deep0__", "nested"),
    ],
)
def test_what_cannot_be_resolved_is_told(prompt: str, message: str) -> None:
    wide = {f"wide{n}": [f"{'x' * 9} __wide{n + 1}__ " * 2] for n in range(40)} | {"wide40": ["x"]}
    hollow = {f"hollow{n}": [f"__hollow{n + 1}__" * 2] for n in range(40)} | {"hollow40": ["{|}"]}
    deep = {f"deep{n}": [f"__deep{n + 1}__"] for n in range(60)}
    lists = {"here": ["a"], "one": ["__two__"], "two": ["__one__"], **wide, **hollow, **deep}
    with pytest.raises(UserError, match=message) as caught:
        resolve(prompt, 1, lists)
    assert caught.value.hint


# ---------------------------------------------------------------- lists on disk


def _write(folder: Path, **lists: str) -> None:
    for name, text in lists.items():
        file = folder / f"{name}.txt"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


def test_lists_are_read_with_those_that_they_name(tmp_path: Path) -> None:
    _write(tmp_path, a="# colours\n\n red \n{dark|__in/b__} blue\n", other="never read")
    _write(tmp_path / "in", b="\ufeffvery __a__\nübel")
    assert read_lists(tmp_path, "__a__", "no list") == {
        "a": ("red", "{dark|__in/b__} blue"),
        "in/b": ("very __a__", "übel"),
    }


def test_names_are_those_that_would_be_asked_for() -> None:
    assert names(r"__a__ {x|{y|__b/c__}} \__d__", "{__e__}") == {"a", "b/c", "e"}


@pytest.mark.parametrize(
    ("content", "message"),
    [(None, "is missing"), (b"# only this\n", "empty"), (b"\xff\xfe", "UTF-8"), (b"x" * 200, "too large")],
)
def test_a_list_that_cannot_be_read_is_told(
    tmp_path: Path, content: bytes | None, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wildcards, "MOST_BYTES", 100)
    if content is not None:
        (tmp_path / "a.txt").write_bytes(content)
    with pytest.raises(UserError, match=message) as caught:
        read_lists(tmp_path, "__a__")
    assert str(tmp_path / "a.txt") in caught.value.message + caught.value.hint


@pytest.mark.parametrize("name", ["../a", "/etc/passwd", "..", "a/../b"])
def test_no_list_leads_out_of_its_folder(name: str) -> None:
    assert names(f"__{name}__") == set()


def test_a_prompt_brings_along_only_so_many_lists(tmp_path: Path) -> None:
    _write(tmp_path, **{f"n{n}": f"__n{n + 1}__" for n in range(wildcards.MOST_LISTS + 1)})
    with pytest.raises(UserError, match="more than 200 lists"):
        read_lists(tmp_path, "__n0__")
