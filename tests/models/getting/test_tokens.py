"""Tokens: in the system's keyring, and without one until the program ends."""

from __future__ import annotations

from collections.abc import Iterator

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as NoKeyring
from keyring.errors import KeyringLocked, PasswordDeleteError

from desktop.errors import UserError
from desktop.models.getting.network import CIVITAI, HUGGING_FACE
from desktop.models.getting.tokens import Tokens

SITES = (HUGGING_FACE, CIVITAI)
TOKEN = "hf_" + "a" * 34


class Keyring(KeyringBackend):
    """A keyring as the systems have them, with no disk behind it."""

    priority = 5  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}
        self.locked = False

    def get_password(self, service: str, username: str) -> str | None:
        self._insist()
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._insist()
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._insist()
        if self.kept.pop((service, username), None) is None:
            raise PasswordDeleteError

    def _insist(self) -> None:
        if self.locked:
            raise KeyringLocked


@pytest.fixture
def ring() -> Iterator[Keyring]:
    before, ring = keyring.get_keyring(), Keyring()
    keyring.set_keyring(ring)
    yield ring
    keyring.set_keyring(before)


@pytest.fixture
def no_ring(ring: Keyring) -> None:
    keyring.set_keyring(NoKeyring())


def test_a_token_outlasts_the_program(ring: Keyring) -> None:
    assert Tokens().give(HUGGING_FACE, f" {TOKEN}\n")
    assert Tokens().all(SITES) == {HUGGING_FACE: TOKEN}
    assert ring.kept == {("sfumato", HUGGING_FACE): TOKEN}


def test_a_token_can_be_forgotten(ring: Keyring) -> None:
    Tokens().give(HUGGING_FACE, TOKEN)
    assert Tokens().give(HUGGING_FACE, "")
    assert Tokens().give(CIVITAI, "")
    assert Tokens().all(SITES) == {}
    assert ring.kept == {}


@pytest.mark.usefixtures("no_ring")
def test_without_a_keyring_it_is_told_and_kept_for_now() -> None:
    tokens = Tokens()
    assert not tokens.is_lasting
    assert not tokens.give(CIVITAI, TOKEN)
    assert tokens.all(SITES) == {CIVITAI: TOKEN}
    assert Tokens().all(SITES) == {}
    assert tokens.give(CIVITAI, "")
    assert tokens.all(SITES) == {}


def test_a_keyring_that_stays_locked_is_as_none(ring: Keyring) -> None:
    ring.locked = True
    tokens = Tokens()
    assert not tokens.give(CIVITAI, TOKEN)
    assert tokens.all(SITES) == {CIVITAI: TOKEN}


def test_the_keyring_is_asked_once_until_people_want_to_know(ring: Keyring) -> None:
    """It may ask for its password each time."""
    ring.set_password("sfumato", CIVITAI, TOKEN)
    ring.locked = True
    tokens = Tokens()
    assert tokens.all(SITES) == {}
    ring.locked = False
    assert tokens.all(SITES) == {}
    tokens.look_again()
    assert tokens.all(SITES) == {CIVITAI: TOKEN}
    ring.locked = True
    assert tokens.all(SITES) == {CIVITAI: TOKEN}


@pytest.mark.parametrize("token", ["short", "two words here", "line\r\nX-Header: a", "ümlautümlaut", "a" * 5000])
def test_what_is_no_token_is_told(ring: Keyring, token: str) -> None:
    with pytest.raises(UserError, match="no token"):
        Tokens().give(CIVITAI, token)
    assert ring.kept == {}
