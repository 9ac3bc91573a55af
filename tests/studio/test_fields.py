"""Fields of X/Y/Z sheets: from what is written to values."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.errors import UserError
from desktop.studio.fields import FIELDS, MOST_VALUES, Bench, read_axis
from desktop.styles import Style
from tests.studio.things import LARGE, of_family, starter

BENCH = Bench(
    [starter(), replace(of_family("starter"), name="Another, large")],
    {"Oil": Style("Oil", "Paint", "an oil painting of {prompt}")},
)


@pytest.mark.parametrize(
    ("field", "text", "values"),
    [
        ("steps", "10, 20,30", [10, 20, 30]),
        ("steps", "10-30 (+10)", [10, 20, 30]),
        ("steps", " 10 - 30(10), 5 ", [10, 20, 30, 5]),
        ("steps", "3-1", [3, 2, 1]),
        ("steps", "30-10 (-10)", [30, 20, 10]),
        ("steps", "10-50 [5]", [10, 20, 30, 40, 50]),
        ("steps", "1-2 [1]", [1]),
        ("steps", "7.0", [7]),
        ("guidance", "1-2 [5]", [1.0, 1.25, 1.5, 1.75, 2.0]),
        ("guidance", "1-1.3 (+0.1)", [1.0, 1.1, 1.2, 1.3]),
        ("seed", str(2**64 - 1), [2**64 - 1]),
        ("strength", "0.2-0.6 (+0.2)", [0.2, 0.4, 0.6]),
        ("sampler", "euler a, DPM++ 2M Karras", ["euler_a", "dpmpp_2m_karras"]),
        ("prompt", "S/R: red, blue, green", ["red", "blue", "green"]),
        ("prompt", '"a red house, a red", two', ["a red house, a red", "two"]),
        ("model", f"{starter().name.upper()}", [starter().id]),
        ("model", '"another, large"', [LARGE]),
        ("style", "oil, None", ["Oil", ""]),
    ],
)
def test_values_as_people_write_them(field: str, text: str, values: list[object]) -> None:
    axis = read_axis(field, text, BENCH)
    assert (axis.field, list(axis.values)) == (field, values)
    assert len(axis.labels) == len(values)


@pytest.mark.parametrize(
    ("field", "text", "labels"),
    [
        ("steps", "10, 20", ["Steps 10", "Steps 20"]),
        ("guidance", "1-2 [3]", ["Guidance 1", "Guidance 1.5", "Guidance 2"]),
        ("seed", "100", ["Seed 100"]),
        ("sampler", "euler_a", ["Euler a"]),
        ("style", "none, oil", ["No style", "Oil"]),
        ("prompt", "red, blue", ["red", "blue"]),
    ],
)
def test_values_as_they_stand_on_the_sheet(field: str, text: str, labels: list[str]) -> None:
    assert list(read_axis(field, text, BENCH).labels) == labels


@pytest.mark.parametrize(
    ("field", "text", "message"),
    [
        ("steps", "", "no value for Steps"),
        ("steps", " , ,", "no value"),
        ("steps", "ten", "“ten” is no number"),
        ("steps", "1e999", "no number"),
        ("steps", "1-5 (0)", "goes nowhere"),
        ("steps", "1-5 (-1)", "goes nowhere"),
        ("steps", "1-1000000000", "makes 1000000000 values"),
        ("steps", "1-2 [999999999]", "makes 999999999 values"),
        ("steps", ",".join("1" for _ in range(MOST_VALUES + 1)), "too many"),
        ("steps", "1, 2.5", "whole numbers"),
        ("sampler", "Nonesuch", "no sampler"),
        ("model", "Nonesuch", "no model"),
        ("style", "Nonesuch", "no style"),
        ("prompt", "red", "nothing to put"),
    ],
)
def test_what_cannot_be_read_is_told(field: str, text: str, message: str) -> None:
    with pytest.raises(UserError, match=message) as caught:
        read_axis(field, text, BENCH)
    assert caught.value.hint


@given(st.sampled_from(sorted(FIELDS)), st.text(alphabet='0123456789-+.,()[] "ae\n\0', max_size=40))
def test_any_text_gives_values_or_a_message(field: str, text: str) -> None:
    try:
        axis = read_axis(field, text, BENCH)
    except UserError:
        return
    assert 0 < len(axis.values) == len(axis.labels) <= MOST_VALUES
