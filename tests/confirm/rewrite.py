"""tests/confirm/rewrite.py: our SQL as PostgreSQL spells it.

Only spelling changes: each row of REWRITES says what is written here, what PostgreSQL wants for it,
and why. What cannot be said so is given in the test itself by a line `# postgresql: SQL`.
"""

import re

# A quoted string, a quoted identifier or a comment: nothing in them is rewritten.
QUOTED = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/", re.DOTALL)
# While the rest is rewritten, what is quoted stands as \x01 number \x02.
HOLE = "\x01(\\d+)\x02"

REWRITES = [
    # Large objects: PostgreSQL has types of its own, without a length.
    (r"\b(?:N?CLOB|(?:NATIONAL\s+)?CHAR(?:ACTER)?\s+LARGE\s+OBJECT)\b(?:\s*\(\s*\w+\s*\))?",
     "TEXT"),
    (r"\b(?:BLOB|BINARY\s+LARGE\s+OBJECT)\b(?:\s*\(\s*\w+\s*\))?", "BYTEA"),
    # N'a' is a CHARACTER there.
    (rf"\bN{HOLE}", "\x01\\1\x02"),
    # The sign of an interval literal may stand before the quote.
    (rf"\bINTERVAL\s*\+\s*{HOLE}", "INTERVAL \x01\\1\x02"),
    (rf"\bINTERVAL\s*-\s*{HOLE}(\s*\w+(?:\s*\([^)]*\))?(?:\s+TO\s+\w+(?:\s*\(\s*\d+\s*\))?)?)",
     "(- INTERVAL \x01\\1\x02\\2)"),
    # No precision of the leading field.
    (r"\b(YEAR|MONTH|DAY|HOUR|MINUTE)\s*\(\s*\d+\s*\)", r"\1"),
    (r"\bSECOND\s*\(\s*\d+\s*,\s*(\d+)\s*\)", r"SECOND(\1)"),
    # SQL:1999 part 2, 6.1: a scale, and the precision of TIME, that are not given are zero.
    (r"\b(?:DECIMAL|NUMERIC|DEC)\b(?!\s*\()", "NUMERIC(38, 0)"),
    (r"\bTIME\b(?!\s*(?:\(|\x01|ZONE\b))", "TIME(0)"),
    # 1e0 is an exact number there.
    (r"(?<![\w.\x01])(?:\d+(?:\.\d*)?|\.\d+)[eE][+-]?\d+\b", r"CAST(\g<0> AS DOUBLE PRECISION)"),
    # The aggregates ANY and SOME; not the quantifiers, which follow a comparison operator.
    (r"(?<![=<>])(?<![=<>]\s)\b(?:ANY|SOME)\s*\((?!\s*(?:SELECT|VALUES|TABLE)\b)", "bool_or("),
]


def hex_literal(quoted: str) -> str:
    return "'\\x" + re.sub(r"[\s']", "", quoted) + "'::bytea"


def rewrite(sql: str) -> str:
    """`sql` as PostgreSQL reads it."""
    held: list[str] = []

    def hold(match: re.Match[str]) -> str:
        held.append(match[0])
        return f"\x01{len(held) - 1}\x02"

    text = QUOTED.sub(hold, sql)
    # X'00ff' is a bit string there.
    text = re.sub(rf"\bX{HOLE}", lambda m: hex_literal(held[int(m[1])]), text, flags=re.IGNORECASE)
    for pattern, replacement in REWRITES:
        text = re.sub(pattern, replacement, text, flags=re.IGNORECASE)
    return re.sub(HOLE, lambda match: held[int(match[1])], text)


def substitute(sql: str, values: list[tuple[str | None, str]]) -> str:
    """`sql` with its parameters replaced by literals: (name or None, literal) in order."""
    named = {name: literal for name, literal in values if name}
    unnamed = iter([literal for name, literal in values if not name])
    held: list[str] = []

    def hold(match: re.Match[str]) -> str:
        held.append(match[0])
        return f"\x01{len(held) - 1}\x02"

    text = QUOTED.sub(hold, sql)
    text = re.sub(
        r"\?|(?<!:):(\w+)", lambda m: f"({named[m[1]] if m[1] else next(unnamed)})", text
    )
    return re.sub(HOLE, lambda match: held[int(match[1])], text)
