"""Tokens: who the user is, to a site. In the system's keyring; where there is none, only until the program ends."""

from __future__ import annotations

import re
from collections.abc import Mapping

from desktop.errors import UserError

SERVICE = "sfumato"
TOKEN = re.compile(r"[\x21-\x7e]{8,200}")
SOUND = 1  # priority, from which a keyring keeps what it is given safe


class Tokens:
    """By site. The keyring may ask people for its password, so use it in a lane."""

    def __init__(self) -> None:
        self._here: dict[str, str] = {}

    @property
    def is_lasting(self) -> bool:
        """Whether there is a keyring that will keep them."""
        import keyring

        return keyring.get_keyring().priority >= SOUND

    def all(self, sites: tuple[str, ...]) -> Mapping[str, str]:
        """Those that are known."""
        found = {site: self._here.get(site) or self._kept(site) for site in sites}
        return {site: token for site, token in found.items() if token}

    def give(self, site: str, token: str) -> bool:
        """Takes the place of an earlier one; an empty one only forgets that. Whether it will last. Raises UserError."""
        token = token.strip()
        if token and not TOKEN.fullmatch(token):
            raise UserError("That is no token.", "Copy it once more from the site: it is one long word.")
        self._here.pop(site, None)
        if self._keep(site, token):
            return True
        if token:
            self._here[site] = token
        return not token

    def _kept(self, site: str) -> str:
        import keyring
        from keyring.errors import KeyringError

        try:
            return keyring.get_password(SERVICE, site) or "" if self.is_lasting else ""
        except KeyringError:
            return ""  # locked, and people have not let us in

    def _keep(self, site: str, token: str) -> bool:
        import keyring
        from keyring.errors import KeyringError, PasswordDeleteError

        if not self.is_lasting:
            return False
        try:
            if token:
                keyring.set_password(SERVICE, site, token)
            else:
                keyring.delete_password(SERVICE, site)
        except PasswordDeleteError:  # there was none
            return True
        except KeyringError:
            return False
        return True
