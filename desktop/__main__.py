"""The program's front door: `sfumato` and `python -m desktop`."""

from __future__ import annotations

import sys
from multiprocessing import freeze_support

INTERRUPTED = 130  # what shells call a program that Ctrl+C ended


def main() -> None:
    freeze_support()  # in a frozen program this is where the engine's child process goes its own way
    try:
        from desktop.cli import run

        sys.exit(run(sys.argv[1:]))
    except KeyboardInterrupt:
        print("sfumato: cancelled", file=sys.stderr)
        sys.exit(INTERRUPTED)


if __name__ == "__main__":
    main()
