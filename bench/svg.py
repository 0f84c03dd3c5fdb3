"""bench/svg.py: the ratios as a bar chart, in SVG.

The scale is logarithmic and a bar begins at 1, where both are equally fast: to the right Tupelo is
the faster one, to the left its rival.
"""

import math
from collections.abc import Sequence
from xml.sax.saxutils import escape

from report import times
from rounds import Measurement

COLORS = {"sqlite3": "#4e79a7", "apsw": "#f28e2b", "duckdb": "#bab0ac"}
TICKS = [0.1, 0.2, 0.5, 1, 2, 3, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 100_000]

LABELS_WIDTH = 230
PLOT_WIDTH = 620
RIGHT_MARGIN = 70
TOP = 84
BAR_HEIGHT = 11
LINE_GAP = 10


def bar_chart(measurements: Sequence[Measurement], rivals: Sequence[str], note: str) -> str:
    """The whole document. REQUIRES: tupelo was measured."""
    names = [name for name in rivals if name != "tupelo"]
    ratios = [
        (measurement.line.title, name, measurement.ratio(name))
        for measurement in measurements
        for name in names
    ]
    known = [ratio for _, _, ratio in ratios if ratio is not None] or [1.0]
    low = max([tick for tick in TICKS if tick <= min(*known, 1.0)] or [TICKS[0]])
    high = min([tick for tick in TICKS if tick >= max(*known, 3.0)] or [TICKS[-1]])
    place = Scale(low, high)
    line_height = len(names) * BAR_HEIGHT + LINE_GAP
    height = TOP + len(measurements) * line_height + 40
    width = LABELS_WIDTH + PLOT_WIDTH + RIGHT_MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" font-family="sans-serif" font-size="12">',
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        _text(16, 26, "How many times faster Tupelo is", size=17, weight="bold"),
        _text(16, 46, note, color="#666666"),
    ]
    parts += _legend(names)
    parts += _grid(low, high, place, height)
    for number, measurement in enumerate(measurements):
        top = TOP + number * line_height
        middle = top + len(names) * BAR_HEIGHT / 2 + 4
        parts.append(_text(LABELS_WIDTH - 10, middle, measurement.line.title, anchor="end"))
        for index, name in enumerate(names):
            parts += _bar(measurement.ratio(name), name, top + index * BAR_HEIGHT, place)
    parts.append("</svg>\n")
    return "\n".join(parts)


class Scale:
    """From a ratio to its place; what is outside is drawn at the edge."""

    def __init__(self, low: float, high: float) -> None:
        self.low, self.high = low, high

    def __call__(self, ratio: float) -> float:
        ratio = min(max(ratio, self.low), self.high)
        share = math.log(ratio / self.low) / math.log(self.high / self.low)
        return LABELS_WIDTH + share * PLOT_WIDTH


def _text(
    x: float, y: float, text: str, *, anchor: str = "start", color: str = "#222222",
    size: int = 12, weight: str = "normal",
) -> str:  # fmt: skip
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{color}" '
        f'font-size="{size}" font-weight="{weight}">{escape(text)}</text>'
    )


def _legend(names: Sequence[str]) -> list[str]:
    parts = []
    for index, name in enumerate(names):
        x = LABELS_WIDTH + index * 130
        parts.append(f'<rect x="{x}" y="56" width="11" height="11" fill="{COLORS[name]}"/>')
        parts.append(_text(x + 16, 66, f"than {name}"))
    return parts


def _grid(low: float, high: float, place: Scale, height: int) -> list[str]:
    parts = []
    for tick in TICKS:
        if low <= tick <= high:
            x, strong = place(tick), tick in (1, 3)
            parts.append(
                f'<line x1="{x:.1f}" y1="{TOP - 6}" x2="{x:.1f}" y2="{height - 32}" '
                f'stroke="{"#888888" if strong else "#e4e4e4"}"/>'
            )
            parts.append(_text(x, height - 16, f"{tick:g}", anchor="middle", color="#666666"))
    return parts


def _bar(ratio: float | None, name: str, y: float, place: Scale) -> list[str]:
    if ratio is None:
        return []
    left, right = sorted((place(1), place(ratio)))
    bar = (
        f'<rect x="{left:.1f}" y="{y}" width="{max(right - left, 1):.1f}" '
        f'height="{BAR_HEIGHT - 1}" fill="{COLORS[name]}"/>'
    )
    return [bar, _text(right + 4, y + BAR_HEIGHT - 2, times(ratio), color="#555555", size=10)]
