"""`sfumato check`: whether everything works, a line each; the usual is quick, `--all` tries every part."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

from desktop.check import apart
from desktop.check.groups import ALL, USUAL
from desktop.check.trial import FAILED, MISSING, OK, Outcome, Ways

ALL_HELP = "every family, file format and library, and the window, with --engine process; takes some minutes"


def add_to(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(command=run)
    parser.add_argument("--all", action="store_true", help=ALL_HELP)
    parser.add_argument("--json", action="store_true", help="print what was found as JSON")


def run(options: argparse.Namespace) -> int:
    """1 if anything fails that there is."""
    began = time.perf_counter()
    outcomes: list[Outcome] = []
    for outcome in _outcomes(options):
        outcomes.append(outcome)
        if not options.json:
            _print(outcome)
    seconds = time.perf_counter() - began
    failed = _named(outcomes, FAILED)
    if options.json:
        rows = [asdict(outcome) for outcome in outcomes]
        print(json.dumps({"works": not failed, "seconds": seconds, "trials": rows}, indent=1, ensure_ascii=False))
    else:
        _sum_up(outcomes, seconds)
    return 1 if failed else 0


def _outcomes(options: argparse.Namespace) -> Iterator[Outcome]:
    with TemporaryDirectory(prefix="sfumato-check-", ignore_cleanup_errors=True) as folder:
        engine = "process" if options.all else options.engine
        ways = Ways(engine, options.device, options.precision, Path(folder))
        for group, trials in (ALL if options.all else USUAL).items():
            yield from apart.run(group, trials, ways)


def _print(outcome: Outcome) -> None:
    state = outcome.state if outcome.state == OK else outcome.state.upper()
    print(f"{outcome.what:32} {state:7} {outcome.seconds:6.1f} s  {outcome.detail}".rstrip(), flush=True)


def _sum_up(outcomes: Sequence[Outcome], seconds: float) -> None:
    failed, missing = _named(outcomes, FAILED), _named(outcomes, MISSING)
    for outcome in outcomes:
        if outcome.trace:
            print(f"\n{outcome.what}\n{outcome.trace}")
    if missing:
        print(f"Not here, and not needed by the rest: {', '.join(missing)}.")
    if failed:
        print(f"{len(failed)} of {len(outcomes)} failed, in {seconds:.0f} s: {', '.join(failed)}.")
    else:
        print(f"All works. ({len(outcomes)} trials, {seconds:.0f} s)")


def _named(outcomes: Sequence[Outcome], state: str) -> list[str]:
    return list(dict.fromkeys(outcome.what for outcome in outcomes if outcome.state == state))
