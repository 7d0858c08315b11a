"""Rates of small places, drawn towards the mean rate by how little they tell (Marshall 1991).

A place of ten people with one case has the highest rate of the city, and it means nothing. With m
the rate of all places together, the rate ``r_i`` of a place with ``n_i`` people varies around its
true rate by ``m / n_i``, as a Poisson count does; what the rates vary beyond that is ``a``, the
variance of the true rates. By the method of moments, all places together,
``a = sum n_i (r_i - m)^2 / sum n_i - m / mean(n)``, and the best guess at a place's true rate is
``m + (r_i - m) a / (a + m / n_i)``. Where ``a`` is not above 0, the rates differ no more than
chance makes them, and every place has the rate m.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def empirical_bayes(counts: ArrayLike, people: ArrayLike) -> Floats:
    """Smoothed rate of each place, in cases for each of its people.

    Parameters
    ----------
    counts
        Cases of each place.
    people
        Who could have had one: residents or households, not negative; 0 or NaN where unknown.

    Returns
    -------
    numpy.ndarray
        Between the place's own rate and the mean rate; NaN where ``people`` is 0 or NaN. The
        cases of such a place are not in the mean rate either.

    Raises
    ------
    ValueError
        A negative number of cases or people, or cases that are not known.
    """
    cases, at_risk = np.asarray(counts, dtype=np.float64), np.asarray(people, dtype=np.float64)
    if cases.shape != at_risk.shape:
        raise ValueError(f"cases of {cases.shape} places, people of {at_risk.shape}")
    if not (cases >= 0).all() or (at_risk < 0).any():
        raise ValueError("cases and people are numbers from 0 on")
    rates = np.full(cases.shape, np.nan)
    known = at_risk > 0
    if known.any():
        rates[known] = _smoothed(cases[known], at_risk[known])
    return rates


def _smoothed(cases: Floats, people: Floats) -> Floats:
    mean = cases.sum() / people.sum()
    apart = cases / people - mean
    variance = (people * apart**2).sum() / people.sum() - mean / people.mean()
    if variance <= 0:
        return np.full(cases.shape, mean)
    smoothed: Floats = mean + apart * (variance / (variance + mean / people))
    return smoothed
