"""Importing a file of reports: read, placed and stored chunk by chunk.

While one chunk is copied into the database the next is read, so that Python and
PostgreSQL work side by side.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field

import pandas as pd

from api.cases.case_rows import case_rows
from api.cases.identity import Identity, settle
from api.cases.rejects import RejectsFile
from api.cases.report_checks import ReportRules
from api.cases.report_faults import ReportFault
from api.cases.report_file import ReportFile
from api.cases.report_rows import ReportChunk
from api.known_categories import known_categories
from api.locating import utc
from api.locators import Locators
from api.profile import CityProfile
from gis.errors import BadInput
from gis.store import journal, reports
from gis.store.cities import add_categories
from gis.store.engine import CityEngine, Transaction, transaction
from gis.store.staff import posts_during
from gis.store.tile_shapes import bump

CHANNEL = "import"

OpenTransaction = Callable[[], AbstractAsyncContextManager[Transaction]]


@dataclass(frozen=True, slots=True)
class ImportInto:
    """The city a file goes into, and how.

    ``state`` is that of the cases: ``historic``, or ``received`` for ones to be
    handled. ``strict`` stores nothing when any row is rejected. ``subject`` names
    the file in the journal: a hash of its content.
    """

    engine: CityEngine
    profile: CityProfile
    locators: Locators
    state: str
    strict: bool
    subject: str


@dataclass(slots=True)
class Tally:
    """What became of the rows: ``read`` = ``imported`` + ``unchanged`` + ``rejected``."""

    read: int = 0
    imported: int = 0
    unchanged: int = 0
    rejected: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    flagged: Counter[str] = field(default_factory=Counter)


async def import_reports(
    file: ReportFile,
    rules: ReportRules,
    rejects: RejectsFile,
    into: ImportInto,
    on_chunk: Callable[[int], None],
) -> Tally:
    """Import a file; ``on_chunk`` hears how many rows each stored chunk had.

    Each chunk commits by itself, so that a repeat completes an interrupted run.

    Raises
    ------
    BadInput
        ``rows_rejected`` with ``strict``: nothing was stored.
    """
    tally = Tally()
    async with _transactions(into) as open_transaction:
        async for chunk in _read_ahead(file.chunks(rules)):
            async with open_transaction() as tx:
                await _store(tx, chunk, rules, rejects, into, tally)
            on_chunk(chunk.read)
        if into.strict and tally.rejected:
            raise BadInput(
                "rows_rejected",
                f"{tally.rejected:,} rows were rejected, so nothing was imported.",
                rejected=tally.rejected,
            )
    return tally


async def _store(
    tx: Transaction,
    chunk: ReportChunk,
    rules: ReportRules,
    rejects: RejectsFile,
    into: ImportInto,
    tally: Tally,
) -> None:
    ids = chunk.accepted["external_id"].tolist()
    known = await reports.known_reports(tx, CHANNEL, ids)
    stored = {id_: report.content_hash for id_, report in known.items()}
    identity = settle(ids, chunk.accepted["content_hash"], stored)
    unchanged = identity == Identity.UNCHANGED
    conflicts = chunk.refused(identity == Identity.ID_CONFLICT, ReportFault.ID_CONFLICT)
    fresh = chunk.accepted[identity == Identity.NEW].reset_index(drop=True)
    turned_away = sorted(chunk.rejects + conflicts, key=lambda reject: reject.line)
    tally.read += chunk.read
    tally.imported += len(fresh)
    tally.unchanged += int(unchanged.sum())
    tally.rejected += len(turned_away)
    rejects.write(turned_away)
    if len(fresh):
        rows = await _placed(tx, fresh, chunk.categories, rules, into)
        await reports.add_reports(tx, rows)
        tally.reasons.update(rows["grid_reason"])
        tally.flagged.update(rows["time_flag"].dropna())
        await journal.append(
            tx,
            actor="command",
            kind="reports.imported",
            subject=f"file/{into.subject}",
            after={
                "imported": len(fresh),
                "unchanged": int(unchanged.sum()),
                "rejected": len(turned_away),
            },
        )
        await bump(tx, ["cases"])


async def _placed(
    tx: Transaction,
    fresh: pd.DataFrame,
    categories: frozenset[str],
    rules: ReportRules,
    into: ImportInto,
) -> pd.DataFrame:
    known = await known_categories(tx, into.profile)
    await add_categories(
        tx, {code: (code, code) for code in sorted(categories) if code not in known.by_code}
    )
    first = fresh["received_at"].min().to_pydatetime()
    last = fresh["received_at"].max().to_pydatetime()
    locators = await into.locators.between(tx, first, rules.now)
    posts = await posts_during(tx, first, last)
    return await asyncio.to_thread(
        case_rows,
        fresh,
        datum=rules.datum,
        locators=locators,
        posts=posts,
        roles=into.profile.duty.roles,
        category_of=known.get,
        state=into.state,
        now=utc(rules.now),
    )


@asynccontextmanager
async def _transactions(into: ImportInto) -> AsyncIterator[OpenTransaction]:
    """A transaction a chunk; with ``strict`` one for the whole file."""
    if not into.strict:
        yield lambda: transaction(into.engine)
        return
    async with transaction(into.engine) as whole:

        @asynccontextmanager
        async def the_same() -> AsyncIterator[Transaction]:
            yield whole

        yield the_same


async def _read_ahead(chunks: Iterator[ReportChunk]) -> AsyncIterator[ReportChunk]:
    """The chunks, each read in a thread while the one before it is stored."""
    reading = asyncio.create_task(asyncio.to_thread(next, chunks, None))
    while (chunk := await reading) is not None:
        reading = asyncio.create_task(asyncio.to_thread(next, chunks, None))
        yield chunk
