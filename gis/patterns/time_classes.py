"""The seventeen classes of a hotspot in time, as Esri's Emerging Hot Spot Analysis tells them.

Eight classes of hot places, the same of cold ones, and none. ``H(t)`` is "significantly hot at
step t", n the last step, the share that of all steps:

- ``new``: H(n), never before;
- ``consecutive``: one unbroken run of H that ends at n, share < 90 %;
- ``intensifying``, ``diminishing``: share >= 90 % with H(n), the z of the steps rising or falling;
- ``persistent``: the same without a trend;
- ``historical``: share >= 90 %, but not H(n);
- ``sporadic``: share < 90 %, never cold, on and off;
- ``oscillating``: share < 90 %, H(n), and cold some time before.

The definition has two published variants. ``esri-old`` lets a place be sporadic whatever its last
step is; ``esri-new`` only with H(n), and asks for two steps in a consecutive run. Where classes
overlap, the order above decides: a place that is hot for the first time is new even if it was cold
once; one with 90 % that is no longer hot is historical, with a trend or without, unless it is cold
for the first time, which is new.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

Variant = Literal["esri-new", "esri-old"]
VARIANTS: tuple[Variant, ...] = ("esri-new", "esri-old")

KINDS = (
    "new",
    "consecutive",
    "intensifying",
    "persistent",
    "diminishing",
    "sporadic",
    "oscillating",
    "historical",
)
"""Kinds of a class, hot and cold alike."""

NONE = "none"
CLASSES = (*(f"{kind}-hot" for kind in KINDS), *(f"{kind}-cold" for kind in KINDS), NONE)

ALWAYS = 0.9
"""Share of the steps from which on a place counts as hot throughout."""


def classify(
    signs: NDArray[np.int8], trend_z: Floats, trend_p: Floats, variant: Variant, *, level: float
) -> NDArray[np.object_]:
    """The class of each place.

    Parameters
    ----------
    signs
        Places by steps: 1 significantly hot, -1 significantly cold, else 0.
    trend_z, trend_p
        Mann-Kendall's test of the z of each place; NaN counts as no trend.
    level
        Largest ``trend_p`` of a trend.
    """
    trend = np.where(trend_p <= level, np.sign(trend_z), 0.0)
    hot = _is_kind(signs == 1, signs == -1, trend, variant)
    cold = _is_kind(signs == -1, signs == 1, -trend, variant)
    classes = np.full(len(signs), NONE, dtype=object)
    for kind in reversed(KINDS):
        classes[hot[kind]] = f"{kind}-hot"
        classes[cold[kind]] = f"{kind}-cold"
    return classes


def _is_kind(hot: Flags, cold: Flags, trend: Floats, variant: Variant) -> dict[str, Flags]:
    steps = hot.shape[1]
    last = hot[:, -1]
    times = hot.sum(axis=1)
    run = run_at_end(hot)
    # 9 of 10 are 90 %: whole numbers, as 0.9 is none.
    always = 10 * times >= 9 * steps
    once = last & (times == run)
    is_kind = {
        "new": once & (run == 1),
        "consecutive": once & ~always & (run >= 2),
        "intensifying": always & last & (trend > 0),
        "persistent": always & last & (trend == 0),
        "diminishing": always & last & (trend < 0),
        "sporadic": (times > 0) & ~always & ~cold.any(axis=1),
        "oscillating": last & ~always & cold[:, :-1].any(axis=1),
        "historical": always & ~last,
    }
    if variant == "esri-new":
        is_kind["sporadic"] &= last
    return is_kind


def run_at_end(hot: Flags) -> NDArray[np.int64]:
    """How many of the last steps are hot without a break."""
    backwards = hot[:, ::-1]
    run: NDArray[np.int64] = np.where(backwards.all(axis=1), hot.shape[1], backwards.argmin(axis=1))
    return run
