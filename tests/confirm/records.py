"""tests/confirm/records.py: .slt files as records that remember the lines they came from."""

import re
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Record:
    """One record; `results` is None where no `----` follows it."""

    line: int  # of the head, from 1
    head: list[str]
    sql: str
    results: list[str] | None
    head_index: int  # into the file's lines
    sql_end: int  # index of the line after the SQL
    connection: str = ""
    bind: list[tuple[str | None, str]] = field(default_factory=list)
    standard: str = ""
    postgresql: str = ""
    runs_on: set[str] = field(default_factory=set)
    not_on: set[str] = field(default_factory=set)

    def is_for(self, engine: str) -> bool:
        return engine not in self.not_on and (not self.runs_on or engine in self.runs_on)


def split_bind(text: str) -> list[tuple[str | None, str]]:
    values = []
    for part in re.split(r" \| ", text):
        match = re.match(r"([A-Za-z_]\w*)=(.*)", part.strip())
        values.append((match[1], match[2]) if match else (None, part.strip()))
    return values


def read_records(path: Path) -> tuple[list[str], list[Record]]:
    """The file's lines and its records up to `halt`."""
    lines = path.read_text(encoding="utf-8").split("\n")
    records: list[Record] = []
    before: dict = {}
    index = 0
    while index < len(lines):
        line = lines[index]
        words = line.split()
        if not words:
            before = {}
            index += 1
        elif line.startswith("# standard:"):
            before["standard"] = line.removeprefix("# standard:").strip()
            index += 1
        elif line.startswith("# postgresql:"):
            before["postgresql"] = line.removeprefix("# postgresql:").strip()
            index += 1
        elif line.startswith("#"):
            index += 1
        elif words[0] == "halt":
            break
        elif words[0] == "hash-threshold":
            index += 1
        elif words[0] == "connection":
            before["connection"] = words[1]
            index += 1
        elif words[0] == "bind":
            before["bind"] = split_bind(line.removeprefix("bind"))
            index += 1
        elif words[0] in ("skipif", "onlyif"):
            before.setdefault("not_on" if words[0] == "skipif" else "runs_on", set()).add(words[1])
            index += 1
        elif words[0] in ("statement", "query"):
            head_index = index
            index += 1
            while index < len(lines) and lines[index].strip() and lines[index] != "----":
                index += 1
            sql_end, results = index, None
            if index < len(lines) and lines[index] == "----":
                index += 1
                start = index
                while index < len(lines) and lines[index].strip():
                    index += 1
                results = lines[start:index]
            sql = "\n".join(lines[head_index + 1 : sql_end])
            records.append(
                Record(head_index + 1, words, sql, results, head_index, sql_end, **before)
            )
            before = {}
        else:
            raise SystemExit(f"{path}:{index + 1}: not a record: {line}")
    return lines, records
