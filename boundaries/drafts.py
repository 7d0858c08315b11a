"""Working on a draft: its coverage at a revision, and one operation, undo or redo of it.

The base version never changes and every operation keeps what it made, byte for byte: so
undo is exact, and a coverage is the base with the last that was made of each grid.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import pyproj
import shapely

from boundaries.codes import CodeIssuer, CodeRule
from boundaries.draft_coverage import DraftCoverage, DraftGrid
from boundaries.intake import measuring_crs
from boundaries.operation_json import read_operation
from boundaries.operations import Applied, Limits, apply
from boundaries.refusals import Refused
from gis.errors import Conflict, NotFound
from gis.store import drafts as store
from gis.store.drafts import DraftRow, GridChange, OperationRow
from gis.store.engine import Transaction
from gis.store.grids import load_grids

KEPT_DRAFTS = 16
"""Coverages of drafts kept in a process: 5 MB each beside those of their base."""
KEPT_BASES = 2


@dataclass(frozen=True, slots=True)
class Planning:
    """What the city lays down for drafts; ``metric_crs`` names the CRS that measures."""

    codes: CodeRule
    limits: Limits
    metric_crs: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """What a change of a draft came to: the grids that are others now, the codes now gone."""

    revision: int
    changed: tuple[DraftGrid, ...]
    retired: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Carried:
    """An operation as it was asked for, the codes it gave, and what it came to."""

    asked: dict[str, Any]
    codes: tuple[str, ...]
    applied: Applied


@dataclass(frozen=True, slots=True)
class Who:
    """Who does something to a draft, and when."""

    name: str
    at: datetime


_Edition = tuple[int, datetime]
"""Revision, and when it was made: one that was rolled back is made again, at another time."""


class Drafts:
    """The drafts of one city, as one process knows them."""

    def __init__(self, planning: Planning) -> None:
        self._planning = planning
        self._bases: OrderedDict[int, DraftCoverage] = OrderedDict()
        self._reading = asyncio.Lock()
        self._coverages: OrderedDict[int, tuple[_Edition, DraftCoverage]] = OrderedDict()
        self._ever: tuple[int, frozenset[str]] = 0, frozenset()

    async def coverage(self, tx: Transaction, draft: DraftRow) -> DraftCoverage:
        """The coverage of a draft as it is at its revision."""
        kept = self._coverages.get(draft.id)
        if kept is not None and kept[0] == (draft.revision, draft.changed_at):
            self._coverages.move_to_end(draft.id)
            return kept[1]
        coverage = await self.coverage_at(tx, draft, draft.applied)
        self._keep(draft.id, (draft.revision, draft.changed_at), coverage)
        return coverage

    async def coverage_at(self, tx: Transaction, draft: DraftRow, applied: int) -> DraftCoverage:
        """The coverage of a draft after so many of its operations."""
        base = await self.base(tx, draft.base_version_id)
        return with_made(base, await store.changes_of(tx, draft.id, applied))

    async def base(self, tx: Transaction, version_id: int) -> DraftCoverage:
        """The coverage of a version."""
        # A page asks for several things of a draft at once: the first of them reads.
        async with self._reading:
            if version_id not in self._bases:
                frame = await load_grids(tx, version_id)
                crs: pyproj.CRS = measuring_crs(frame, self._planning.metric_crs)
                self._bases[version_id] = await asyncio.to_thread(DraftCoverage.of, frame, crs)
                while len(self._bases) > KEPT_BASES:
                    self._bases.popitem(last=False)
            return self._bases[version_id]

    async def _codes_ever(self, tx: Transaction) -> frozenset[str]:
        """Every code a grid of any version has had; read again when there are more."""
        last = await store.last_grid_id(tx)
        if self._ever[0] != last:
            self._ever = last, await store.codes_ever(tx)
        return self._ever[1]

    async def operate(
        self,
        tx: Transaction,
        draft: DraftRow,
        asked: dict[str, Any],
        *,
        who: Who,
        note: str,
        allowed: Callable[[DraftCoverage, Applied], None],
    ) -> Step:
        """Carry out an operation on a locked draft and keep it.

        Parameters
        ----------
        asked
            The operation as JSON.
        allowed
            Raises where who asked may not change these grids.

        Raises
        ------
        Refused, NotFound
            Of the operation.
        """
        refuse_unless_open(draft)
        operation = read_operation(asked)
        before = await self.coverage(tx, draft)
        taken = await self.taken_codes(tx)
        codes = CodeIssuer(self._planning.codes, lambda code: code in before.grids or taken(code))
        applied = await asyncio.to_thread(apply, before, operation, codes, self._planning.limits)
        allowed(before, applied)
        carried = Carried(asked, tuple(codes.issued), applied)
        revision = await self.keep(tx, draft, [carried], who=who, note=note)
        return Step(revision, applied.changed, applied.retired)

    async def taken_codes(self, tx: Transaction) -> Callable[[str], bool]:
        """Whether a code was ever given or is reserved; nobody else reserves one meanwhile."""
        await store.lock_codes(tx)
        ever = await self._codes_ever(tx)
        reserved = await store.reserved_codes(tx)
        return lambda code: code in ever or code in reserved

    async def keep(
        self, tx: Transaction, draft: DraftRow, done: Sequence[Carried], *, who: Who, note: str
    ) -> int:
        """Keep operations that were carried out on a locked draft; its revision then.

        Parameters
        ----------
        done
            One at least, each on what the one before it made; the first on the draft as it is.
        """
        refuse_unless_open(draft)
        await store.reserve_codes(tx, draft.id, [code for each in done for code in each.codes])
        rows = [
            OperationRow(place, each.asked, each.codes, note, who.name, who.at)
            for place, each in enumerate(done, start=draft.applied)
        ]
        made = [made_by(each.applied) for each in done]
        await store.append_operations(tx, draft.id, list(zip(rows, made, strict=True)))
        revision = await store.change_draft(
            tx, draft.id, by=who.name, at=who.at, applied=draft.applied + len(done)
        )
        self._keep(draft.id, (revision, who.at), done[-1].applied.coverage)
        return revision

    async def step(
        self,
        tx: Transaction,
        draft: DraftRow,
        by: int,
        *,
        who: Who,
        allowed: Callable[[DraftCoverage, Applied], None],
    ) -> Step:
        """Undo (``by`` -1) or redo (1) one operation of a locked draft.

        Parameters
        ----------
        allowed
            Raises where who asked may not change these grids.

        Raises
        ------
        Conflict
            ``nothing_to_undo``, ``nothing_to_redo``.
        """
        refuse_unless_open(draft)
        applied = draft.applied + by
        if not 0 <= applied <= draft.operations:
            word = "undo" if by < 0 else "redo"
            raise Conflict(f"nothing_to_{word}", f"There is nothing to {word} in this draft.")
        touched = await store.codes_changed_by(tx, draft.id, min(draft.applied, applied))
        before = await self.coverage(tx, draft)
        coverage = await self.coverage_at(tx, draft, applied)
        changed = tuple(coverage.grids[code] for code in touched if code in coverage.grids)
        retired = tuple(code for code in touched if code not in coverage.grids)
        allowed(before, Applied(coverage, changed, retired))
        revision = await store.change_draft(tx, draft.id, by=who.name, at=who.at, applied=applied)
        self._keep(draft.id, (revision, who.at), coverage)
        return Step(revision, changed, retired)

    async def rebase(
        self, tx: Transaction, draft: DraftRow, version_id: int, *, who: Who, leave_out: bool
    ) -> tuple[int, list[tuple[OperationRow, Refused | NotFound]]]:
        """Put a locked draft on another version, its operations replayed there one by one.

        Its undone operations are dropped. Answers the revision and the operations that no
        longer fit, with why; where there are some nothing is changed unless they may be left
        out.
        """
        refuse_unless_open(draft)
        rows = (await store.operations_of(tx, draft.id))[: draft.applied]
        coverage = await self.base(tx, version_id)
        await store.lock_codes(tx)
        ever = await self._codes_ever(tx)
        reserved = await store.reserved_codes(tx)
        own = {code for row in rows for code in row.codes}
        kept: list[tuple[OperationRow, Applied]] = []
        unfit: list[tuple[OperationRow, Refused | NotFound]] = []
        for row in rows:
            codes = _Replayed(
                self._planning.codes,
                row.codes,
                _taken(ever, reserved - own, coverage),
            )
            try:
                applied = await asyncio.to_thread(
                    apply, coverage, read_operation(row.operation), codes, self._planning.limits
                )
            except (Refused, NotFound) as refusal:
                unfit.append((row, refusal))
                continue
            coverage = applied.coverage
            kept.append((replace(row, place=len(kept), codes=tuple(codes.issued)), applied))
        if unfit and not leave_out:
            return draft.revision, unfit
        await store.forget_operations(tx, draft.id, 0)
        new = {code for row, _ in kept for code in row.codes}
        await store.reserve_codes(tx, draft.id, sorted(new - reserved))
        for row, applied in kept:
            await store.append_operation(tx, draft.id, row, made_by(applied))
        revision = await store.change_draft(
            tx,
            draft.id,
            by=who.name,
            at=who.at,
            applied=len(kept),
            base_version_id=version_id,
        )
        self._keep(draft.id, (revision, who.at), coverage)
        return revision, unfit

    def _keep(self, draft_id: int, edition: _Edition, coverage: DraftCoverage) -> None:
        self._coverages[draft_id] = edition, coverage
        self._coverages.move_to_end(draft_id)
        while len(self._coverages) > KEPT_DRAFTS:
            self._coverages.popitem(last=False)


def _taken(
    ever: frozenset[str], reserved: frozenset[str], coverage: DraftCoverage
) -> Callable[[str], bool]:
    return lambda code: code in ever or code in reserved or code in coverage.grids


class _Replayed(CodeIssuer):
    """Gives the codes an operation had before, as long as they may be given, else others."""

    def __init__(self, rule: CodeRule, before: Sequence[str], taken: Callable[[str], bool]) -> None:
        super().__init__(rule, taken)
        self._before = list(before)
        self._may = taken

    def new(self, community: str, kind: str, old: str) -> str:
        while self._before:
            code = self._before.pop(0)
            if not self._may(code) and code not in self.issued:
                self.issued.append(code)
                return code
        return super().new(community, kind, old)


def refuse_unless_open(draft: DraftRow) -> None:
    """Refuse to change a draft that was handed in.

    Raises
    ------
    Conflict
        ``draft_not_open``.
    """
    if draft.state != "open":
        raise Conflict(
            "draft_not_open",
            f"This draft is {draft.state}; it cannot be changed.",
            state=draft.state,
        )


def with_made(base: DraftCoverage, made: Iterable[GridChange]) -> DraftCoverage:
    """A version's coverage with what the operations of a draft made."""
    changed, retired = [], []
    for change in made:
        if change.shape is None:
            if change.code in base.grids:
                retired.append(change.code)
            continue
        shape: Any = shapely.from_wkb(change.shape)
        changed.append(
            DraftGrid(
                change.code,
                str(change.name),
                str(change.kind),
                str(change.community),
                shape,
            )
        )
    return base.with_changes(changed, retired)


def made_by(applied: Applied) -> list[GridChange]:
    """What an operation made, as a draft keeps it."""
    kept = [
        GridChange(grid.code, grid.name, grid.kind, grid.community, shapely.to_wkb(grid.geometry))
        for grid in applied.changed
    ]
    return kept + [GridChange(code, None, None, None, None) for code in applied.retired]
