"""What was found in an edited coverage, as the operations of a draft."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from boundaries.comparing.communities import Region
from boundaries.comparing.edited_grids import EditedGrid
from boundaries.comparing.matching import Matched
from boundaries.draft_coverage import DraftCoverage
from boundaries.editing.region import DrawnGrid
from boundaries.operations import ChangeCommunity, Operation, Recode, RedrawRegion, Rename


@dataclass(frozen=True, slots=True)
class Step:
    """An operation and the rows it comes from; none for a grid that is only retired."""

    operation: Operation
    rows: tuple[EditedGrid, ...]


def by_old_code(matched: Matched) -> dict[str, EditedGrid]:
    """The rows that go on with a grid of the base, by the code it has there."""
    return matched.kept | {str(row.code): row for row in matched.changed}


def recodes(matched: Matched) -> list[Step]:
    """Grids of other codes on the ground they had."""
    return [
        Step(Recode(code, str(row.code)), (row,))
        for code, row in sorted(matched.kept.items())
        if row.code != code
    ]


def into_community(row: EditedGrid) -> Step:
    """A grid put into the community that its row names."""
    return Step(ChangeCommunity(str(row.code), str(row.community)), (row,))


def drawn_anew(base: DraftCoverage, region: Region, *, allow: bool) -> Step:
    """A region; ``allow``: it may move an edge between communities."""
    grids = []
    for each in region.drawn:
        row = each.row
        if row.code is not None and row.code in base.grids:
            kind = None if row.kind == base.grids[row.code].kind else row.kind
            grids.append(DrawnGrid(each.shape, row.code, kind=kind))
        else:
            grids.append(DrawnGrid(each.shape, row.code, row.name, row.kind, row.community))
    return Step(
        RedrawRegion(tuple(grids), region.retired, allow), tuple(each.row for each in region.drawn)
    )


def other_kinds(base: DraftCoverage, kept: Mapping[str, EditedGrid]) -> list[Step]:
    """Grids of another kind on the ground they had: drawn anew as they are."""
    return [
        Step(RedrawRegion((DrawnGrid(base.grids[code].geometry, row.code, kind=row.kind),)), (row,))
        for code, row in sorted(kept.items())
        if row.kind not in (None, base.grids[code].kind)
    ]


def renames(base: DraftCoverage, matched: Matched) -> list[Step]:
    """Grids of other names than they have once they are recoded."""
    steps = []
    for old, row in sorted(by_old_code(matched).items()):
        code, name = str(row.code), base.grids[old].name
        if name == old:
            # With its code such a name has followed already.
            name = code
        if row.name is not None and row.name != name:
            steps.append(Step(Rename(code, row.name), (row,)))
    return steps
