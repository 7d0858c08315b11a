"""``wangge import draft``: a coverage that was edited elsewhere becomes a draft."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from api.cli.open_city import open_city
from api.cli.output import AsJson, counted, result, say
from api.draft_import import import_draft as import_edited
from api.planning import planning_of
from boundaries.comparing.compare import Found
from boundaries.drafts import Drafts, Who
from boundaries.files.edited_file import EditedFile, EditedFileOptions, read_edited
from gis.datum import Datum
from gis.errors import BadInput
from gis.store.engine import transaction


def import_draft(
    file: Annotated[Path, typer.Argument(help="The whole coverage, in any format GDAL reads.")],
    name: Annotated[str, typer.Option(help="Name of the draft.")],
    base_version: Annotated[
        int | None, typer.Option(help="Number of the version that was edited; default the latest.")
    ] = None,
    code: Annotated[str | None, typer.Option(help="Column with the grid codes.")] = None,
    name_col: Annotated[str | None, typer.Option(help="Column with grid names.")] = None,
    kind: Annotated[str | None, typer.Option(help="Column with base or dedicated.")] = None,
    community: Annotated[str | None, typer.Option(help="Column with communities.")] = None,
    layer: Annotated[str | None, typer.Option(help="Layer of the file.")] = None,
    crs: Annotated[str | None, typer.Option(help="CRS of the file, e.g. EPSG:4549.")] = None,
    datum: Annotated[Datum | None, typer.Option(help="Datum, whatever the file claims.")] = None,
    allow_community_change: Annotated[
        bool,
        typer.Option("--allow-community-change", help="Edges between communities may move."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Import an edited coverage as a draft: what was done to its base, as operations."""
    read = read_edited(file, EditedFileOptions(code, name_col, kind, community, layer, crs, datum))
    for remark in read.notes:
        say(remark)
    asyncio.run(_import(read, name, base_version, allow=allow_community_change, as_json=as_json))


async def _import(
    file: EditedFile, name: str, base_version: int | None, *, allow: bool, as_json: bool
) -> None:
    async with open_city() as city, transaction(city.engine) as tx:
        try:
            made = await import_edited(
                tx,
                Drafts(planning_of(city.profile)),
                file,
                city.profile,
                name=name,
                onto=base_version,
                who=Who("command", datetime.now(UTC)),
                allowed=lambda *_: None,
                allow_community_change=allow,
            )
        except BadInput as refusal:
            if refusal.code == "community_edge":
                say("With --allow-community-change edges between communities may move.")
            if refusal.code != "nothing_changes":
                raise
            result(
                {"draft": None, "unchanged": True, "operations": 0, **refusal.where},
                as_json=as_json,
                words=f"Nothing changed. {refusal.message}",
            )
            return
    found = made.compared.found
    count = len(made.compared.steps)
    result(
        {
            "draft": made.draft_id,
            "unchanged": False,
            "base_version": made.base_version,
            "revision": made.revision,
            "operations": count,
            "found": asdict(found),
        },
        as_json=as_json,
        words=f"Draft {made.draft_id} on version {made.base_version},"
        f" {counted(count, 'operation')}: {_told(found)}.",
    )


def _told(found: Found) -> str:
    words = {
        "redrawn": found.redrawn,
        "added": found.added,
        "retired": found.retired,
        "recoded": found.recoded,
        "renamed": found.renamed,
        "in another community": found.community_changed,
        "of another kind": found.kind_changed,
        "unchanged": found.unchanged,
    }
    return ", ".join(f"{number:,} {word}" for word, number in words.items() if number)
