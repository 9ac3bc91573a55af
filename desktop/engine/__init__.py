"""The room where models run: the only one with torch, and none of Qt."""

import os

# Nothing in here asks the network, whatever a model's files say; the libraries look at this when they are imported.
os.environ.update(HF_HUB_OFFLINE="1", HF_HUB_DISABLE_TELEMETRY="1")
