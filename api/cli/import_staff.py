"""``wangge import staff`` and ``wangge import duty``: who there is, and who answers when."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from api.cases.duty_file import read_duty_file
from api.cases.staff_file import read_staff_file
from api.cli.open_city import open_city
from api.cli.output import AsJson, counted, result
from gis.store import journal, staff
from gis.store.engine import transaction

FileArgument = Annotated[Path, typer.Argument(help="CSV or xlsx with the template's headers.")]


def import_staff(file: FileArgument, as_json: AsJson = False) -> None:
    """Import staff and assignments: code,name,role,area,from,to."""
    asyncio.run(_import_staff(file, as_json=as_json))


def import_duty(file: FileArgument, as_json: AsJson = False) -> None:
    """Import duties: staff,role,area,from,to."""
    asyncio.run(_import_duty(file, as_json=as_json))


async def _import_staff(path: Path, *, as_json: bool) -> None:
    async with open_city() as city, transaction(city.engine) as tx:
        file = read_staff_file(path, city.profile.zone, await staff.area_ids(tx))
        changed = await staff.put_staff(tx, file.names)
        added = await staff.add_assignments(tx, file.assignments)
        if changed or added:
            await journal.append(
                tx,
                actor="command",
                kind="staff.imported",
                subject="staff",
                after={"staff": changed, "assignments": added},
            )
    result(
        {"staff": len(file.names), "changed": changed, "assignments": len(file.assignments),
         "added": added},
        as_json=as_json,
        words=f"{counted(len(file.names), 'person', 'people')} ({changed:,} new or renamed),"
        f" {counted(len(file.assignments), 'assignment')} ({added:,} new).",
    )  # fmt: skip


async def _import_duty(path: Path, *, as_json: bool) -> None:
    async with open_city() as city, transaction(city.engine) as tx:
        duties = read_duty_file(
            path, city.profile.zone, await staff.area_ids(tx), await staff.staff_codes(tx)
        )
        added = await staff.add_duties(tx, duties)
        if added:
            await journal.append(
                tx, actor="command", kind="duty.imported", subject="duty", after={"duties": added}
            )
    result(
        {"duties": len(duties), "added": added},
        as_json=as_json,
        words=f"{counted(len(duties), 'duty', 'duties')} ({added:,} new).",
    )
