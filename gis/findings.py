"""What is getting worse, where, and is it real: a short list of findings from the cases alone.

Every category is looked at around each of its places, at six reaches, in all windows of time of
``gis.patterns.scan_windows``. What is found is more than the category's rhythm in the city and the
place's rhythm in all categories make likely, after correction for everything that was looked at,
and goes on: what is over is no finding of today.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.city_cases import CityCases, TodaysCases
from gis.finding_sites import Site, expected_count, is_in_hours, log_p_of_unrest, sites_of
from gis.patterns.scan_windows import Block
from gis.patterns.wandering import p_of_order
from gis.scan_signals import signals_of

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

Kind = Literal["growing", "returning", "wandering"]
Lack = Literal["no_cases", "too_short"]
"""Why there is not enough data to find anything."""

LEAST_WEEKS = 8
# Few hours that hold so much of the excess are its hours.
_RETURNING_SHARE = 0.75
_WANDERING_P, _WANDERING_M, _ORDERS = 0.001, 150.0, 1_999
_REACH_SHARE = 0.9
_RECENT_WEEKS = 4
# What wanders is followed from week to week no farther than this.
_STEP_M = 400.0

_Stop = tuple[float, float, int]


@dataclass(frozen=True, slots=True)
class FindingOptions:
    """How cases are read.

    Parameters
    ----------
    level
        Largest probability of any finding at all where there is none.
    near_m, within_h
        Cases of a category no farther apart than this tell of one occasion.
    seed
        Of the orders a wandering is held against.
    """

    level: float = 0.01
    near_m: float = 50.0
    within_h: float = 12.0
    seed: int = 0

    def __post_init__(self) -> None:
        if not 0 < self.level < 1:
            raise ValueError(f"level must lie between 0 and 1, not {self.level}")
        if not (self.near_m > 0 and self.within_h > 0):
            raise ValueError("near_m and within_h must be above 0")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is more than chance, with the facts of its sentence.

    Parameters
    ----------
    kind
        ``growing`` at one place, ``returning`` there at hours of the week, or ``wandering``.
    lng, lat, reach_m
        Where, degrees; of what wanders, where it was last. Nine of ten cases lie within the reach.
    since, last
        First day of the weeks it was found in, None for as far back as the cases go; day of its
        last case.
    block
        The hours of the week it was found in, None for all.
    cases, occasions, expected
        How many in these hours since then; how many different occasions they tell of; how many
        cases there were if the place had as large a share of the city's as at other times.
    by_week
        The cases of each week since then, the last one ending today.
    way
        Of what wanders, its place week by week: longitude, latitude.
    p
        Probability of as much anywhere, at any time, in any category, were there nothing.
    """

    category: str
    kind: Kind
    lng: float
    lat: float
    reach_m: float
    since: np.datetime64 | None
    last: np.datetime64
    block: Block | None
    cases: int
    occasions: int
    expected: float
    by_week: tuple[int, ...]
    way: tuple[tuple[float, float], ...]
    p: float


@dataclass(frozen=True, slots=True)
class Findings:
    """Findings, the least likely first; how many tests they are corrected for; what was lacking."""

    found: tuple[Finding, ...]
    tests: float
    lack: Lack | None = None


def find(
    cases: CityCases,
    outline: shapely.Geometry,
    now: np.datetime64,
    options: FindingOptions | None = None,
) -> Findings:
    """What stands out today.

    Parameters
    ----------
    outline
        The city, degrees; cases beyond it or after today are left out.
    now
        By the city's wall clock; the last week ends with its day.
    """
    options = options or FindingOptions()
    known = TodaysCases.of(cases, outline, now, near_m=options.near_m, within_h=options.within_h)
    if not len(known.week):
        return Findings((), 0.0, "no_cases")
    if known.week.max() + 1 < LEAST_WEEKS:
        return Findings((), 0.0, "too_short")
    signals = signals_of(known.moments(len(cases.categories)), level=options.level)
    log_tests = math.log(signals.tests)
    found = []
    for category in sorted({signal.category for signal in signals.found}):
        own = [signal for signal in signals.found if signal.category == category]
        of_category = known.of_category(category)
        sites = sites_of(of_category, own)
        for site in sites:
            log_p = min(0.0, log_tests + max(site.log_p, log_p_of_unrest(of_category, site, sites)))
            is_news = _goes_on(of_category, site) and not _is_the_place(of_category, site)
            if is_news and log_p <= math.log(options.level):
                name = cases.categories[category]
                found.append(_told(name, of_category, site, math.exp(log_p), options))
    return Findings(tuple(sorted(found, key=lambda one: one.p)), signals.tests)


def _goes_on(known: TodaysCases, site: Site) -> bool:
    """Whether the last weeks have at least a quarter of what its weeks had on average."""
    ago = known.week[site.is_near(known) & site.is_then(known)]
    recent = min(_RECENT_WEEKS, site.circle.weeks)
    return bool((ago < recent).sum() / recent >= len(ago) / site.circle.weeks / 4)


def _is_the_place(known: TodaysCases, site: Site) -> bool:
    """Whether other hours than the city's, many of them and all along, are what the place is."""
    return site.is_all_along(known) and not site.has_few_hours


def _told(name: str, known: TodaysCases, site: Site, p: float, options: FindingOptions) -> Finding:
    near, then = site.is_near(known), site.is_then(known)
    held = near & then
    first = held & known.is_occasion
    x, y, reach_of = site.circle.x_m, site.circle.y_m, held
    kind: Kind = "growing"
    way: list[_Stop] = []
    if _is_returning(known, site, near):
        kind = "returning"
    if _is_wandering(known.x_m[first], known.y_m[first], options):
        kind = "wandering"
        way = _way(known, held, site)
        # Where it was last, not where it was on the whole.
        x, y, _ = way[-1]
        reach_of = _beside(known, way[-1]) & is_in_hours(known, site.block)
    away_m = np.hypot(known.x_m[reach_of] - x, known.y_m[reach_of] - y)
    lng, lat = known.plane.to_degrees(x, y)
    weeks = np.timedelta64(7 * site.circle.weeks - 1, "D")
    return Finding(
        category=name,
        kind=kind,
        lng=lng,
        lat=lat,
        reach_m=float(np.quantile(away_m, _REACH_SHARE)),
        since=None if site.is_all_along(known) else known.today - weeks,
        last=known.today + np.floor(known.hours[held].max() / 24).astype("m8[D]"),
        block=site.block,
        cases=int(held.sum()),
        occasions=int(first.sum()),
        expected=expected_count(near, site.is_then(known)),
        by_week=tuple(np.bincount(known.week[held], minlength=site.circle.weeks)[::-1].tolist()),
        way=tuple(known.plane.to_degrees(x_m, y_m) for x_m, y_m, _ in way),
        p=p,
    )


def _way(known: TodaysCases, held: Flags, site: Site) -> list[_Stop]:
    """Its place of each week, the earliest first, followed on beyond the circle to today."""
    way = [_stop(known, held & (known.week == week), week) for week in np.unique(known.week[held])]
    way.reverse()
    enough = max(2.0, len(known.week[held]) / len(way) / 3)
    told = is_in_hours(known, site.block)
    for week in range(way[-1][2] - 1, -1, -1):
        x, y, _ = way[-1]
        beside = _beside(known, (x, y, week)) & told
        if beside.sum() >= enough:
            way.append(_stop(known, beside, week))
    return way


def _stop(known: TodaysCases, told: Flags, week: int) -> _Stop:
    return float(np.median(known.x_m[told])), float(np.median(known.y_m[told])), int(week)


def _beside(known: TodaysCases, stop: _Stop) -> Flags:
    """Cases of a stop's week that are no farther off than it may move in one."""
    x, y, week = stop
    away_m = np.hypot(known.x_m - x, known.y_m - y)
    beside: Flags = (away_m <= _STEP_M) & (known.week == week)
    return beside


def _is_returning(known: TodaysCases, site: Site, near: Flags) -> bool:
    """Whether nearly all that is more than usual falls into few hours of the week."""
    if not site.has_few_hours or site.is_all_along(known):
        return site.has_few_hours
    lately, then = known.week < site.circle.weeks, site.is_then(known)
    excess = (near & lately).sum() - expected_count(near, lately)
    return bool((near & then).sum() - expected_count(near, then) >= _RETURNING_SHARE * excess)


def _is_wandering(x_m: Floats, y_m: Floats, options: FindingOptions) -> bool:
    """Whether the cases, in order of time, move on, and how far they came."""
    few = max(3, len(x_m) // 5)
    if len(x_m) < 2 * few:
        return False
    way_m = np.median([x_m[-few:], y_m[-few:]], axis=1) - np.median([x_m[:few], y_m[:few]], axis=1)
    if np.hypot(*way_m) < _WANDERING_M:
        return False
    rng = np.random.default_rng(options.seed)
    return p_of_order(x_m, y_m, draws=_ORDERS, rng=rng) <= _WANDERING_P
