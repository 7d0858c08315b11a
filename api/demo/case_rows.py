"""From made-up reports to the rows the store writes: placed, answered, worded."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from api.cases.case_rows import case_rows, instants_of
from api.cases.content import content_hash
from api.cases.sealing import new_key, seal
from api.locating import utc
from api.locators import Locator
from api.profile import CityProfile
from gis.datum import Datum

# Words are kept of these last days; older ones count as forgotten, as retention would.
WORDS_KEPT_DAYS = 60


def demo_case_rows(
    made: pd.DataFrame,
    *,
    locators: Sequence[Locator],
    posts: pd.DataFrame,
    profile: CityProfile,
    now: datetime,
) -> pd.DataFrame:
    """Rows for ``add_reports`` in the order of ``made`` (``generate_reports``).

    Besides its columns: ``description`` and ``key``, the key that seals it (None without words).
    """
    old = made["received_at"] < pd.Timestamp(now) - pd.Timedelta(days=WORDS_KEPT_DAYS)
    words = made["description"].where(~old, "")
    keys = [new_key() if said else None for said in words]
    accepted = pd.DataFrame(
        {
            "external_id": made["id"],
            "given_x": made["lng"],
            "given_y": made["lat"],
            "client_time": made["client_time"],
            "occurred_at": made["occurred_at"],
            "received_at": made["received_at"],
            "time_flag": made["time_flag"],
            "category": made["category"],
            "content_hash": _hashes(made, words, keys),
            "description": words,
            "key": keys,
        }
    )
    parts = []
    for datum in sorted(made["datum"].unique()):
        rows = case_rows(
            accepted[made["datum"] == datum],
            datum=Datum(datum),
            locators=locators,
            posts=posts,
            roles=profile.duty.roles,
            category_of=profile.category.__getitem__,
            state="closed",
            now=utc(now),
        )
        parts.append(rows)
    columns = ("channel", "state", "urgency", "accuracy_m")
    return pd.concat(parts).sort_index().assign(**{name: made[name] for name in columns})


def sealed_texts(
    rows: pd.DataFrame, report_ids: NDArray[np.int64]
) -> tuple[NDArray[np.int64], list[bytes], list[bytes]]:
    """Report ids, sealed words and keys of the rows that have words."""
    worded = rows["description"].to_numpy() != ""
    some = rows[worded]
    sealed = [
        seal(said, key, f"{channel}/{external_id}")
        for said, key, channel, external_id in zip(
            some["description"], some["key"], some["channel"], some["external_id"], strict=True
        )
    ]
    return report_ids[worded], sealed, list(some["key"])


def _hashes(made: pd.DataFrame, words: pd.Series, keys: Sequence[bytes | None]) -> list[bytes]:
    accuracy = made["accuracy_m"].to_numpy(float)
    return [
        content_hash(
            lng,
            lat,
            Datum(datum),
            at,
            category,
            accuracy_m=None if np.isnan(circle_m) else float(circle_m),
            description=said,
            key=key or b"",
        )
        for lng, lat, datum, at, category, circle_m, said, key in zip(
            made["lng"], made["lat"], made["datum"], instants_of(made["client_time"]),
            made["category"], accuracy, words, keys, strict=True,
        )
    ]  # fmt: skip
