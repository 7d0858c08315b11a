"""The fingerprint of a report's content: the same again, or something else?

128 bits of BLAKE2b over a fixed layout, little endian::

    longitude as given   float64, -0.0 as 0.0
    latitude as given    float64
    client time          int64, microseconds since 1970 UTC; -2**63 for none
    accuracy             float64 metres; NaN for none
    datum                8 bytes ASCII, padded with zeros
    category             UTF-8, then one zero byte
    description          UTF-8

Coordinates and time count as read, not as written: ``121.10`` is ``121.1``. With
free text in it the hash is keyed with the report's own key: who forgets the key
forgets what the hash could tell by guessing.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from math import nan
from struct import pack

import numpy as np
from numpy.typing import NDArray

from api.cases.local_time import Instants
from gis.datum import Datum

HASH_BYTES = 16

_LAYOUT = np.dtype(
    [("lng", "<f8"), ("lat", "<f8"), ("time", "<i8"), ("accuracy_m", "<f8"), ("datum", "S8")]
)


def content_hashes(
    lng: NDArray[np.float64],
    lat: NDArray[np.float64],
    datum: Datum,
    client_time: Instants,
    categories: Sequence[str],
    category: NDArray[np.integer],
) -> list[bytes]:
    """Fingerprints of many reports without accuracy and description.

    Parameters
    ----------
    lng, lat
        As given, finite.
    client_time
        datetime64[us] UTC, NaT for none.
    categories, category
        The codes, and each report's index in them.
    """
    words = [_words(code, "") for code in categories]
    head = _head(lng, lat, datum, client_time, np.full(len(lng), np.nan))
    # One call a row, 0.5 µs: numpy has no hash of 128 bits.
    return [
        blake2b(fixed + words[index], digest_size=HASH_BYTES).digest()
        for fixed, index in zip(head.view("V40").tolist(), category.tolist(), strict=True)
    ]


def content_hash(
    lng: float,
    lat: float,
    datum: Datum,
    client_time: np.datetime64,
    category: str,
    *,
    accuracy_m: float | None = None,
    description: str = "",
    key: bytes = b"",
) -> bytes:
    """Fingerprint of one report; ``key`` (at most 64 bytes) belongs to its description."""
    # The layout of ``_LAYOUT``; numpy takes ten times as long for one.
    head = pack(
        "<ddqd8s",
        lng + 0.0,
        lat + 0.0,
        client_time.astype("datetime64[us]").astype(np.int64),
        nan if accuracy_m is None else accuracy_m,
        datum.value.encode("ascii"),
    )
    content = head + _words(category, description)
    return blake2b(content, digest_size=HASH_BYTES, key=key).digest()


def _head(
    lng: NDArray[np.float64],
    lat: NDArray[np.float64],
    datum: Datum,
    client_time: Instants,
    accuracy_m: NDArray[np.float64],
) -> NDArray[np.void]:
    head = np.zeros(len(lng), _LAYOUT)
    head["lng"], head["lat"] = lng + 0.0, lat + 0.0
    head["time"] = client_time.astype("datetime64[us]").view(np.int64)
    head["accuracy_m"] = accuracy_m
    head["datum"] = datum.value.encode("ascii")
    return head


def _words(category: str, description: str) -> bytes:
    return category.encode() + b"\0" + description.encode()
