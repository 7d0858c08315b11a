"""``wangge bench insight``: the page of hotspots over a year of reports, in a browser."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

import typer

from api.cli.output import AsJson, result, say
from api.database import database_url
from api.profile import read_profile
from api.settings import read_settings


def insight(
    reports: Annotated[int, typer.Option(min=1_000, help="How many reports.")] = 1_000_000,
    grids: Annotated[int, typer.Option(min=1, help="How many grids.")] = 1_497,
    runs: Annotated[int, typer.Option(min=1, help="Times each is measured.")] = 5,
    seed: Annotated[int, typer.Option(help="Same seed, same city.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Open the page of hotspots of a full city, change its filter, drag its map."""
    # Here, for its parts are needed by no other command.
    from api.bench.insight import measure

    settings = read_settings()
    with database_url(settings, say) as url:
        times = asyncio.run(
            measure(
                url,
                read_profile(settings.profile),
                reports=reports,
                grids=grids,
                runs=runs,
                seed=seed,
                now=datetime.now(UTC),
            )
        )
    result(
        asdict(times)
        | {
            "first_view_median_ms": times.first_view_median_ms,
            "change_median_ms": times.change_median_ms,
        },
        as_json=as_json,
        words=f"{times.reports:,} reports: first view {times.first_view_median_ms:,.0f} ms, a"
        f" category more {times.change_median_ms:,.0f} ms (slowest {max(times.change_ms):,.0f});"
        f" {times.cells:,} cells dragged at {times.frames_per_s:.1f} frames a second.",
    )
