"""The prompt panel: all that is set for the next picture."""
