"""Tokens: who the user is, to a site. In the system's keyring; where there is none, only until the program ends."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping

from desktop.errors import UserError

SERVICE = "sfumato"
TOKEN = re.compile(r"[\x21-\x7e]{8,200}")
SOUND = 1  # priority, from which a keyring keeps what it is given safe


class Tokens:
    """By site. The keyring may ask people for its password: it is used in lanes, and asked once for each site."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}
        self._lock = threading.Lock()

    @property
    def is_lasting(self) -> bool:
        """Whether there is a keyring that will keep them."""
        return _is_lasting()

    def all(self, sites: tuple[str, ...]) -> Mapping[str, str]:
        """Those that there are."""
        with self._lock:
            for site in sites:
                if site not in self._known:
                    self._known[site] = _kept(site)
            return {site: token for site, token in self._known.items() if token}

    def look_again(self) -> None:
        """People may have unlocked the keyring."""
        with self._lock:
            self._known = {site: token for site, token in self._known.items() if token}

    def give(self, site: str, token: str) -> bool:
        """Takes the place of an earlier one; an empty one only forgets that. Whether it will last. Raises UserError."""
        token = token.strip()
        if token and not TOKEN.fullmatch(token):
            raise UserError("That is no token.", "Copy it once more from the site: it is one long word.")
        with self._lock:
            self._known[site] = token
            return _keep(site, token) or not token


def _is_lasting() -> bool:
    import keyring

    return keyring.get_keyring().priority >= SOUND


def _kept(site: str) -> str:
    import keyring
    from keyring.errors import KeyringError

    try:
        return keyring.get_password(SERVICE, site) or "" if _is_lasting() else ""
    except (KeyringError, OSError):
        return ""  # locked, and people have not let us in


def _keep(site: str, token: str) -> bool:
    import keyring
    from keyring.errors import KeyringError, PasswordDeleteError

    if not _is_lasting():
        return False
    try:
        if token:
            keyring.set_password(SERVICE, site, token)
        else:
            keyring.delete_password(SERVICE, site)
    except PasswordDeleteError:  # there was none
        return True
    except (KeyringError, OSError):
        return False
    return True
