"""What is usual in the demo city: how often each kind of thing is reported, when and where.

The figures are made up to be plausible: more e-bikes charged indoors when it is cold,
water in the streets in the plum rains, stalls on weekend evenings.
"""

from __future__ import annotations

from dataclasses import dataclass

# Weights of the hours 0–23.
HOURS: dict[str, tuple[float, ...]] = {
    "day": (1, 1, 0.5, 0.5, 1, 2, 4, 8, 12, 13, 11, 9, 7, 8, 11, 12, 11, 10, 8, 6, 5, 4, 3, 2),
    "office": (0, 0, 0, 0, 0, 0, 0.5, 2, 10, 14, 13, 9, 4, 7, 13, 13, 11, 6, 2, 1, 1, 0.5, 0, 0),
    "rush": (0.5, 0.5, 0, 0, 0.5, 1, 4, 12, 12, 7, 5, 6, 6, 5, 5, 6, 9, 13, 11, 7, 4, 3, 2, 1),
    "dusk": (2, 1, 1, 1, 1, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 6, 13, 15, 13, 9, 5, 3),
    "evening": (2, 1, 0.5, 0, 0, 0.5, 1, 2, 2, 2, 2, 3, 4, 3, 2, 3, 4, 8, 13, 16, 15, 10, 6, 4),
    "night": (7, 4, 2, 1, 1, 1, 2, 2, 2, 2, 2, 3, 5, 4, 2, 2, 2, 3, 5, 9, 14, 18, 16, 11),
    "morning": (0, 0, 0, 0.5, 2, 6, 11, 14, 13, 10, 8, 7, 4, 3, 4, 5, 6, 6, 4, 2, 1, 1, 0.5, 0),
}
WEEK = (1.0,) * 7
OFFICE_WEEK = (1.25, 1.15, 1.1, 1.1, 1.1, 0.35, 0.3)
WEEKEND = (0.75, 0.75, 0.75, 0.8, 1.05, 1.5, 1.4)

YEAR = (1.0,) * 12
COLD = (2.1, 1.8, 1.2, 0.7, 0.5, 0.5, 0.7, 0.7, 0.6, 0.8, 1.3, 1.9)
WARM = (0.5, 0.5, 0.7, 1.0, 1.3, 1.4, 1.6, 1.6, 1.3, 1.0, 0.7, 0.5)
RAINY = (0.3, 0.4, 0.6, 0.6, 0.9, 3.4, 2.0, 1.5, 1.6, 0.5, 0.3, 0.2)
DARK = (1.4, 1.2, 1.0, 0.9, 0.7, 0.7, 0.7, 0.8, 1.0, 1.1, 1.3, 1.4)
DRY = (1.1, 0.9, 1.1, 1.1, 1.1, 0.6, 0.8, 0.9, 0.9, 1.3, 1.3, 1.1)
# Wages are asked for before the Spring Festival.
PAYDAY = (2.2, 1.2, 0.7, 0.8, 0.8, 0.9, 0.9, 0.9, 0.9, 0.9, 1.1, 1.5)


@dataclass(frozen=True, slots=True)
class Habit:
    """How a category behaves.

    Parameters
    ----------
    share
        Of all reports, relative to the other categories.
    hours
        One of ``HOURS``.
    week, year
        Factors Monday to Sunday, January to December.
    place
        Where it happens: ``home``, ``street``, ``road``, ``market``, ``river``, ``site``
        or ``works`` (see ``places``).
    urgent
        Share of urgent ones; None takes the profile's word for all.
    by_staff
        Share that comes from the staff's own rounds.
    """

    share: float
    hours: str = "day"
    week: tuple[float, ...] = WEEK
    year: tuple[float, ...] = YEAR
    place: str = "home"
    urgent: float | None = 0.04
    by_staff: float = 0.4


HABITS: dict[str, Habit] = {
    "fire_lane_blocked": Habit(5, "evening", WEEKEND, YEAR, "home", None, 0.35),
    "manhole_cover": Habit(2, "day", WEEK, WARM, "street", None, 0.45),
    "ebike_charging": Habit(8, "evening", WEEK, COLD, "home", None, 0.55),
    "gas_hazard": Habit(1.6, "day", WEEK, COLD, "home", None, 0.6),
    "fire_hazard": Habit(5, "office", OFFICE_WEEK, YEAR, "works", 0.12, 0.7),
    "garbage": Habit(14, "morning", WEEK, WARM, "home", 0.01, 0.35),
    "pavement_occupied": Habit(9, "evening", WEEKEND, WARM, "market", 0.01, 0.4),
    "street_light": Habit(5, "dusk", WEEK, DARK, "street", 0.02, 0.3),
    "abandoned_vehicle": Habit(2.2, "day", WEEK, YEAR, "street", 0.0, 0.4),
    "illegal_building": Habit(3, "office", OFFICE_WEEK, YEAR, "home", 0.02, 0.5),
    "river_debris": Habit(4, "morning", WEEK, WARM, "river", 0.02, 0.5),
    "flooding": Habit(1.8, "day", WEEK, RAINY, "street", None, 0.3),
    "road_damage": Habit(6, "rush", WEEK, YEAR, "road", 0.06, 0.35),
    "illegal_parking": Habit(11, "rush", WEEK, YEAR, "street", 0.03, 0.2),
    "noise": Habit(7, "night", WEEKEND, WARM, "home", 0.01, 0.1),
    "construction_site": Habit(3, "office", OFFICE_WEEK, DRY, "site", 0.05, 0.45),
    "food_safety": Habit(2.5, "day", WEEKEND, WARM, "market", 0.06, 0.5),
    "neighbour_dispute": Habit(3.5, "evening", WEEK, YEAR, "home", 0.06, 0.3),
    "labour_dispute": Habit(1.6, "office", OFFICE_WEEK, PAYDAY, "works", 0.1, 0.2),
    "property_dispute": Habit(2.2, "office", WEEK, YEAR, "home", 0.02, 0.25),
    "legal_advice": Habit(1.2, "office", OFFICE_WEEK, YEAR, "home", 0.0, 0.2),
    "policy_advice": Habit(2.6, "office", OFFICE_WEEK, YEAR, "home", 0.0, 0.2),
    "other": Habit(3, "day", WEEK, YEAR, "street", 0.02, 0.3),
}
# A category of another profile than the shipped one.
UNKNOWN = Habit(2)


def habit_of(category: str) -> Habit:
    """How a category behaves; one that is not known here as ``UNKNOWN``."""
    return HABITS.get(category, UNKNOWN)
