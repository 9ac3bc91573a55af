"""The program's front door: `sfumato` and `python -m desktop`."""

from __future__ import annotations

import sys
from multiprocessing import freeze_support

INTERRUPTED = 130  # what shells call a program that Ctrl+C ended


def main() -> None:
    freeze_support()  # in a frozen program this is where the engine's child process goes its own way
    try:
        sys.exit(_command(sys.argv[1:]) if sys.argv[1:] else _window())
    except KeyboardInterrupt:
        print("sfumato: cancelled", file=sys.stderr)
        sys.exit(INTERRUPTED)


def _command(arguments: list[str]) -> int:
    from desktop.cli import run

    return run(arguments)


def _window() -> int:
    """By the shortest way: the command line's imports would only hold it up."""
    from desktop.app import open_window
    from desktop.errors import UserError

    try:
        return open_window()
    except UserError as error:
        print(f"sfumato: {error.message}", error.hint, sep="\n", file=sys.stderr)
        return 2


if __name__ == "__main__":
    main()
