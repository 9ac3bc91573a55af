"""What Python does first in programs that tests start: they find no peft, which the shipped program has not either.

diffusers imports it wherever it is installed, at every start of an engine.
"""

import sys

sys.modules["peft"] = None  # pyright: ignore[reportArgumentType] whoever looks for it finds none
