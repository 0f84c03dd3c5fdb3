"""tests/confirm/values.py: PostgreSQL's text of a value in the form of tests/sql/README.md."""

import re

BOOL, BYTEA, INTERVAL, TIMETZ, TIMESTAMPTZ = 16, 17, 1186, 1266, 1184
NUMBERS_AND_DATETIMES = {16, 20, 21, 23, 700, 701, 1700, 1082, 1083, 1114, 1184, 1186, 1266}


# IntervalStyle sql_standard: '3 4:05:06', '-3 4:05:06', '5:00:00', and, where the signs of days
# and time differ, '+0-0 +1 -25:00:00'.
DAY_TIME = re.compile(r"([+-]?)(?:\+0-0 )?(?:([+-]?)(\d+) )?([+-]?)(\d+):(\d\d):(\d\d)(?:\.(\d+))?")


def interval_text(text: str) -> str:
    if text == "0":
        return "0 00:00:00"
    if re.fullmatch(r"[+-]?\d+-\d+", text):
        return text.lstrip("+")
    if re.fullmatch(r"[+-]?\d+", text):
        text += " 0:00:00"
    mixed = text.startswith("+0-0 ")
    match = DAY_TIME.fullmatch(text.removeprefix("+0-0 "))
    if match is None:
        raise ValueError(f"an interval that is both of months and of days: {text}")
    first, day_sign, days, time_sign, hours, minutes, seconds, fraction = match.groups()
    micros = ((int(hours) * 60 + int(minutes)) * 60 + int(seconds)) * 10**6
    micros += int((fraction or "0").ljust(6, "0"))
    day_micros = int(days or 0) * 86400 * 10**6
    if mixed:
        day_negative = (first or day_sign) == "-"
        total = (-day_micros if day_negative else day_micros)
        total += -micros if time_sign == "-" else micros
    else:
        total = day_micros + micros
        total = -total if "-" in (first, day_sign, time_sign) else total
    seconds_all, rest = divmod(abs(total), 10**6)
    tail = f".{rest:06}".rstrip("0") if rest else ""
    day, second = divmod(seconds_all, 86400)
    clock = f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"
    return f"{'-' if total < 0 else ''}{day} {clock}{tail}"


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
