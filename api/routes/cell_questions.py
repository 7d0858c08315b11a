"""Parameters that questions about cells have in common."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from api.routes.queries import Text
from gis.cells import CASE_RESOLUTION
from gis.patterns.steps import Step
from gis.patterns.time_classes import Variant

MOST_RINGS = 5

Resolution = Annotated[int, Query(ge=0, le=15, description=f"at most {CASE_RESOLUTION}")]
"""Of the H3 cells."""
Rings = Annotated[int, Query(ge=1, le=MOST_RINGS, description="rings of neighbours")]
StepOfTime = Annotated[Step, Query(description="of time")]
Definition = Annotated[Variant, Query(description="of the definition")]
"""By which published definition a class in time is told."""
OutlineVersion = Annotated[
    Text | None,
    Query(description="number of the boundary version whose outline is meant"),
]
"""Default the one in force."""
