"""`sfumato library`: pictures into the library, and out of it again, without a window."""

from __future__ import annotations

import argparse
import json
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

from desktop import app
from desktop.cli.terminal import Display
from desktop.engine.api import Progress
from desktop.library.importing import Imported, import_folder
from desktop.library.picture import Picture
from desktop.library.query import Query
from desktop.library.thumbnails import missing

PAGE = 500  # pictures that are read at once


def add_to(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    importing = commands.add_parser("import", help="read in all pictures of a folder, which stay where they are")
    importing.set_defaults(command=_import)
    importing.add_argument("folder", type=Path, metavar="DIR")
    finding = commands.add_parser("find", help="list pictures by words of their prompts, models, LoRAs and tags")
    finding.set_defaults(command=_find)
    finding.add_argument("query", metavar="QUERY", help='parts of words, or "whole phrases"; "" finds all')
    finding.add_argument("--json", action="store_true", help="all that is known of them, as JSON")


def _import(options: argparse.Namespace) -> int:
    """Ctrl+C stops it; done again, it goes on with what is left."""
    imported = Imported()
    with app.open_library() as (library, thumbnails), closing(Display()) as display:
        for event in import_folder(options.folder, library, thumbnails, stopped=lambda: False):
            if isinstance(event, Progress):
                display.show(event)
            else:
                imported = event
    for file, reason in imported.failed:
        print(f"{file}: {reason}", file=sys.stderr)
    print(f"{imported.added} imported, {imported.known} known already, {len(imported.failed)} failed")
    return 0


def _find(options: argparse.Namespace) -> int:
    with app.open_library() as (library, _):
        ids = library.ids(Query(text=options.query))
        pages = (library.pictures(ids[begin : begin + PAGE]) for begin in range(0, len(ids), PAGE))
        pictures = [picture for page in pages for picture in page]
    if options.json:
        print(json.dumps([_told(picture) for picture in pictures], indent=1, ensure_ascii=False))
    else:
        for picture in pictures:
            print(picture.file)
    return 0


def _told(picture: Picture) -> dict[str, Any]:
    return {
        "file": str(picture.file),
        "missing": missing(picture),
        "created": picture.created,
        "rating": picture.rating,
        "tags": list(picture.tags),
        "tool": picture.tool or None,
        "model": picture.model,
        "width": picture.width,
        "height": picture.height,
        "recipe": dict(picture.fields),
        "unused": dict(picture.unused),
        "made": dict(picture.made),
    }
