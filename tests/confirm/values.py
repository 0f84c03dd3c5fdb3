"""tests/confirm/values.py: PostgreSQL's text of a value in the form that tests/sql/README.md gives."""

import re

BOOL, BYTEA, INTERVAL, TIMETZ, TIMESTAMPTZ = 16, 17, 1186, 1266, 1184
NUMBERS_AND_DATETIMES = {16, 20, 21, 23, 700, 701, 1700, 1082, 1083, 1114, 1184, 1186, 1266}


def interval_text(text: str) -> str:
    """From IntervalStyle sql_standard: '1-6', '3 4:05:06', '-1-2', '-3 4:05:06', '0', '5:00:00'."""
    if text == "0":
        return "0 00:00:00"
    if re.fullmatch(r"[+-]?\d+-\d+", text):
        return text.lstrip("+")
    match = re.fullmatch(r"([+-]?)(?:(\d+) )?(\d+):(\d\d):(\d\d)(\.\d+)?", text)
    if match is None:
        raise ValueError(f"an interval that is both of months and of days: {text}")
    sign, days, hours, minutes, seconds, fraction = match.groups()
    total = int(days or 0) * 24 + int(hours)
    return (
        ("-" if sign == "-" else "")
        + f"{total // 24} {total % 24:02}:{minutes}:{seconds}{fraction or ''}"
    )


def value_text(text: str | None, oid: int) -> str:
    if text is None:
        return "NULL"
    if oid == BOOL:
        return "true" if text == "t" else "false"
    if oid == BYTEA:
        return "x'" + text.removeprefix("\\x") + "'"
    if oid == INTERVAL:
        return interval_text(text)
    if oid in (TIMETZ, TIMESTAMPTZ):
        return re.sub(r"([+-]\d\d)$", r"\1:00", text)
    if oid in NUMBERS_AND_DATETIMES:
        return text
    return character_text(text)


def character_text(text: str) -> str:
    if text == "":
        return "(empty)"
    for plain, escaped in (("\\", "\\\\"), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t")):
        text = text.replace(plain, escaped)
    if text != text.strip(" '") or " | " in text or text in ("NULL", "(empty)"):
        return f"'{text}'"
    return text
