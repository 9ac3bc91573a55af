"""The room where models run: the only one with torch, and none of Qt."""

import os

# Nothing in here asks the network, whatever a model's files say; the libraries look at this when they are imported.
os.environ.update(HF_HUB_OFFLINE="1", HF_HUB_DISABLE_TELEMETRY="1")
# torch's threads sleep while they wait: where they spin, two busy programs on a few cores starve each other by factors.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
