"""tupelo/command/script.py: the statements of a file, one after the other, with their lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TextIO

CHARACTERS = 1 << 18  # that are read at once

# Where a statement may end, and what a semicolon may stand in.
_MARK = re.compile(r"""[;'"]|--|/\*""")
_COMMENT_MARK = re.compile(r"/\*|\*/")


@dataclass
class Statement:
    text: str  # without the semicolon
    line: int  # of its beginning in the file


class Script:
    """Reads a file piece by piece; holds no more than a piece and the statement that it is in."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._text = ""
        self._begin = 0  # of the statement in it
        self._next = 0  # where scanning goes on in it
        self._ended = False

    def _read(self) -> bool:
        if self._ended:
            return False
        self._text = self._text[self._begin :]
        self._next -= self._begin
        self._begin = 0
        # More of a long statement, so that it is not copied over and over.
        piece = self._file.read(max(CHARACTERS, len(self._text)))
        self._ended = piece == ""
        self._text += piece
        return not self._ended

    def _search(self, pattern: re.Pattern[str], longest: int) -> re.Match[str] | None:
        """The next match, which may come up to `longest` characters before the end of a piece."""
        while True:
            found = pattern.search(self._text, self._next)
            if found is not None:
                return found
            self._next = max(self._next, len(self._text) - longest + 1)
            if not self._read():
                return None

    def _skip_quoted(self, quote: str) -> None:
        """A doubled quote ends one text and begins another: that needs no care."""
        while True:
            end = self._text.find(quote, self._next)
            if end >= 0:
                self._next = end + 1
                return
            self._next = len(self._text)
            if not self._read():
                return

    def _skip_line(self) -> None:
        self._skip_quoted("\n")

    def _skip_comment(self) -> None:
        level = 1
        while level > 0:
            found = self._search(_COMMENT_MARK, 2)
            if found is None:
                return
            level += 1 if found.group() == "/*" else -1
            self._next = found.end()

    def __iter__(self) -> Iterator[Statement]:
        line = 1
        while True:
            found = self._search(_MARK, 2)
            if found is not None and found.group() != ";":
                self._next = found.end()
                match found.group():
                    case "--":
                        self._skip_line()
                    case "/*":
                        self._skip_comment()
                    case quote:
                        self._skip_quoted(quote)
                continue
            end = len(self._text) if found is None else found.start()
            text = self._text[self._begin : end]
            yield Statement(text, line)
            if found is None:
                return
            line += text.count("\n")
            self._begin = self._next = end + 1


_SPACE = re.compile(r"(?:\s|--[^\n]*(?:\n|$))*")


def without_space(text: str) -> str:
    """What is behind the white space and comments of one line that it begins with."""
    found = _SPACE.match(text)
    return text[found.end() if found else 0 :]


def is_empty(text: str) -> bool:
    """Whether there is nothing but white space and comments."""
    rest = without_space(text)
    while rest.startswith("/*"):
        level, place = 1, 2
        for mark in _COMMENT_MARK.finditer(rest, 2):
            level += 1 if mark.group() == "/*" else -1
            place = mark.end()
            if level == 0:
                break
        if level > 0:
            return False
        rest = without_space(rest[place:])
    return rest == ""
