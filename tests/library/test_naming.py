"""Names of picture files: what people wish, and what every disk takes."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.errors import UserError
from desktop.library import naming
from desktop.library.naming import named
from desktop.settings import NAMES

WHEN = datetime(2026, 11, 24, 17, 5, 9).timestamp()
FACTS = {"seed": 7, "model": "dream/v8: final?", "prompt": "a lake\nat dawn", "width": 64, "height": 48}


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (NAMES, "2026-11/20261124-170509-7"),
        ("{model}/{seed}", "dream_v8_ final_/7"),
        ("{prompt} {width}x{height}", "a lake_at dawn 64x48"),
        ("{year}\\{day}", "2026/24"),
        ("../../{seed}", "7"),
        ("/etc/{seed}", "etc/7"),
        ("{name}", "picture"),  # nothing is known of it
        ("{seed}. ", "7"),
        ("con", "con_"),
        ("LPT1.{seed}", "LPT1.7_"),
    ],
)
def test_a_pattern_becomes_a_name(pattern: str, expected: str) -> None:
    assert str(named(pattern, WHEN, FACTS)) == expected


@pytest.mark.parametrize(
    ("pattern", "message"),
    [("{sead}", "no {sead}"), ("{seed", "left open"), ("seed}", "left open"), ("", "names no file"), ("/", "no file")],
)
def test_a_pattern_that_cannot_be_is_told(pattern: str, message: str) -> None:
    with pytest.raises(UserError, match=message) as caught:
        named(pattern, WHEN, FACTS)
    assert caught.value.hint


@pytest.mark.parametrize(("character", "count"), [("a", 100), ("ü", 50), ("湖", 33), ("🌅", 25)])
def test_long_prompts_are_cut_by_bytes_between_characters_and_leave_room_for_the_rest(
    character: str, count: int
) -> None:
    assert str(named("{prompt}-{seed}", WHEN, {"prompt": character * 300, "seed": 7})) == f"{character * count}-7"


@given(st.text(min_size=0, max_size=300), st.text())
def test_no_prompt_leads_out_of_the_folder_or_makes_a_name_that_is_too_long(prompt: str, model: str) -> None:
    path = named("{model}/{prompt}/{seed}", WHEN, {"seed": 1, "prompt": prompt, "model": model})
    assert not path.is_absolute()
    assert ".." not in path.parts
    assert all(
        0 < len(part.encode()) <= naming.LONGEST + 1 and not naming.FORBIDDEN.search(part) for part in path.parts
    )
