"""sfumato models: all model files at hand, and what each is."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from pathlib import Path

from desktop import app
from desktop.errors import UserError
from desktop.models.entry import KINDS, Entry
from desktop.models.families import FAMILIES
from desktop.paths import is_there

WIDTHS = (32, 16, 22, 14, 10)  # of the table's columns, but for the last one


def add_to(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(command=run)
    places = "folders to look into, with all that are in them; default: those that Sfumato knows"
    parser.add_argument("folders", nargs="*", type=Path, metavar="DIR", help=places)
    parser.add_argument("--json", action="store_true", help="print all that is known, as JSON")


def run(options: argparse.Namespace) -> int:
    for folder in options.folders:
        if not is_there(folder):
            raise UserError(f"There is no folder {folder}.", "Give one that holds model files.")
    catalog = app.make_catalog()
    entries = catalog.scan(options.folders or catalog.roots())
    if options.json:
        print(json.dumps([entry.to_json() for entry in entries], indent=1, ensure_ascii=False))
    else:
        _print_table(entries)
    return 0


def _print_table(entries: Iterable[Entry]) -> None:
    for entry in entries:
        family = FAMILIES[entry.family].name if entry.family in FAMILIES else entry.family
        name = _cut(entry.title or entry.name, WIDTHS[0])
        columns = (name, KINDS[entry.kind], family, entry.variant, f"{entry.bytes / 1e6:,.0f} MB")
        row = " ".join(f"{text:{width}}" for text, width in zip(columns, WIDTHS, strict=True))
        print(f"{row}  {entry.path}{f'  ({entry.problem})' if entry.problem else ''}")


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 1]}…"
