"""The program's front door: `sfumato` and `python -m desktop`."""

from __future__ import annotations

import sys
from multiprocessing import freeze_support
from pathlib import Path

from desktop.logs import give_streams

INTERRUPTED = 130  # what shells call a program that Ctrl+C ended


def main() -> None:
    give_streams()
    freeze_support()  # in a frozen program this is where the engine's child process goes its own way
    arguments = sys.argv[1:]
    files = [Path(argument) for argument in arguments]
    try:
        sys.exit(_window(files) if all(_is_file(file) for file in files) else _command(arguments))
    except KeyboardInterrupt:
        print("sfumato: cancelled", file=sys.stderr)
        sys.exit(INTERRUPTED)


def _command(arguments: list[str]) -> int:
    from desktop.cli import run

    return run(arguments)


def _is_file(file: Path) -> bool:
    """Rather than a command: those have no ending."""
    return bool(file.suffix) and file.is_file()


def _window(files: list[Path]) -> int:
    """By the shortest way: the command line's imports would only hold it up."""
    from desktop.app import open_window, show_problem
    from desktop.errors import UserError

    try:
        return open_window(files)
    except UserError as error:
        print(f"sfumato: {error.message}", error.hint, sep="\n", file=sys.stderr)
        show_problem(error)
        return 2


if __name__ == "__main__":
    main()
