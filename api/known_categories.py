"""The categories of a city: its profile's, and those an import stored beside them."""

from __future__ import annotations

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
    by_code = dict(profile.category)
    for code, (zh, en) in sorted((await added_categories(tx)).items()):
        by_code.setdefault(code, Category.model_construct(code=code, zh=zh, en=en))
    return KnownCategories(by_code)
