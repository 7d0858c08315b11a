from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.cases.content import HASH_BYTES, content_hash, content_hashes
from api.cases.identity import Identity, settle
from gis.datum import Datum

NOON = np.datetime64("2026-11-20T12:00:00", "us")
NONE = np.datetime64("NaT", "us")
SAME: dict[str, Any] = {
    "lng": 121.1,
    "lat": 30.0,
    "datum": Datum.WGS84,
    "client_time": NOON,
    "category": "noise",
    "accuracy_m": 10.0,
    "description": "loud",
    "key": b"k",
}


@pytest.mark.parametrize(
    ("part", "other"),
    [
        ("lng", np.nextafter(121.1, 122)),
        ("lat", 30.1),
        ("datum", Datum.GCJ02),
        ("client_time", NOON + np.timedelta64(1, "us")),
        ("client_time", NONE),
        ("category", "noisE"),
        ("accuracy_m", None),
        ("description", ""),
        ("key", b"l"),
    ],
)
def test_every_part_of_a_report_counts(part: str, other: object) -> None:
    assert content_hash(**SAME) == content_hash(**SAME)
    assert content_hash(**SAME) != content_hash(**{**SAME, part: other})


def test_words_cannot_move_from_category_to_description() -> None:
    assert content_hash(**{**SAME, "category": "noise", "description": "loud"}) != content_hash(
        **{**SAME, "category": "noisel", "description": "oud"}
    )


def test_minus_zero_is_zero() -> None:
    assert content_hash(**{**SAME, "lng": -0.0}) == content_hash(**{**SAME, "lng": 0.0})


@given(
    rows=st.lists(
        st.tuples(
            st.floats(-180, 180),
            st.floats(-90, 90),
            st.sampled_from([NOON, NONE]),
            st.integers(0, 2),
        ),
        max_size=8,
    ),
    datum=st.sampled_from(Datum),
)
def test_a_report_has_the_same_fingerprint_alone_and_among_others(
    rows: list[tuple[float, float, np.datetime64, int]], datum: Datum
) -> None:
    names = ["noise", "井盖", "other"]
    together = content_hashes(
        np.array([row[0] for row in rows], float),
        np.array([row[1] for row in rows], float),
        datum,
        np.array([row[2] for row in rows], "datetime64[us]"),
        names,
        np.array([row[3] for row in rows], int),
    )
    assert together == [
        content_hash(lng, lat, datum, time, names[category]) for lng, lat, time, category in rows
    ]
    assert all(len(digest) == HASH_BYTES for digest in together)


def test_the_first_report_of_an_id_is_new_and_the_next_are_held_against_it() -> None:
    found = settle(["a", "b", "a", "a"], [b"1", b"1", b"1", b"2"], {})
    assert found.tolist() == [
        Identity.NEW,
        Identity.NEW,
        Identity.UNCHANGED,
        Identity.ID_CONFLICT,
    ]


def test_a_known_id_is_held_against_what_is_stored() -> None:
    found = settle(["a", "a", "b"], [b"1", b"2", b"2"], {"a": b"2"})
    assert found.tolist() == [Identity.ID_CONFLICT, Identity.UNCHANGED, Identity.NEW]


@given(
    reports=st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from([b"1", b"2"]))),
    cut=st.integers(0, 20),
)
def test_ids_settle_the_same_in_one_go_or_in_two(
    reports: list[tuple[str, bytes]], cut: int
) -> None:
    ids, contents = [report[0] for report in reports], [report[1] for report in reports]
    whole = settle(ids, contents, {}).tolist()
    first = settle(ids[:cut], contents[:cut], {})
    stored = {
        external_id: content
        for external_id, content, identity in zip(ids, contents, first, strict=False)
        if identity == Identity.NEW
    }
    assert first.tolist() + settle(ids[cut:], contents[cut:], stored).tolist() == whole
