"""What a version would change: who gets what from whom, and each grid before and after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from boundaries.succession.lineage import CodedPolygons, Descent


@dataclass(frozen=True, slots=True)
class Person:
    """A member of staff."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Move:
    """Something bound to a grid that is bound to another one afterwards.

    Parameters
    ----------
    holder
        Which list it is of: ``cases``, ``assignments``, ``duties``.
    row_id
        Number of the case, id of the assignment or duty.
    person_from, person_to
        Who has it before and afterwards; None for nobody. A post is its person's wherever
        it goes, and nobody's when it ends.
    role
        In which the person afterwards (or, where there is none, before) has it.
    grid_from, grid_to
        Codes; None is outside of all grids, or for a post that it ends.
    start, stop
        Interval of a post, ``[start, stop)``; None is an open end, and none for a case.
    place
        Longitude and latitude of a case (EPSG:4326); None for a post.
    """

    holder: str
    row_id: int
    person_from: Person | None
    person_to: Person | None
    role: str | None
    grid_from: str | None
    grid_to: str | None
    start: datetime | None = None
    stop: datetime | None = None
    place: tuple[float, float] | None = None

    @property
    def changes_person(self) -> bool:
        """Whether somebody else has it afterwards."""
        return self.person_from != self.person_to


@dataclass(frozen=True, slots=True)
class GridFigures:
    """A grid as planners weigh it.

    ``households`` and ``population`` are None where nobody counted; ``load`` are the cases of
    the last year on its ground, each as it was reported, ``staff`` the people with a post in
    it at the instant.
    """

    code: str
    name: str
    kind: str
    community: str
    township: str
    area_m2: float
    households: float | None
    population: float | None
    load: int
    staff: int


@dataclass(frozen=True, slots=True)
class Impact:
    """What publishing would change.

    ``before`` and ``after`` are the grids that changed, by code, with their polygons in
    ``shapes_before`` and ``shapes_after``. Grids of which only name, kind or parents changed,
    or that only got a corner on an edge, are not among them: nothing is bound to those.
    """

    at: datetime
    before: tuple[GridFigures, ...]
    after: tuple[GridFigures, ...]
    lineage: tuple[Descent, ...]
    moves: tuple[Move, ...]
    shapes_before: CodedPolygons
    shapes_after: CodedPolygons

    def moves_of(self, holder: str) -> Sequence[Move]:
        """The moves of one list of holders."""
        return [move for move in self.moves if move.holder == holder]


@dataclass(frozen=True, slots=True)
class HandedBetween:
    """How many things of one list go from one person to another."""

    holder: str
    person_from: Person | None
    person_to: Person | None
    count: int


def by_person(moves: Sequence[Move]) -> tuple[HandedBetween, ...]:
    """Moves summed by list and persons, in that order; nobody comes first."""
    counts: dict[tuple[str, Person | None, Person | None], int] = {}
    for move in moves:
        key = (move.holder, move.person_from, move.person_to)
        counts[key] = counts.get(key, 0) + 1

    def order(entry: HandedBetween) -> tuple[str, str, str]:
        people = (entry.person_from, entry.person_to)
        first, second = ("" if person is None else person.code for person in people)
        return entry.holder, first, second

    return tuple(sorted((HandedBetween(*key, count) for key, count in counts.items()), key=order))
