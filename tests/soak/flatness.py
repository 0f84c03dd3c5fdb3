"""tests/soak/flatness.py: whether a series of measurements grows.

The medians of its first and its last third are compared: these do not see a peak that a statement
makes while it sorts, or a process that has just begun. The rest of what grows without being a leak
is what the tolerance is for: the allocator's arenas, of which each thread has its own and which
fill up unevenly, and caches below the memory limit.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

LEAST_WARM_UP_S = 20.0
WARM_UP_SHARE = 0.25  # of the time; the tables reach their size within seconds
LEAST_SAMPLES = 30
# At a thousand transactions a second, in the two minutes between the middles of the thirds of a
# series of three, this finds what leaks some hundred bytes a transaction.
TOLERANCE_SHARE = 0.10
TOLERANCE_BYTES = 8 << 20

PAGE_BYTES = 4096


@dataclass(frozen=True)
class Sample:
    at_s: float  # since the process began
    size_bytes: int


@dataclass(frozen=True)
class Growth:
    first_bytes: float  # medians of the thirds
    last_bytes: float
    bytes_a_minute: float  # the slope of the least squares

    @property
    def allowed_bytes(self) -> float:
        return self.first_bytes * (1 + TOLERANCE_SHARE) + TOLERANCE_BYTES

    @property
    def grows(self) -> bool:
        return self.last_bytes > self.allowed_bytes

    def __str__(self) -> str:
        first, last, slope = (
            value / (1 << 20) for value in (self.first_bytes, self.last_bytes, self.bytes_a_minute)
        )
        return f"median {first:.1f} MiB at first, {last:.1f} at last, {slope:+.2f} a minute"


def judge(samples: Sequence[Sample], warm_up_s: float | None = None) -> Growth | None:
    """None where there is too little to tell."""
    if not samples:
        return None
    if warm_up_s is None:
        warm_up_s = max(LEAST_WARM_UP_S, samples[-1].at_s * WARM_UP_SHARE)
    warm = [sample for sample in samples if sample.at_s >= warm_up_s]
    if len(warm) < LEAST_SAMPLES:
        return None
    third = len(warm) // 3
    slope, _ = statistics.linear_regression(
        [sample.at_s for sample in warm], [sample.size_bytes for sample in warm]
    )
    return Growth(
        statistics.median(sample.size_bytes for sample in warm[:third]),
        statistics.median(sample.size_bytes for sample in warm[-third:]),
        slope * 60,
    )


def resident_bytes(process: int) -> int:
    """Of a process, as the system counts it."""
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * PAGE_BYTES
