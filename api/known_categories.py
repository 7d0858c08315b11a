"""The categories of a city: its profile's, and those an import stored beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from api.profile import Category, CityProfile
from gis.store.cities import added_categories
from gis.store.engine import Transaction


@dataclass(frozen=True, slots=True)
class KnownCategories:
    """Categories by code, the profile's first."""

    by_code: dict[str, Category]

    def get(self, code: str) -> Category:
        """The category; one only just added opens ordinary events."""
        return self.by_code.get(code) or Category.model_construct(code=code, zh=code, en=code)


async def known_categories(tx: Transaction, profile: CityProfile) -> KnownCategories:
    """What the city knows now."""
    return known_among(profile, await added_categories(tx))


def known_among(profile: CityProfile, added: Mapping[str, tuple[str, str]]) -> KnownCategories:
    """The profile's, and those ``added``: code → names in Chinese and English."""
    if not added:
        return KnownCategories(profile.category)
    by_code = dict(profile.category)
    for code, (zh, en) in sorted(added.items()):
        by_code.setdefault(code, Category.model_construct(code=code, zh=zh, en=en))
    return KnownCategories(by_code)
