"""How likely chance alone is to gather as many cases as a neighbourhood has, or as few.

The normal tail of a G* z is wrong where few cases are expected: with 0.7 of them in a
neighbourhood of seven cells a Poisson count has a skewness of 1.2, and of 1,500 such
neighbourhoods some always lie beyond 4 deviates. Counts have tails of their own:

- **binomial**: N cases fall on the ground like rain. Given N, a neighbourhood with the share
  ``a`` of all ground holds ``Binomial(N, a)`` of them: nothing is estimated.
- **negative binomial**: cells differ more than rain makes them, as people live here and not
  there. The rate of a cell is the mean rate times a gamma variable of mean 1 and variance
  ``phi``; the sum of a neighbourhood has the negative binomial tail of its mean and variance.

The second is taken where the places beyond the neighbourhood vary more than rain does, else the
first. Rate and ``phi`` are those of the places beyond, so a hotspot does not hide itself: thirty
cases in one cell and none elsewhere would else be the variance they are held against.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc

from gis.patterns.neighbours import Neighbours

Floats = NDArray[np.float64]

Chance = Literal["binomial", "negative binomial"]


@dataclass(frozen=True, slots=True)
class CountTails:
    """``p``, two-sided: twice the tail on the side the count lies on, 1 at most.

    ``is_above``: whether a neighbourhood has more than is expected of its ground.
    """

    p: Floats
    is_above: NDArray[np.bool_]
    chance: Chance


@dataclass(frozen=True, slots=True)
class PlaceTails(CountTails):
    """``z``: how many deviates of its law a count lies above its mean; NaN for who has all ground.

    Never on another side than the tail, as a deviate of the rates would be where a few small
    places have most of their variance.
    """

    z: Floats


@dataclass(frozen=True, slots=True)
class _Ground:
    """The ground of neighbourhoods: its sum, and the sum of the squares of its places' ground."""

    area: Floats
    squares: Floats

    @classmethod
    def around(cls, ground: Floats, neighbours: Neighbours) -> _Ground:
        return cls(neighbours.sums(ground) + ground, neighbours.sums(ground**2) + ground**2)


def count_tails(counts: Floats, ground: Floats, neighbours: Neighbours) -> PlaceTails:
    """Tails of the counts of neighbourhoods, each place with its neighbours.

    Parameters
    ----------
    counts
        Cases of each place: whole numbers.
    ground
        What each place could have had cases on: its share in the city, or its people; above 0.
    """
    columns = np.column_stack([counts, ground, counts**2, counts * ground, ground**2])
    around = neighbours.sums(columns) + columns
    seen, area, squares = around[:, 0], around[:, 1], around[:, 4]
    total, whole = counts.sum(), ground.sum()
    places = len(counts) - 1.0 - neighbours.cardinalities.astype(np.float64)
    rate, phi = _moments(places, *(columns.sum(axis=0) - around).T)
    p = _binomial(seen, total, area / whole)
    varies = phi > 0
    expected = np.where(varies, rate, total / whole) * area
    size = area[varies] ** 2 / (phi[varies] * squares[varies])
    p[varies] = _negative_binomial(seen[varies], expected[varies], size)
    more = np.where(varies, phi * rate**2 * squares, -expected * area / whole)
    chance: Chance = "negative binomial" if varies.any() else "binomial"
    return PlaceTails(p, seen > expected, chance, _deviates(seen - expected, expected + more))


def _deviates(apart: Floats, variance: Floats) -> Floats:
    told = variance > 0
    z = np.full(len(apart), np.nan)
    np.divide(apart, np.sqrt(variance, where=told, out=np.ones(len(apart))), out=z, where=told)
    return z


def cube_tails(
    counts: Floats, around: Floats, ground: Floats, neighbours: Neighbours
) -> CountTails:
    """Tails of the neighbourhoods of a cube, places by steps, among all its bins.

    ``around`` holds the sums over the neighbours of each bin at its step and the step before,
    the bin among them; the first step has none before.
    """
    steps = counts.shape[1]
    phi = overdispersion(counts, np.broadcast_to(ground[:, None], counts.shape))
    once = _Ground.around(ground, neighbours)
    twice = np.ones((1, steps))
    twice[:, 1:] = 2
    bins = _Ground(once.area[:, None] * twice, once.squares[:, None] * twice)
    return _tails(around, counts.sum(), ground.sum() * steps, bins, phi)


def overdispersion(counts: Floats, ground: Floats) -> float:
    """``phi``: the variance of the places' rates, in squares of the mean rate; 0 where none shows.

    From ``E sum (x - r a)^2 = sum (r a + phi r^2 a^2)``, one degree of freedom given for r.
    """
    sums = (counts, ground, counts**2, counts * ground, ground**2)
    _, phi = _moments(np.array([counts.size]), *(np.array([each.sum()]) for each in sums))
    return float(phi[0])


def _moments(
    places: Floats,
    cases: Floats,
    ground: Floats,
    cases_squared: Floats,
    cases_by_ground: Floats,
    ground_squared: Floats,
) -> tuple[Floats, Floats]:
    """Mean rate and ``phi`` from sums over so many places; both 0 where nothing can be told."""
    told = (places > 1) & (cases > 0) & (ground > 0)
    rate = np.divide(cases, ground, where=told, out=np.zeros(len(cases)))
    squares = cases_squared - 2 * rate * cases_by_ground + rate**2 * ground_squared
    beyond = squares * np.divide(places, places - 1, where=told, out=np.ones(len(cases))) - cases
    phi = np.divide(beyond, rate**2 * ground_squared, where=told, out=np.zeros(len(cases)))
    return rate, np.maximum(phi, 0.0)


def _tails(around: Floats, total: float, whole: float, ground: _Ground, phi: float) -> CountTails:
    expected = ground.area / whole * total
    # Counts are few, and so are kinds of ground: all but the cells at the edge are whole. Each
    # pair is looked up once, a twentieth of the tails of a city.
    kinds, kind = np.unique(ground.area + 1j * ground.squares, return_inverse=True)
    most = int(around.max(initial=0)) + 1
    pairs, pair = np.unique(kind.reshape(around.shape) * most + around.astype(np.int64),
                            return_inverse=True)  # fmt: skip
    at, count = np.divmod(pairs, most)
    area, squares, found = kinds.real[at], kinds.imag[at], count.astype(float)
    if phi > 0:
        # Of a sum: mean r A, variance r A + phi r^2 B; so the size is A^2 / (phi B).
        p = _negative_binomial(found, area / whole * total, area**2 / (phi * squares))
    else:
        p = _binomial(found, total, area / whole)
    return CountTails(
        p[pair].reshape(around.shape),
        around > expected,
        "negative binomial" if phi > 0 else "binomial",
    )


def _binomial(found: Floats, total: float, share: Floats) -> Floats:
    # P(X >= s) = I_a(s, N - s + 1) and P(X <= s) = I_{1-a}(N - s, s + 1).
    above = found > share * total
    # Who has all cases has no lower tail to speak of, who has all ground no tail at all.
    below = ~above & (found < total) & (share < 1)
    tail = np.ones(len(found))
    tail[above] = betainc(found[above], total - found[above] + 1, share[above])
    tail[below] = betainc(total - found[below], found[below] + 1, 1 - share[below])
    return np.minimum(1.0, 2 * tail)


def _negative_binomial(found: Floats, expected: Floats, size: Floats) -> Floats:
    # With f = mean / (size + mean): P(X >= s) = I_f(s, size), P(X <= s) = I_{1-f}(size, s + 1).
    above = found > expected
    chance = expected / (size + expected)
    tail = np.empty(len(found))
    tail[above] = betainc(found[above], size[above], chance[above])
    tail[~above] = betainc(size[~above], found[~above] + 1, 1 - chance[~above])
    return np.minimum(1.0, 2 * tail)
