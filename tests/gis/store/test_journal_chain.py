"""The chain of hashes: any change to what was said, or to the order, shows where it was made."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from gis.store.journal_chain import NO_HASH, JournalEntry, Stamped, chained, verify_chain

words = st.text(max_size=8)
values = st.none() | words
entries = st.builds(
    JournalEntry,
    id=st.integers(1, 2**63 - 1),
    at=st.datetimes(timezones=st.just(UTC)),
    actor=words,
    kind=words,
    subject=words,
    before=values,
    after=values,
)
journals = st.lists(entries, min_size=1, max_size=6)


def stamped(journal: list[JournalEntry]) -> list[Stamped]:
    rows, previous = [], NO_HASH
    for position, entry in enumerate(journal, start=1):
        previous = chained(previous, entry)
        rows.append(Stamped(position, previous, entry))
    return rows


@given(journals)
def test_an_untouched_chain_holds(journal: list[JournalEntry]) -> None:
    assert verify_chain(stamped(journal)) == 0


@given(st.data(), journals, entries)
def test_a_row_that_says_something_else_breaks_the_chain_at_its_place(
    data: st.DataObject, journal: list[JournalEntry], other: JournalEntry
) -> None:
    rows = stamped(journal)
    at = data.draw(st.integers(0, len(rows) - 1))
    if other == journal[at]:
        return
    rows[at] = replace(rows[at], entry=other)
    assert verify_chain(rows) == at + 1


@given(st.data(), journals)
def test_a_row_taken_out_breaks_the_chain_where_it_stood(
    data: st.DataObject, journal: list[JournalEntry]
) -> None:
    rows = stamped(journal)
    at = data.draw(st.integers(0, len(rows) - 1))
    del rows[at]
    # Nothing stands after the last row: that it is gone, a later hash kept elsewhere tells.
    assert verify_chain(rows) == (0 if at == len(journal) - 1 else at + 1)


@given(journals)
def test_a_chain_is_verified_in_pieces_as_in_one(journal: list[JournalEntry]) -> None:
    rows = stamped(journal)
    middle = len(rows) // 2
    before = rows[middle - 1].hash if middle else NO_HASH
    assert verify_chain(rows[:middle]) == 0
    assert verify_chain(rows[middle:], position=middle, previous=before) == 0


def test_the_zone_in_which_an_instant_is_told_does_not_matter() -> None:
    entry = JournalEntry(1, datetime(2026, 11, 22, 8, tzinfo=UTC), "a", "k", "s", None, None)
    elsewhere = replace(entry, at=entry.at.astimezone(timezone(timedelta(hours=8))))
    assert chained(NO_HASH, entry) == chained(NO_HASH, elsewhere)
