"""The tables of an impact as HTML: who gets what, the grids before and after, the lineage."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import jinja2

from boundaries.succession.impact import GridFigures, Impact, by_person
from boundaries.succession.impact_words import Words

M2_IN_A_HECTARE = 10_000
_TEMPLATES = jinja2.Environment(
    loader=jinja2.PackageLoader("boundaries.succession", ""),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=jinja2.StrictUndefined,
)

Was = str | None


def impact_tables(impact: Impact, *, title: str, instant: str, words: Words) -> str:
    """The tables; whatever a name holds is text in them."""
    return _TEMPLATES.get_template("impact_panel.html").render(
        title=title,
        instant=instant,
        words=words,
        figures=_figures(impact, words),
        hands=by_person([move for move in impact.moves if move.changes_person]),
        follow=_follow(impact, words),
        grids=_grids(impact.before, impact.after),
        lineage=[
            (row.old, row.new, percent(row.area_share), percent(row.households_share))
            for row in sorted(impact.lineage, key=lambda row: (row.old, -row.area_share, row.new))
        ],
    )


def _figures(impact: Impact, words: Words) -> list[tuple[str, str]]:
    cases = len(impact.moves_of("cases"))
    people = {
        person.code
        for move in impact.moves
        if move.changes_person
        for person in (move.person_from, move.person_to)
        if person is not None
    }
    return [
        (words.grids, f"{len(impact.before)} → {len(impact.after)}"),
        (words.cases, f"{cases:,}"),
        (words.posts, f"{len(impact.moves) - cases:,}"),
        (words.people, f"{len(people):,}"),
    ]


def _follow(impact: Impact, words: Words) -> list[tuple[str, int]]:
    """How much of each list goes with its person to another grid."""
    kept = Counter(move.holder for move in impact.moves if not move.changes_person)
    return [(words.holders.get(holder, holder), kept[holder]) for holder in sorted(kept)]


def _grids(
    before: Sequence[GridFigures], after: Sequence[GridFigures]
) -> list[tuple[str, str, list[tuple[Was, Was]]]]:
    was, now = ({each.code: each for each in side} for side in (before, after))
    rows = []
    for code in sorted(was.keys() | now.keys()):
        old, new = was.get(code), now.get(code)
        named: Any = new or old
        rows.append((code, named.name, list(zip(_told(old), _told(new), strict=True))))
    return rows


def _told(grid: GridFigures | None) -> list[Was]:
    if grid is None:
        return [None] * 4
    return [hectares(grid.area_m2), count(grid.households), f"{grid.load:,}", f"{grid.staff:,}"]


def hectares(area_m2: float) -> str:
    """An area in hectares."""
    return f"{area_m2 / M2_IN_A_HECTARE:,.2f}"


def count(figure: float | None) -> Was:
    """A figure in whole numbers; none where nobody counted."""
    return None if figure is None else f"{figure:,.0f}"


def percent(share: float | None) -> str:
    """A share in percent, a dash where it is not known."""
    return "—" if share is None else f"{share:.1%}"
