"""Emerging hotspots: where they are new, where they grow, where they were.

A cube of counts, places by steps in time. Each bin is held against the whole cube with the bins
around it at its own step and the step before; Mann and Kendall's test then says whether the z of a
place rise or fall, and the classes of ``gis.patterns.time_classes`` name what came of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gis.patterns.count_tails import Chance, cube_tails
from gis.patterns.false_discovery import benjamini_hochberg, bins
from gis.patterns.mann_kendall import Trend, mann_kendall
from gis.patterns.neighbours import Neighbours
from gis.patterns.time_classes import Variant, classify, run_at_end

Floats = NDArray[np.float64]

LEAST_STEPS = 5
"""With four no rise is significant."""


@dataclass(frozen=True, slots=True)
class EmergingOptions:
    """How a cube is read.

    Parameters
    ----------
    level
        Largest q of a significant bin, and largest p of a trend.
    variant
        Which of the two published definitions names the classes.
    """

    variant: Variant = "esri-new"
    level: float = 0.05

    def __post_init__(self) -> None:
        if not 0 < self.level < 1:
            raise ValueError(f"level must lie between 0 and 1, not {self.level}")


@dataclass(frozen=True, slots=True)
class Emerging:
    """Places by steps: ``z``, ``p``, ``q``, ``bin`` as of ``gis.hotspots``; by place the rest."""

    z: Floats
    p: Floats
    q: Floats
    bin: NDArray[np.int8]
    chance: Chance
    trend: Trend
    classes: NDArray[np.object_]


def emerging_hotspots(
    counts: Floats, ground: Floats, neighbours: Neighbours, options: EmergingOptions
) -> Emerging:
    """Classes of places by their hotspots in time.

    Parameters
    ----------
    counts
        Cases, places by steps.
    ground
        Share of each place that lies in the region; above 0.
    """
    around = neighbours.sums(counts) + counts
    around[:, 1:] += around[:, :-1].copy()
    z = _deviates(counts, around, neighbours)
    tails = cube_tails(counts, around, ground, neighbours)
    q = benjamini_hochberg(tails.p.ravel()).reshape(tails.p.shape)
    bin_ = bins(q, tails.is_above)
    signs = np.where(q <= options.level, np.where(tails.is_above, 1, -1), 0).astype(np.int8)
    trend = mann_kendall(z)
    classes = classify(signs, trend.z, trend.p, options.variant, level=options.level)
    return Emerging(z, tails.p, q, bin_, tails.chance, trend, classes)


@dataclass(frozen=True, slots=True)
class Course:
    """What one place is in time, or several that are taken for one.

    Parameters
    ----------
    z, bin
        By step, of the strongest of the places: as hot as the hottest of them is.
    signs
        1 where that is significantly hot, -1 where all of them are cold, else 0.
    trend
        Of these z.
    """

    z: Floats
    bin: NDArray[np.int8]
    signs: NDArray[np.int8]
    trend: Trend
    word: str

    @property
    def run(self) -> int:
        """How many of the last steps are hot without a break; below zero how many cold."""
        hot, cold = (run_at_end(self.signs[None] == side)[0] for side in (1, -1))
        return int(hot - cold)


def course_of(found: Emerging, places: NDArray[np.int64], options: EmergingOptions) -> Course:
    """The course of some places that are one; of a single place it is that place's own.

    Parameters
    ----------
    places
        Their rows, one at least.
    """
    bins_ = found.bin[places]
    signs = np.where(found.q[places] <= options.level, np.sign(bins_), 0).astype(np.int8)
    strongest = signs.max(axis=0)
    z = found.z[places].max(axis=0)
    trend = mann_kendall(z[None])
    (word,) = classify(strongest[None], trend.z, trend.p, options.variant, level=options.level)
    return Course(z, bins_.max(axis=0), strongest, trend, str(word))


def can_stand_out(
    counts: Floats, ground: Floats, neighbours: Neighbours, options: EmergingOptions
) -> bool:
    """Whether any bin could be significant, if all cases there are were in one.

    It and the bins around it would share the least ``p`` that there is.
    """
    areas = neighbours.sums(ground) + ground
    least_p = 2 * float(areas.min() / (ground.sum() * counts.shape[1])) ** float(counts.sum())
    most = 2 * (int(neighbours.cardinalities.max(initial=0)) + 1)
    return bool(least_p * counts.size / most <= options.level)


def _deviates(counts: Floats, around: Floats, neighbours: Neighbours) -> Floats:
    """G* of each bin among all bins of the cube."""
    weights = np.tile(neighbours.cardinalities[:, None] + 1.0, counts.shape[1])
    weights[:, 1:] *= 2
    mean, deviation, size = counts.mean(), counts.std(), counts.size
    spread = np.sqrt(weights * (size - weights) / (size - 1))
    z: Floats = (around - weights * mean) / (deviation * spread)
    return z
