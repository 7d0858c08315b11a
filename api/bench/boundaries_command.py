"""``wangge bench boundaries``: operations in process and over HTTP, impact, publishing."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from api.bench.boundaries import P95_LIMIT_MS, Redrawing
from api.bench.boundaries import measure as measure_operations
from api.bench.drafts import GRIDS_CHANGED, DraftFigures
from api.bench.drafts import measure as measure_drafts
from api.cli.output import AsJson, result, say
from api.database import database_url
from api.profile import read_profile
from api.settings import read_settings

HTTP_P95_LIMIT_MS = 50.0
IMPACT_LIMIT_S = 1.5
SHARE_OF_JOIN_LIMIT = 0.1


def coverage_operations(
    grids: Annotated[int, typer.Option(min=2, help="How many grids.")] = 1_497,
    many: Annotated[int, typer.Option(min=2, help="And of a second, larger city.")] = 15_000,
    reports: Annotated[
        int, typer.Option(min=0, help="Reports of the city that is served; 0 leaves it out.")
    ] = 1_000_000,
    runs: Annotated[int, typer.Option(min=2, help="Times each operation is tried.")] = 200,
    seed: Annotated[int, typer.Option(help="Same seed, same grids and gestures.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Redraw a coverage with its proof, in process and over HTTP; impact and publishing."""
    measured = measure_operations([grids, many], runs=runs, seed=seed)
    console = Console(stderr=as_json, highlight=False)
    _show_operations(console, measured, runs)
    slow = [t.operation for t in measured.operations if t.p95_ms >= P95_LIMIT_MS]
    slowest = max(measured.operations, key=lambda timing: timing.p95_ms)
    most = max(measured.growth, key=lambda name: measured.growth[name])
    facts = asdict(measured) | {
        "growth": measured.growth,
        "p95_limit_ms": P95_LIMIT_MS,
        "over_limit": slow,
    }
    words = (
        f"In process the slowest p95 is {slowest.p95_ms:.0f} ms ({slowest.operation},"
        f" {slowest.grids:,} grids; {slowest.processor_p95_ms:.0f} ms of processor); {many:,} grids"
        f" take {measured.growth[most]:.2f} times as long at most ({most})."
    )
    if reports:
        settings = read_settings()
        with database_url(settings, say) as url:
            drawn = asyncio.run(
                measure_drafts(
                    url,
                    read_profile(settings.profile),
                    reports=reports,
                    grids=grids,
                    runs=runs,
                    seed=seed,
                    now=datetime.now(UTC),
                )
            )
        _show_drafts(console, drawn)
        facts["http"] = asdict(drawn) | _verdict(drawn)
        words += _words(drawn)
    result(facts, as_json=as_json, words=words)


def _show_operations(console: Console, measured: Redrawing, runs: int) -> None:
    table = Table(title=f"An operation with its proof, each {runs} times; ms")
    for heading in ("operation", "grids", "p50", "p95", "own p50", "own p95", "refused"):
        table.add_column(heading, justify="left" if heading == "operation" else "right")
    for timing in measured.operations:
        figures = (
            timing.median_ms,
            timing.p95_ms,
            timing.processor_median_ms,
            timing.processor_p95_ms,
        )
        table.add_row(
            timing.operation,
            f"{timing.grids:,}",
            *(f"{figure:.1f}" for figure in figures),
            str(timing.refused),
        )
    console.print(table)
    for peer in measured.peers:
        console.print(
            f"A geometry library alone, {peer.operation}: p50 {peer.median_ms:.1f} ms;"
            f" {peer.broken} of {peer.runs} results are no coverage any more."
        )


def _show_drafts(console: Console, drawn: DraftFigures) -> None:
    table = Table(title=f"Over HTTP, {drawn.reports:,} reports in {drawn.grids:,} grids; ms")
    for heading in ("request", "runs", "p50", "p95", "refused"):
        table.add_column(heading, justify="left" if heading == "request" else "right")
    for each in drawn.operations:
        table.add_row(
            each.request,
            str(each.runs),
            f"{each.p50_ms:.1f}",
            f"{each.p95_ms:.1f}",
            str(each.refused),
        )
    console.print(table)
    table = Table(title=f"Publishing {GRIDS_CHANGED} changed grids; s")
    for heading in ("where", "impact", "publish", "followed", "join all", "cases", "differ"):
        table.add_column(heading, justify="left" if heading == "where" else "right")
    for change in drawn.published:
        seconds = (change.impact_s, change.publish_s, change.followed_s, change.join_s)
        table.add_row(
            change.where,
            *(f"{each:.2f}" for each in seconds),
            f"{change.cases:,}",
            str(change.differing),
        )
    console.print(table)


def _verdict(drawn: DraftFigures) -> dict[str, object]:
    return {
        "p95_limit_ms": HTTP_P95_LIMIT_MS,
        "over_limit": [e.request for e in drawn.operations if e.p95_ms >= HTTP_P95_LIMIT_MS],
        "impact_limit_s": IMPACT_LIMIT_S,
        "share_of_join_limit": SHARE_OF_JOIN_LIMIT,
        "share_of_join": {each.where: each.publish_s / each.join_s for each in drawn.published},
        "agree": all(each.differing == 0 for each in drawn.published),
    }


def _words(drawn: DraftFigures) -> str:
    slowest = max(drawn.operations, key=lambda each: each.p95_ms)
    dearest = max(drawn.published, key=lambda each: each.publish_s / each.join_s)
    longest = max(drawn.published, key=lambda each: each.impact_s)
    differing = sum(each.differing for each in drawn.published)
    agree = "as PostGIS joins them" if not differing else f"BUT {differing} CASES DIFFER"
    return (
        f" Over HTTP it is {slowest.p95_ms:.0f} ms ({slowest.request}); an impact takes"
        f" {longest.impact_s:.2f} s at most, publishing {dearest.publish_s / dearest.join_s:.2f} of"
        f" a join of all reports; every case is in its grid afterwards, {agree}."
    )
