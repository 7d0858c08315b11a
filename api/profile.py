"""The city profile: what differs from city to city, read from a TOML file.

Nothing here has a value in the code: the shipped example is a profile like any
other, for a made-up Yuyao.
"""

from __future__ import annotations

import tomllib
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError
from pyproj import CRS
from pyproj.exceptions import CRSError

from api.toml_lines import line_of
from gis.errors import Misconfigured

CaseKind = Literal["event", "dispute", "consultation", "finding"]
Urgency = Literal["normal", "urgent"]
StaffRole = Literal["grid_lead", "worker", "micro_lead", "liaison", "stationed", "on_call"]

OTHER = "other"
"""The category every profile has."""


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"no time zone is called {name!r}") from error
    return name


def _metric(name: str) -> str:
    try:
        crs = CRS.from_user_input(name)
    except CRSError as error:
        raise ValueError(f"no coordinate system is called {name!r}") from error
    if not crs.is_projected or {axis.unit_name for axis in crs.axis_info} != {"metre"}:
        raise ValueError(f"{name} does not measure in metres")
    return name


def _without_repeats(roles: tuple[StaffRole, ...]) -> tuple[StaffRole, ...]:
    if len(set(roles)) != len(roles):
        raise ValueError("each role once")
    return roles


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Category(_Part):
    """What a report can be about.

    ``kind`` and ``urgency`` are those of the case a report of it opens. Cases of
    a ``sensitive`` category never appear as points or cells. ``department`` is the code of
    the one whose accounts see them. Those of a ``public`` one are counted for everybody.
    """

    code: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
    zh: Annotated[str, Field(min_length=1, max_length=40)]
    en: Annotated[str, Field(min_length=1, max_length=60)]
    kind: CaseKind = "event"
    urgency: Urgency = "normal"
    sensitive: bool = False
    public: bool = False
    department: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")] | None = None

    @model_validator(mode="after")
    def _sensitive_is_not_public(self) -> Self:
        if self.sensitive and self.public:
            raise ValueError(f"category {self.code} cannot be both sensitive and public")
        return self


class Duty(_Part):
    """``roles``: of several people on duty, the role named first answers.

    A role not named comes after those named.
    """

    roles: Annotated[tuple[StaffRole, ...], Field(min_length=1), AfterValidator(_without_repeats)]


class IntakeLimits(_Part):
    """How many reports the open channel takes from one browser and one address.

    So many a minute in the long run, and so many at once. What is over a limit is stored,
    but held for the command room. An address may be a whole mobile network's.
    """

    per_cookie_per_minute: Annotated[float, Field(ge=1)]
    cookie_burst: Annotated[int, Field(ge=1)]
    per_address_per_minute: Annotated[float, Field(ge=1)]
    address_burst: Annotated[int, Field(ge=1)]


class CodeSequence(_Part):
    """The numbers ``first`` to ``last`` behind a community's code, in so many ``digits``."""

    digits: Annotated[int, Field(ge=1, le=9)]
    first: Annotated[int, Field(ge=0)]
    last: int

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if not self.first <= self.last < 10**self.digits:
            raise ValueError(f"{self.first} to {self.last} do not fit into {self.digits} digits")
        return self


class Codes(_Part):
    """How grids get their codes when they are divided and united.

    ``split``, ``merge``: whether every piece gets a new code, or the largest keeps its own.
    Without a sequence a new code is an old one with ``-1``, ``-2`` …
    """

    split: Literal["new", "largest_keeps"] = "new"
    merge: Literal["new", "largest_keeps"] = "largest_keeps"
    base: CodeSequence | None = None
    dedicated: CodeSequence | None = None


class PlanningLimits(_Part):
    """What the grids of a draft are held against.

    No operation makes a piece smaller than ``smallest_piece_m2``. A grid smaller than
    ``smallest_m2``, larger than ``largest_m2``, with more ``households``, or nowhere wider
    than ``sliver_m`` is shown among the checks.
    """

    smallest_piece_m2: Annotated[float, Field(ge=0)] = 1.0
    smallest_m2: Annotated[float, Field(ge=0)] = 0.0
    largest_m2: Annotated[float, Field(gt=0)] | None = None
    households: Annotated[int, Field(gt=0)] | None = None
    sliver_m: Annotated[float, Field(ge=0)] = 1.0


class OpenData(_Part):
    """How the counts for everybody are cut; see ``gis.patterns.open_counts``.

    No count but 0 is told below ``least``. Cells have the resolutions from ``coarsest`` to
    ``finest``. A month is told ``wait_days`` after its end. ``licence`` is under what terms, if
    the city has said so.
    """

    least: Annotated[int, Field(ge=5, le=1_000_000)] = 10
    coarsest: Annotated[int, Field(ge=0, le=9)] = 6
    finest: Annotated[int, Field(ge=0, le=9)] = 8
    wait_days: Annotated[int, Field(ge=0, le=366)] = 14
    licence: Annotated[str, Field(min_length=1, max_length=100)] | None = None

    @model_validator(mode="after")
    def _is_in_order(self) -> Self:
        if self.coarsest > self.finest:
            raise ValueError(
                f"the coarsest resolution, {self.coarsest}, is finer than {self.finest}"
            )
        return self


class CityProfile(_Part):
    """One city's profile.

    Parameters
    ----------
    timezone
        IANA name; local times of files and screens are in it.
    metric_crs
        A projected CRS in metres to measure in; absent, it is chosen by place.
    nearest_m
        A point outside every grid, but no farther than this from one, belongs to
        it (reason ``nearest``). 0 switches that off.
    duty, intake, codes, planning, open_data, categories
        See there. `OTHER` is always among the categories.
    """

    timezone: Annotated[str, AfterValidator(_known_zone)]
    metric_crs: Annotated[str, AfterValidator(_metric)] | None = None
    nearest_m: Annotated[float, Field(ge=0, le=1000)]
    duty: Duty
    intake: IntakeLimits
    codes: Codes = Codes()
    planning: PlanningLimits = PlanningLimits()
    open_data: OpenData = OpenData()
    categories: tuple[Category, ...]

    @field_validator("categories")
    @classmethod
    def _codes_are_unique(cls, categories: tuple[Category, ...]) -> tuple[Category, ...]:
        seen: set[str] = set()
        for index, category in enumerate(categories):
            if category.code in seen:
                raise PydanticCustomError(
                    "category_twice",
                    "category {code} stands there twice",
                    {"code": category.code, "below": (index, "code")},
                )
            seen.add(category.code)
        return categories

    @model_validator(mode="after")
    def _other_exists(self) -> Self:
        if OTHER not in self.category:
            raise ValueError(f"category {OTHER!r} is missing")
        return self

    @cached_property
    def category(self) -> dict[str, Category]:
        """Categories by code."""
        return {category.code: category for category in self.categories}

    @cached_property
    def departments(self) -> frozenset[str]:
        """Codes of the departments its categories name."""
        return frozenset(c.department for c in self.categories if c.department is not None)

    @cached_property
    def sensitive(self) -> tuple[str, ...]:
        """Codes of the categories never shown as points or cells."""
        return tuple(category.code for category in self.categories if category.sensitive)

    @cached_property
    def public(self) -> tuple[str, ...]:
        """Codes of the categories counted for everybody."""
        return tuple(category.code for category in self.categories if category.public)

    @cached_property
    def zone(self) -> ZoneInfo:
        """The time zone itself."""
        return ZoneInfo(self.timezone)


def read_profile(path: Path) -> CityProfile:
    """Read a profile.

    Raises
    ------
    Misconfigured
        ``profile_unreadable`` or ``profile_invalid``; the message names file,
        line and key of the first fault.
    """
    name = str(path)
    try:
        text = path.read_text(encoding="utf-8")
        found = tomllib.loads(text)
    except OSError as error:
        raise Misconfigured(
            "profile_unreadable", f"{name} cannot be read: {error.strerror}.", file=name
        ) from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Misconfigured("profile_unreadable", f"{name}: {error}.", file=name) from error
    try:
        return CityProfile.model_validate(found)
    except ValidationError as error:
        fault = error.errors()[0]
        at = (*fault["loc"], *fault.get("ctx", {}).get("below", ()))
        key, line = ".".join(str(step) for step in at), line_of(text, at)
        place = ", ".join(
            [name, *([f"line {line}"] if line else []), *([f"key {key}"] if key else [])]
        )
        reason = fault["msg"].removeprefix("Value error, ")
        raise Misconfigured(
            "profile_invalid", f"{place}: {reason}.", file=name, line=line, key=key
        ) from error
