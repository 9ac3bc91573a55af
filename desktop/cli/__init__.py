"""The command line: sfumato generate | describe | library | models | doctor | check. No Qt."""

from __future__ import annotations

import argparse
import io
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path

from desktop import app, versions
from desktop.cli import check, doctor, extras, generate, library, models
from desktop.engine.api import PRECISIONS
from desktop.errors import UserError
from desktop.intents import INTENTS
from desktop.library.metadata.reading import describe
from desktop.models import samplers

MASK_HELP = "a grey picture of the size of --image: white is made anew, all else stays"
EXTEND_HELP = "pixels to add on the left, top, right and bottom, and to fill"
FEATHER_HELP = "pixels that a change may reach beyond the mask; 0: none; default: 40, or fewer for small models"
INTENT_HELP = "what becomes of the masked part; background: what is white is kept, and all else replaced"
STRENGTH_HELP = "above 0 (keeps what is there) to 1; default: 0.75 for a whole picture, 1 under a mask"


def run(arguments: list[str]) -> int:
    """The exit code: 0 if all went well; 2, with message and hint on stderr, if not."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a console of another encoding must not break on a prompt
    options = _parser().parse_args(arguments)
    try:
        return options.command(options)
    except UserError as error:
        print(f"sfumato: {error.message}", error.hint, sep="\n", file=sys.stderr)
        return 2
    except BrokenPipeError:  # whoever reads has had enough: `| head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=versions.command(), description="A studio for Stable Diffusion.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_generate(commands.add_parser("generate", help="make pictures from a prompt"))
    describe = commands.add_parser("describe", help="print what a picture says of itself, as JSON")
    describe.set_defaults(command=_describe)
    describe.add_argument("file", type=Path, metavar="FILE")
    library.add_to(commands.add_parser("library", help="find and import pictures"))
    models.add_to(commands.add_parser("models", help="list the model files at hand, and what they are"))
    examining = commands.add_parser("doctor", help="see whether a LoRA suits a model, and how much it changes")
    doctor.add_to(examining)
    _add_engine(examining)
    checking = commands.add_parser("check", help="see whether everything works")
    check.add_to(checking)
    _add_engine(checking)
    return parser


def _add_generate(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(command=generate.run)
    parser.add_argument("prompt", nargs="?", metavar="PROMPT", help="what to draw")
    parser.add_argument("--recipe", type=Path, metavar="FILE", help="a picture: make it again, or with changes")
    parser.add_argument("--negative", metavar="T", help="what to keep out of the picture")
    parser.add_argument("--model", metavar="NAME|DIR", help="default: starter, the built-in one")
    parser.add_argument("--image", type=Path, metavar="F", help="a picture to start from")
    parser.add_argument("--mask", type=Path, metavar="F", help=MASK_HELP)
    parser.add_argument("--intent", choices=INTENTS, help=INTENT_HELP)
    parser.add_argument("--extend", metavar="LEFT,TOP,RIGHT,BOTTOM", help=EXTEND_HELP)
    parser.add_argument("--feather", type=float, metavar="N", help=FEATHER_HELP)
    parser.add_argument("--strength", type=float, metavar="X", help=STRENGTH_HELP)
    parser.add_argument("--size", metavar="WxH", help="default: the model's own, or that of --image")
    parser.add_argument("--steps", type=int, metavar="N")
    parser.add_argument("--guidance", type=float, metavar="G", help="how closely to follow the prompt")
    parser.add_argument("--sampler", metavar="S", help=", ".join(samplers.SAMPLERS))
    parser.add_argument("--seed", type=int, metavar="N", help="default: a random one")
    parser.add_argument("--count", type=int, default=1, metavar="N", help="how many pictures, with seeds one apart")
    parser.add_argument("--out", metavar="FILE|DIR", help="default: ./sfumato-SEED.png")
    parser.add_argument("--json", action="store_true", help="print the results as JSON")
    extras.add_to(parser)
    _add_engine(parser)


def _add_engine(parser: argparse.ArgumentParser) -> None:
    engine = "where the model runs; default: local, or process where a file is a pickle"
    parser.add_argument("--engine", choices=app.ENGINES, default="local", help=engine)
    parser.add_argument("--device", metavar="D", help="cpu, cuda:0, ...; default: the best there is")
    parser.add_argument("--precision", choices=PRECISIONS, help="of the weights; default: what suits the device")


def _describe(options: argparse.Namespace) -> int:
    print(json.dumps(asdict(describe(options.file)), indent=1, ensure_ascii=False))
    return 0
