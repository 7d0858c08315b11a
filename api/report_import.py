"""Importing a file of reports: read, placed and stored chunk by chunk.

While chunks are copied into the database the next is read, so that Python and
PostgreSQL work side by side.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Hashable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

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
from gis.store.rejoin import enter_as_case_writer
from gis.store.staff import posts_during

CHANNEL = "import"
# Copying is bound by one PostgreSQL process per chunk, about 20 µs a report; two of
# them keep two cores busy. A chunk holds about 20,000 reports.
STORED_AT_ONCE = 2

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
    reasons: Counter[Hashable] = field(default_factory=Counter)
    flagged: Counter[Hashable] = field(default_factory=Counter)


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
    storing: dict[asyncio.Task[None], Mapping[str, bytes]] = {}
    async with _transactions(into) as open_transaction:
        try:
            async for chunk in _read_ahead(file.chunks(rules)):
                while len(storing) >= (1 if into.strict else STORED_AT_ONCE):
                    await _first_stored(storing)
                fresh = await _sorted_out(open_transaction, chunk, storing, rejects, tally)
                storing[
                    asyncio.create_task(
                        _store(open_transaction, fresh, chunk, rules, into, tally, on_chunk)
                    )
                ] = dict(zip(fresh["external_id"], fresh["content_hash"], strict=True))
            while storing:
                await _first_stored(storing)
        finally:
            for task in storing:
                task.cancel()
            await asyncio.gather(*storing, return_exceptions=True)
        if into.strict and tally.rejected:
            raise BadInput(
                "rows_rejected",
                f"{tally.rejected:,} {'row was' if tally.rejected == 1 else 'rows were'} rejected,"
                " so nothing was imported.",
                rejected=tally.rejected,
            )
    return tally


async def _first_stored(storing: dict[asyncio.Task[None], Mapping[str, bytes]]) -> None:
    """Wait until one chunk more is stored; its error, if any, is raised."""
    done, _ = await asyncio.wait(storing, return_when=asyncio.FIRST_COMPLETED)
    for task in done:
        del storing[task]
        await task


async def _sorted_out(
    open_transaction: OpenTransaction,
    chunk: ReportChunk,
    storing: Mapping[asyncio.Task[None], Mapping[str, bytes]],
    rejects: RejectsFile,
    tally: Tally,
) -> pd.DataFrame:
    """The chunk's rows that are new; the others are counted or written to the rejects."""
    ids = chunk.accepted["external_id"].tolist()
    known = {id_: content for ids_of in storing.values() for id_, content in ids_of.items()}
    async with open_transaction() as tx:
        stored = await reports.known_reports(tx, CHANNEL, ids)
    known |= {id_: report.content_hash for id_, report in stored.items()}
    identity = settle(ids, chunk.accepted["content_hash"], known)
    conflicts = chunk.refused(identity == Identity.ID_CONFLICT, ReportFault.ID_CONFLICT)
    turned_away = sorted(chunk.rejects + conflicts, key=lambda reject: reject.line)
    rejects.write(turned_away)
    tally.read += chunk.read
    tally.unchanged += int((identity == Identity.UNCHANGED).sum())
    tally.rejected += len(turned_away)
    fresh: pd.DataFrame = chunk.accepted[identity == Identity.NEW]
    return fresh.reset_index(drop=True)


async def _store(
    open_transaction: OpenTransaction,
    fresh: pd.DataFrame,
    chunk: ReportChunk,
    rules: ReportRules,
    into: ImportInto,
    tally: Tally,
    on_chunk: Callable[[int], None],
) -> None:
    if len(fresh):
        async with open_transaction() as tx:
            rows = await _placed(tx, fresh, chunk.categories, rules, into)
            await reports.add_reports(tx, rows)
            await journal.append(
                tx,
                actor="command",
                kind="reports.imported",
                subject=f"file/{into.subject}",
                after={"imported": len(fresh), "from_line": int(fresh["line"].iloc[0])},
            )
        tally.imported += len(fresh)
        tally.reasons.update(dict(rows["grid_reason"].value_counts().items()))
        tally.flagged.update(dict(rows["time_flag"].value_counts().items()))
    on_chunk(chunk.read)


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
    await enter_as_case_writer(tx)
    # Not when the file was begun: a version may have taken effect since.
    now = max(datetime.now(UTC), rules.now)
    locators = await into.locators.between(tx, first, now)
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
        now=utc(now),
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
