"""Ground that shapes drawn side by side leave over, claim twice or take beside their region."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from boundaries.draft_coverage import DraftCoverage
from boundaries.editing.handing_over import NOBODY, Handed, cut_off, m2_of, place_of, reassigned
from boundaries.refusals import Refused
from boundaries.steps import all_to_degrees
from gis.adjacency import Adjacency, adjacency_of
from gis.measures import length_m

MOST_WIDE_M = 0.02
"""A strip of this width is an error of drawing, of a file's digits or of a projection."""

_WORDS = {
    "region_uncovered": "None of the shapes covers this ground, which has to be some grid's.",
    "region_overlap": "Two of the shapes cover this ground.",
    "region_beyond": "The shapes take ground of a grid that is none of theirs.",
    "outline_fixed": "The shapes go beyond the outline of the city, which moves by an operation"
    " of its own.",
}


@dataclass(frozen=True, slots=True)
class Loose:
    """A face that no shape has for itself.

    ``among`` are the grids it may go to; none where it stays whose it is.
    """

    face: int
    code: str
    among: tuple[str, ...] = ()


def settled(
    coverage: DraftCoverage, handed: Handed, loose: Sequence[Loose], keys: Collection[str]
) -> Handed:
    """Give loose faces to the neighbour with the longest edge among those that may have them.

    Raises
    ------
    Refused
        What the first loose face is called that is wider than 2 cm.
    """
    if not loose:
        return handed
    for code in _WORDS:
        wide = [
            each.face for each in loose if each.code == code and not _thin(coverage, handed, each)
        ]
        if wide:
            raise Refused(code, _WORDS[code], place_of(handed, wide))
    borders = adjacency_of(np.asarray(handed.ground.faces, dtype=object))
    waiting = {each.face: each.among for each in loose if each.among}
    handed = _given(handed, borders, waiting, keys)
    for key in sorted(keys):
        pieces = cut_off(coverage, handed, key)
        strips = [piece for piece in pieces if _width_m(coverage, handed, piece) <= MOST_WIDE_M]
        for strip in strips:
            others = tuple(each for each in keys if each != key)
            handed = reassigned(handed, strip, NOBODY)
            handed = _given(handed, borders, dict.fromkeys(strip, others), keys)
    return handed


def _given(
    handed: Handed,
    borders: Adjacency,
    waiting: dict[int, tuple[str, ...]],
    keys: Collection[str],
) -> Handed:
    """Faces to their neighbours, one after the other, so that one can follow another."""
    owners = list(handed.owners)
    while waiting:
        for at, among in waiting.items():
            lengths: dict[str, float] = {}
            run = slice(borders.start[at], borders.start[at + 1])
            neighbours = borders.neighbour[run].tolist()
            for other, length in zip(neighbours, borders.length[run].tolist(), strict=True):
                owner = owners[other]
                if owner is not None and owner in keys:
                    lengths[owner] = lengths.get(owner, 0.0) + length
            # Of those that claim it if one of them touches it.
            offered = [code for code in lengths if code in among] or list(lengths)
            if offered:
                owners[at] = min(offered, key=lambda code: (-lengths[code], code))
                del waiting[at]
                break
        else:
            raise Refused(
                "region_uncovered", _WORDS["region_uncovered"], place_of(handed, list(waiting))
            )
    return Handed(handed.ground, owners, handed.describe)


def _thin(coverage: DraftCoverage, handed: Handed, loose: Loose) -> bool:
    return _width_m(coverage, handed, [loose.face]) <= MOST_WIDE_M


def _width_m(coverage: DraftCoverage, handed: Handed, faces: Iterable[int]) -> float:
    """How wide the widest of some faces is, were it a strip."""
    widths = []
    for at in faces:
        (shape,) = all_to_degrees([handed.ground.faces[at]])
        around_m = float(length_m([shapely.boundary(shape)], coverage.crs)[0])
        widths.append(2 * m2_of(coverage, handed, [at]) / around_m)
    return max(widths)
