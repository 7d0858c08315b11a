"""Every table of a city's schema, one file per concept.

Importing this package fills ``base.Base.metadata`` wholly, which is what the
migrations are compared with. Tables carry no schema name: ``search_path``
chooses the city (see ``gis.store.engine``).
"""

from gis.store.tables import (
    accounts,
    background,
    cases,
    drafts,
    due_jobs,
    intake,
    journal,
    lineage,
    open_data,
    places,
    staff,
    tiles,
)

__all__ = [
    "accounts",
    "background",
    "cases",
    "drafts",
    "due_jobs",
    "intake",
    "journal",
    "lineage",
    "open_data",
    "places",
    "staff",
    "tiles",
]
