"""The list of releases: believed only if its publisher has signed it, it is no old one, and it can be read."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from desktop import releases
from desktop.errors import UserError
from desktop.releases import newer, read
from tests.publisher import PUBLIC, RELEASE, listing, publish

TODAY = date(2026, 11, 24)


def test_a_signed_list_tells_of_its_newest_release() -> None:
    older = RELEASE | {"version": "0.9.9", "news": "Nothing."}
    told = read(publish(releases=[older, RELEASE, older]), PUBLIC, TODAY)
    assert told.newest.version == "0.10.0"
    assert told.newest.date == date(2026, 11, 20)
    assert told.newest.news == "A line.\nAnother."
    assert told.newest.page == "https://sfumato.example/0.10.0"
    assert newer(told, "0.1.0", None) == told.newest
    assert newer(told, "0.10.0", told.issued) is None


def test_what_is_shown_is_plain_and_short() -> None:
    news = "a\x1b[31m\u202e\n" + "b" * 90_000
    told = read(publish(releases=[RELEASE | {"news": news}]), PUBLIC, TODAY).newest
    assert told.news.startswith("a[31m\nbbb")
    assert len(told.news) == releases.MOST_NEWS


def changed(content: bytes, **changes: Any) -> bytes:
    return json.dumps(json.loads(content) | changes).encode()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "no list of releases"),
        (b"<html>", "no list of releases"),
        (b"[]", "no list of releases"),
        (b"null", "no list of releases"),
        (b'{"list": 5, "signature": "YQ=="}', "no list of releases"),
        (b'{"list": "\\ud800", "signature": "YQ=="}', "no list of releases"),
        (b"[" * 100_000, "no list of releases"),
        (publish()[:-40], "no list of releases"),
        (changed(publish(), signature="!"), "no list of releases"),
        (changed(publish(), signature="YWJj"), "not signed"),
        (changed(publish(), list=listing(issued="2026-11-23")), "not signed"),
        (publish(context=b""), "not signed"),
        (publish(expires="2026-11-23"), "out of date"),
        (publish(releases=[]), "cannot read"),
        (publish(releases=[RELEASE | {"page": "http://sfumato.example"}]), "cannot read"),
        (publish(releases=[RELEASE | {"page": "file:///bin/sh"}]), "cannot read"),
        (publish(releases=[RELEASE | {"version": "new"}]), "cannot read"),
        (publish(releases=[RELEASE | {"news": 5}]), "cannot read"),
        (publish(releases=[5]), "cannot read"),
        (publish(issued="soon"), "cannot read"),
    ],
)
def test_anything_else_is_refused(content: bytes, message: str) -> None:
    with pytest.raises(UserError, match=message) as caught:
        read(content, PUBLIC, TODAY)
    assert caught.value.hint


def test_an_old_list_again_is_refused() -> None:
    told = read(publish(), PUBLIC, TODAY)
    with pytest.raises(UserError, match="older than this Sfumato"):
        newer(told, "0.10.1", None)
    with pytest.raises(UserError, match="seen here before"):
        newer(told, "0.1.0", date(2026, 11, 23))


def test_the_programs_own_key_can_be_read() -> None:
    with pytest.raises(UserError, match="not signed"):
        read(publish(), releases.KEY.read_bytes(), TODAY)
