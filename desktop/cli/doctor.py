"""`sfumato doctor`: whether a LoRA suits a model, before it is used."""

from __future__ import annotations

import argparse
import json
from contextlib import closing
from pathlib import Path

from desktop import app
from desktop.cli.extras import find_file
from desktop.cli.terminal import engine_for, follow_to
from desktop.engine.api import Checkup, Examined, Job, Report
from desktop.models.extras import Extras
from desktop.models.parts import completed


def add_to(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(command=_run)
    parser.add_argument("lora", metavar="LORA", help="a file, or a name")
    parser.add_argument("--model", metavar="NAME|DIR|FILE", required=True, help="the model that it is to be used with")
    parser.add_argument("--json", action="store_true", help="all that was found, as JSON")


def _run(options: argparse.Namespace) -> int:
    """0 if it works, 1 if not. Raises UserError."""
    catalog = app.make_catalog()
    model = catalog.find(options.model)
    extras = Extras.of(catalog.extras())
    files: dict[str, Path] = {model.id: model.path}
    lora, name = find_file("lora", options.lora, extras, files)
    parts = completed(model, {}, extras)
    files |= {id: catalog.path_of(id) for id in parts.values()}
    with closing(engine_for(options, files.values())) as engine:
        examined, _ = follow_to(Examined, engine, Job(Checkup(model.id, lora, name, parts), files))
    report = examined.report
    print(json.dumps(report.to_json(), indent=1, ensure_ascii=False) if options.json else _words(report))
    return 0 if report.works else 1


def _words(report: Report) -> str:
    rank = f", rank {report.rank}" if report.rank is not None else ""
    rows = [report.verdict, f"  {report.kind}{rank}; {report.fitting} of {report.layers} layers fit"]
    for title, effects in (("parts", report.parts), ("blocks that change most", report.blocks)):
        rows += (
            [f"  {title}:", *(f"    {name:40} {effect:7.2%}" for name, effect in effects.items())] if effects else []
        )
    if report.unused:
        rows += ["  not used:", *(f"    {layer}" for layer in report.unused)]
    return "\n".join(rows)
