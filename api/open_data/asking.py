"""What is asked of the counts for everybody: months and categories, and the rows of them.

A category is known here when the profile calls it public. Of any other it is not told whether it
exists: what one asks must not tell either.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from api.open_data.months import month_after, month_named, name_of
from api.profile import CityProfile
from gis.errors import BadInput
from gis.store.cities import CityRow, get_city
from gis.store.engine import Transaction
from gis.store.open_data import OpenRows, Release, first_told_month, open_rows, releases


@dataclass(frozen=True, slots=True)
class OpenData:
    """What stands to be told: the city, and its releases from the first that holds a row."""

    city: CityRow | None
    profile: CityProfile
    releases: tuple[Release, ...]

    @property
    def next_month(self) -> date | None:
        """The month that is told next; None where none was yet."""
        return month_after(self.releases[-1].month) if self.releases else None

    @property
    def released_at(self) -> datetime | None:
        """When the last month was released."""
        return self.releases[-1].released_at if self.releases else None


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """Released months in order, and codes of public categories in the profile's order."""

    releases: tuple[Release, ...]
    categories: tuple[str, ...]

    @property
    def tables(self) -> int:
        """How many there are: one of each month and category, whether it was released or not."""
        return len(self.releases) * len(self.categories)

    async def rows(self, tx: Transaction) -> OpenRows:
        """All rows of it."""
        if not self.releases:
            return OpenRows.none()
        return await open_rows(tx, self.releases[0].month, self.releases[-1].month, self.categories)


async def open_data_of(tx: Transaction, profile: CityProfile) -> OpenData:
    """What is told of the city of this transaction.

    That a first month is empty would tell that a case happened in it.
    """
    first = await first_told_month(tx, profile.public)
    told = [] if first is None else [r for r in await releases(tx) if r.month >= first]
    return OpenData(await get_city(tx), profile, tuple(told))


def question(
    data: OpenData, first: str | None, last: str | None, categories: str | None
) -> OpenQuestion:
    """Read a filter; what is left out means all there is.

    Raises
    ------
    BadInput
        ``month_invalid``, ``months_reversed``, ``category_unknown``; naming the field.
    """
    from_, to = _month("from", first), _month("to", last)
    if from_ is not None and to is not None and from_ > to:
        raise BadInput("months_reversed", "from must not be after to.", field="from")
    asked = [word.strip() for word in (categories or "").split(",") if word.strip()]
    public = data.profile.public
    for code in asked:
        if code not in public:
            raise BadInput(
                "category_unknown",
                f"There are no open counts of a category {code!r}.",
                field="category",
                value=code,
            )
    within = [
        release
        for release in data.releases
        if (from_ is None or release.month >= from_) and (to is None or release.month <= to)
    ]
    return OpenQuestion(tuple(within), tuple(code for code in public if not asked or code in asked))


def etag(data: OpenData, *more: object) -> str:
    """Names an answer by what was released and what is asked, never by a case."""
    city = None if data.city is None else (data.city.code, data.city.name, data.city.generated)
    known: Sequence[object] = (
        city,
        data.profile.open_data.licence,
        [(c.code, c.zh, c.en) for c in data.profile.categories if c.public],
        [(name_of(release.month), release.released_at) for release in data.releases],
        *more,
    )
    return f'W/"{hashlib.blake2b(repr(known).encode(), digest_size=12).hexdigest()}"'


def _month(field: str, word: str | None) -> date | None:
    if not word:
        return None
    found = month_named(word)
    if found is None:
        raise BadInput(
            "month_invalid", f"{field} must be a month as YYYY-MM.", field=field, value=word
        )
    return found
