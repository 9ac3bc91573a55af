"""The frozen program's front door."""

import os
import sys

if sys.platform.startswith("linux") and "LD_LIBRARY_PATH" in os.environ:
    # It was set for this process, which has read it. A browser that we open must not load libraries of ours; a child of
    # our own kind sets it again.
    del os.environ["LD_LIBRARY_PATH"]
    if before := os.environ.get("LD_LIBRARY_PATH_ORIG"):
        os.environ["LD_LIBRARY_PATH"] = before
    os.environ["PYINSTALLER_RESET_ENVIRONMENT"] = "1"

from desktop.__main__ import main

if __name__ == "__main__":
    main()
