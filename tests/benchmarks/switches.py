"""Memory held after many switches between two models of which only one fits.

python -m tests.benchmarks.switches
"""

from __future__ import annotations

import itertools
import tempfile
from contextlib import closing
from pathlib import Path
from unittest.mock import patch

import psutil

from desktop.engine.api import Finished
from desktop.engine.local import LocalEngine
from desktop.engine.memory import Device
from tests.benchmarks import sized
from tests.benchmarks.table import heading
from tests.engine.jobs import job

SWITCHES = (2, 20)


def main() -> None:
    heading("Resident memory after 20 model switches against after 2")
    with tempfile.TemporaryDirectory() as root, closing(LocalEngine("cpu")) as engine:
        first = sized.sd15(Path(root) / "sd15")
        jobs = itertools.cycle([job(first, steps=1), job(sized.twin(first), steps=1)])
        held: dict[int, float] = {}
        # Room for one model only: free memory is what a machine with 3.5 GB for models would have.
        room = psutil.Process().memory_info().rss + 3.5e9
        with patch.object(Device, "free_bytes", lambda _: room - psutil.Process().memory_info().rss):
            for count, asked in enumerate(itertools.islice(jobs, max(SWITCHES) + 1)):
                events = list(engine.run(type(asked)(asked.work, asked.models)))
                assert isinstance(events[-1], Finished), events[-1]
                assert len(engine._pipelines._loaded) == 1
                held[count] = psutil.Process().memory_info().rss / 1e6
        after2, after20 = (held[count] for count in SWITCHES)
        print(
            f"after {SWITCHES[1]}: {after20:.0f} MB; after {SWITCHES[0]}: {after2:.0f} MB; ratio {after20 / after2:.3f}"
        )
        print(f"from the second on {min(list(held.values())[2:]):.0f} to {max(held.values()):.0f} MB; goal <= 1.05")


if __name__ == "__main__":
    main()
