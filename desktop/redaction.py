"""Redaction: what leaves the program for others to read tells neither prompts nor places nor names of people."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

PROGRAM = Path(__file__).parent.parent
LIBRARIES = re.compile(r".*[\\/](?:site-packages|_internal|lib[\\/]python\d\.\d+)[\\/]")
FRAME = re.compile(r'(?P<before>\s*File ")(?P<file>[^"]*)(?P<after>", line .*)')
QUOTED = re.compile(r"(?<!\w)(?P<mark>['\"])(?P<words>.*?)(?P=mark)(?!\w)")
PLACE = re.compile(r"(?<![\w.])(?:~|\b[A-Za-z]:)?[\\/](?=\S).*")  # to the line's end: names of files have any letter
SECRET = re.compile(  # tokens and passwords, as sites, headers and addresses have them
    r"\bhf_\w{8,}|\b(?:Bearer|Basic) \S+|\b[0-9a-f]{32}\b|(?<=://)[^/@\s]+(?=@)|(?<=token=)[^\s&]+", re.IGNORECASE
)
PARTS = re.compile(r"[,.;|\n]")  # between those of a prompt
LONGEST = 40  # letters of what stands in quotes and may be a name of ours
LONGEST_LINE = 2000
SHORTEST = 4  # letters of a prompt, and of a user's name: shorter ones are within too many other words
EVERYBODY = ("root", "user", "admin", "administrator")


@dataclass(frozen=True)
class Redaction:
    """Takes out what is private: places, the user's name, what stands in quotes, and the given prompts.

    `keeps_places`: only prompts, tokens and passwords go.
    """

    prompts: tuple[str, ...] = ()
    keeps_places: bool = False

    @staticmethod
    def of(prompts: Iterable[str], keeps_places: bool = False) -> Redaction:
        """The longest first: one may be within another. Parts of prompts count where they have several words."""
        words: set[str] = set()
        for prompt in prompts:
            words.update(line.strip() for line in (prompt, *prompt.splitlines()))
            words.update(part for each in PARTS.split(prompt) if " " in (part := each.strip()))
        long = sorted((each for each in words if len(each) >= SHORTEST), key=len, reverse=True)
        return Redaction(tuple(long), keeps_places)

    def __call__(self, text: str) -> str:
        """Lines of code stay as they are: the program's own, which tell of nobody."""
        text = self._without_prompts(SECRET.sub("<secret>", text))
        if self.keeps_places:
            return text
        lines, code = [], False
        for line in (each[:LONGEST_LINE] for each in text.splitlines()):
            if found := FRAME.fullmatch(line):
                lines.append(f"{found['before']}{_own_name(found['file'])}{found['after']}")
                code = True
            else:
                code = code and line.startswith("    ")
                lines.append(line if code else _public(line))
        return "\n".join(lines)

    def _without_prompts(self, text: str) -> str:
        """Before lines are told apart, of which one may have several; as they are, or as tokenizers spell them."""
        folded = text.casefold()
        for prompt in self.prompts:
            if prompt.casefold() in folded:
                text = re.sub(rf"(?<!\w){re.escape(prompt)}(?!\w)", "<prompt>", text, flags=re.IGNORECASE)
                folded = text.casefold()
        return text


def _own_name(file: str) -> str:
    """Of a file of the program or its libraries, from where those lie; else only its last part."""
    if file.startswith(f"{PROGRAM}{os.sep}desktop"):
        return file[len(str(PROGRAM)) + 1 :]
    if found := LIBRARIES.match(file):
        return file[found.end() :]
    return file if file.startswith(("desktop/", "<")) else re.split(r"[\\/]", file)[-1]


def _public(line: str) -> str:
    line = QUOTED.sub(_unquoted, line)
    line = PLACE.sub("<path>", line)
    for name in _user_names():
        line = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", "<user>", line)
    return line


def _unquoted(found: re.Match[str]) -> str:
    """Names of ours are short and without blanks."""
    words = found["words"]
    is_own = len(words) <= LONGEST and not re.search(r"[\s\\/]", words)
    return found[0] if is_own else f"{found['mark']}…{found['mark']}"


def _user_names() -> set[str]:
    home = os.path.expanduser("~")  # noqa: PTH111 - Path's raises where nobody has a home
    names = {Path(home).name, *(os.environ.get(name, "") for name in ("USER", "USERNAME", "LOGNAME"))}
    return {name for name in names if len(name) >= SHORTEST and name.lower() not in EVERYBODY}
