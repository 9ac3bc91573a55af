"""The frozen program's front door."""

import os
import sys

for name in (
    "LD_LIBRARY_PATH",
    "DYLD_LIBRARY_PATH",
):  # of the bundle: a browser that we open must not load our libraries
    if sys.platform != "win32" and name in os.environ:
        del os.environ[name]
        if name + "_ORIG" in os.environ:
            os.environ[name] = os.environ[name + "_ORIG"]

from desktop.__main__ import main  # noqa: E402

if __name__ == "__main__":
    main()
