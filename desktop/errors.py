"""What people can mend."""

from __future__ import annotations


class UserError(Exception):
    """Something that the person at the keyboard can mend: what happened, and what to do about it."""

    def __init__(self, message: str, hint: str = ""):
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __reduce__(self) -> tuple[type[UserError], tuple[str, str]]:
        return UserError, (self.message, self.hint)
