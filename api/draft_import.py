"""A coverage that was edited elsewhere, taken in as a draft: what commands and HTTP share."""

from __future__ import annotations

import asyncio
from dataclasses import asdict, dataclass

from api.planning import base_version, note, planning_of
from api.profile import CityProfile
from boundaries.comparing.carrying_out import Allowed, carry_out
from boundaries.comparing.compare import Compared, compare
from boundaries.drafts import Drafts, Who
from boundaries.files.edited_file import EditedFile
from gis.errors import BadInput
from gis.store import drafts as store
from gis.store.engine import Transaction

LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class Imported:
    """The draft that a file has become, and what was found in it."""

    draft_id: int
    base_version: int
    revision: int
    compared: Compared


async def import_draft(
    tx: Transaction,
    drafts: Drafts,
    file: EditedFile,
    profile: CityProfile,
    *,
    name: str,
    onto: int | None,
    who: Who,
    allowed: Allowed,
    allow_community_change: bool,
) -> Imported:
    """Begin a draft with the operations that make its base what a file says.

    Parameters
    ----------
    onto
        Number of the version that was edited; None for the latest.
    allowed
        Raises where who imports may not do an operation.

    Raises
    ------
    Refused
        What cannot be meant, with rows, codes and the place; nothing is kept then.
    BadInput
        ``nothing_changes``, ``name_invalid``.
    Conflict, NotFound
        As ``base_version``.
    """
    if not 0 < len(name.strip()) <= LONGEST_NAME:
        raise BadInput("name_invalid", f"A draft's name has 1 to {LONGEST_NAME} characters.")
    version = await base_version(tx, onto)
    base = await drafts.base(tx, version.id)
    compared = await asyncio.to_thread(
        compare, base, file.rows, file.plane, allow_community_change=allow_community_change
    )
    if not compared.steps:
        raise BadInput(
            "nothing_changes",
            f"The file is version {version.number} as it is: nothing moved farther than 2 cm.",
            base_version=version.number,
            found=asdict(compared.found),
        )
    taken = await drafts.taken_codes(tx)
    planning = planning_of(profile)
    done = await asyncio.to_thread(
        carry_out, base, compared.steps, planning.codes, taken, planning.limits, allowed
    )
    draft_id = await store.add_draft(tx, name, version.id, author=who.name, at=who.at)
    draft = await store.find_draft(tx, draft_id, lock=True)
    assert draft is not None  # noqa: S101 - added just now
    revision = await drafts.keep(tx, draft, done, who=who, note="")
    changed = {grid.code for each in done for grid in each.applied.changed}
    retired = {code for each in done for code in each.applied.retired}
    await note(
        tx,
        draft_id,
        "imported",
        who,
        {
            "base_version": version.number,
            "operations": len(done),
            "changed": sorted(changed - retired),
            "retired": sorted(retired),
        },
    )
    return Imported(draft_id, version.number, revision, compared)
