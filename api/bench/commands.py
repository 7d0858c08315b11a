"""``wangge bench``: measurements, side by side with the tools others would take."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from api.bench.boundaries_command import coverage_operations
from api.bench.bulk_import import measure
from api.bench.hotspots_command import hotspots
from api.bench.insight_command import insight
from api.bench.locate import OURS, PEERS, Comparison, compare
from api.cli.output import AsJson, result, say
from api.database import database_url
from api.profile import read_profile
from api.settings import read_settings

bench_app = typer.Typer(help="Measure, side by side.")


@bench_app.callback()
def bench() -> None:
    """Measure, side by side."""


bench_app.command("boundaries")(coverage_operations)
bench_app.command("hotspots")(hotspots)
bench_app.command("insight")(insight)


@bench_app.command()
def locate(
    points: Annotated[int, typer.Option(min=1, help="How many points.")] = 1_000_000,
    grids: Annotated[int, typer.Option(min=1, help="How many grids.")] = 1_497,
    peers: Annotated[str, typer.Option(help="Names, with commas between.")] = ",".join(PEERS),
    seed: Annotated[int, typer.Option(help="Same seed, same grids and points.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Join points to grids: ours, and the peers on the same data, answers compared."""
    run(points, grids, peers.split(","), seed, as_json=as_json)


@bench_app.command("import")
def bulk_import(
    reports: Annotated[int, typer.Option(min=1, help="How many reports.")] = 1_000_000,
    grids: Annotated[int, typer.Option(min=1, help="How many grids.")] = 1_497,
    seed: Annotated[int, typer.Option(help="Same seed, same file.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Import a file with join and case, beside copying it into one bare table."""
    settings = read_settings()
    with database_url(settings, say) as url:
        measured = asyncio.run(
            measure(url, read_profile(settings.profile), reports=reports, grids=grids, seed=seed)
        )
    result(
        {
            "reports": measured.reports,
            "imported": measured.imported,
            "peers": {
                "wangge": {"reports_per_s": measured.reports_per_s},
                "copy": {"reports_per_s": measured.copy_per_s},
            },
            "agree": measured.imported == measured.reports,
        },
        as_json=as_json,
        words=f"{measured.imported:,} of {measured.reports:,} reports, {measured.grids:,} grids:"
        f" {measured.reports_per_s:,.0f}/s; copied into one bare table {measured.copy_per_s:,.0f}/s"
        f" ({measured.share_of_floor:.0%} of it).",
    )


@bench_app.command("stream")
def live_stream(
    clients: Annotated[int, typer.Option(min=1, help="How many listen.")] = 2_000,
    rate: Annotated[float, typer.Option(min=0.1, help="Changes a second.")] = 20.0,
    seconds: Annotated[float, typer.Option(min=1, help="For how long.")] = 20.0,
    seed: Annotated[int, typer.Option(help="Same seed, same city.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Tell many clients what another connection writes: delays, and what they cost."""
    # Here, for its parts are needed by no other command.
    from api.bench.stream import measure as measure_stream

    settings = read_settings()
    with database_url(settings, say) as url:
        told = asyncio.run(
            measure_stream(
                url,
                read_profile(settings.profile),
                clients=clients,
                per_s=rate,
                seconds=seconds,
                seed=seed,
            )
        )
    p50, p95, p99 = told.delay_ms
    result(
        asdict(told),
        as_json=as_json,
        words=f"{told.complete:,} of {told.clients:,} clients heard all {told.changes:,} changes"
        f" once and in order, {told.per_s:g} a second. From commit to client: p50 {p50:.0f},"
        f" p95 {p95:.0f}, p99 {p99:.0f} ms; the serving process {told.cores:.0%} of a core;"
        f" /healthz p95 {told.health_p95_ms:.0f} ms.",
    )


@bench_app.command("intake")
def durable_intake(
    rounds: Annotated[int, typer.Option(min=1, help="Turns of each, after one to warm up.")] = 7,
    seconds: Annotated[float, typer.Option(min=0.5, help="How long a turn is.")] = 3.0,
    connections: Annotated[int, typer.Option(min=1, help="Of the load.")] = 8,
    grids: Annotated[int, typer.Option(min=1, help="How many grids.")] = 1_497,
    seed: Annotated[int, typer.Option(help="Same seed, same grids and points.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Take reports in over HTTP, in turns with an endpoint that only inserts a row."""
    from api.bench.intake import measure as measure_intake

    settings = read_settings()
    with database_url(settings, say) as url:
        measured = asyncio.run(
            measure_intake(
                url,
                read_profile(settings.profile),
                grids=grids,
                rounds=rounds,
                seconds=seconds,
                connections=connections,
                seed=seed,
            )
        )
    table = Table(title=f"{rounds} turns of {seconds:g} s, {connections} connections")
    for heading in ("answers/s", "bare", "ours", "ratio", "bare p99 ms", "ours p99 ms"):
        table.add_column(heading, justify="right")
    for number, (bare, ours) in enumerate(zip(measured.bare, measured.ours, strict=True), start=1):
        figures = (bare.per_s, ours.per_s), ours.per_s / bare.per_s, (bare.p99_ms, ours.p99_ms)
        table.add_row(
            str(number),
            *(f"{rate:,.0f}" for rate in figures[0]),
            f"{figures[1]:.2f}",
            *(f"{p99_ms:.0f}" for p99_ms in figures[2]),
        )
    Console(stderr=as_json, highlight=False).print(table)
    others = sum(turn.others for turn in (*measured.bare, *measured.ours))
    result(
        asdict(measured) | {"ratio": measured.ratio, "p99_ms": measured.p99_ms},
        as_json=as_json,
        words=f"{measured.ratio:.2f} times the bare endpoint (median of the turns); p99"
        f" {measured.p99_ms:.0f} ms; {others} answers were no 201.",
    )


@bench_app.command("desk")
def full_desk(
    reports: Annotated[int, typer.Option(min=1_000, help="How many reports.")] = 1_000_000,
    grids: Annotated[int, typer.Option(min=1, help="How many grids.")] = 1_497,
    runs: Annotated[int, typer.Option(min=1, help="Times each query is asked.")] = 40,
    seed: Annotated[int, typer.Option(help="Same seed, same city and queries.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Ask what the desk asks of a city with a year of reports: lists, counts, tiles, figures."""
    from api.bench.desk import LIMIT_MS
    from api.bench.desk import measure as measure_desk

    settings = read_settings()
    with database_url(settings, say) as url:
        timings = asyncio.run(
            measure_desk(
                url,
                read_profile(settings.profile),
                reports=reports,
                grids=grids,
                runs=runs,
                seed=seed,
                now=datetime.now(UTC),
            )
        )
    table = Table(title=f"{reports:,} reports, {grids:,} grids, each query {runs} times")
    for heading in ("query", "p50 ms", "p95 ms", "max ms"):
        table.add_column(heading, justify="left" if heading == "query" else "right")
    for timing in timings:
        figures = (timing.p50_ms, timing.p95_ms, timing.max_ms)
        table.add_row(timing.query, *(f"{figure:.1f}" for figure in figures))
    Console(stderr=as_json, highlight=False).print(table)
    slow = [timing.query for timing in timings if timing.p95_ms >= LIMIT_MS]
    slowest = max(timings, key=lambda timing: timing.p95_ms)
    result(
        {
            "reports": reports,
            "grids": grids,
            "limit_ms": LIMIT_MS,
            "over_limit": slow,
            "queries": [asdict(timing) for timing in timings],
        },
        as_json=as_json,
        words=f"{len(timings) - len(slow)} of {len(timings)} queries have a p95 below"
        f" {LIMIT_MS:.0f} ms; the slowest is {slowest.query!r} with {slowest.p95_ms:.0f} ms.",
    )


@bench_app.command("balance")
def even_parts(
    file: Annotated[Path, typer.Argument(help="A coverage in any format GDAL reads.")],
    weight: Annotated[str, typer.Option(help="Column the parts are to be even by.")],
    parts: Annotated[int, typer.Option(min=2, help="How many parts.")],
    seconds: Annotated[float, typer.Option(min=0.1, help="Time of each search.")] = 30.0,
    seeds: Annotated[int, typer.Option(min=1, help="Searches of each, seed 0 and on.")] = 3,
    as_json: AsJson = False,
) -> None:
    """Cut a coverage into even parts, ours and GerryChain with the same time each."""
    from api.bench.balance import compare as compare_balance
    from boundaries.balancing.plan_file import read_units

    compared = compare_balance(
        read_units(file, weight).units, parts=parts, seconds=seconds, seeds=seeds
    )
    table = Table(title=f"{compared.units:,} units, {parts} parts, {seconds:g} s a search")
    for heading in ("peer", "seed", "deviation", "borders", "s"):
        table.add_column(heading, justify="left" if heading == "peer" else "right")
    for turn in compared.turns:
        table.add_row(
            turn.peer, str(turn.seed), f"{turn.deviation:.5%}", f"{turn.border:.1f}",
            f"{turn.seconds:.1f}",
        )  # fmt: skip
    Console(stderr=as_json, highlight=False).print(table)
    ours, theirs = compared.best(ours=True), compared.best(ours=False)
    words = f"Ours at best {ours.deviation:.5%} off the mean" if ours else ""
    words += f", GerryChain {theirs.deviation:.5%}." if theirs else f"; {compared.missing}."
    result(asdict(compared), as_json=as_json, words=words)


def run(points: int, grids: int, peers: list[str], seed: int, *, as_json: bool) -> None:
    """Measure, show the table, and end with the facts."""
    compared = compare(points, grids, peers, seed)
    console = Console(stderr=as_json, highlight=False)
    console.print(_table(compared))
    for name, peer in compared.peers.items():
        if peer.missing:
            console.print(f"{name} has no figure: {peer.missing}", markup=False)
    facts = asdict(compared) | {"agree": compared.agree}
    result(facts, as_json=as_json, words=_verdict(compared))


def _verdict(compared: Comparison) -> str:
    if compared.agree:
        return "All answers agree."
    differ = f"ANSWERS DIFFER: {', '.join(compared.differing)}." if compared.differing else ""
    absent = f"NOT COMPARED: {', '.join(compared.missing)}." if compared.missing else ""
    return " ".join(filter(None, (differ, absent)))


def _table(compared: Comparison) -> Table:
    one_point = ", ".join(f"{us:.1f} {word}" for word, us in compared.one_point_us.items())
    table = Table(
        title=f"{compared.points:,} points x {compared.grids:,} grids "
        f"of {compared.vertices_per_grid:.0f} vertices",
        caption=f"Raster {compared.index_mb:.1f} MB; one point, µs: {one_point}. "
        "Load: taking the data in and indexing it, not in the rate.",
    )
    for heading in ("peer", "M points/s", "ours is", "load s", "runs", "differ"):
        table.add_column(heading, justify="left" if heading == "peer" else "right")
    ours = compared.peers[OURS].points_per_s or 0.0
    for name, peer in compared.peers.items():
        if peer.points_per_s is None:
            continue
        table.add_row(
            name,
            f"{peer.points_per_s / 1e6:.3f}",
            f"{ours / peer.points_per_s:.1f} x",
            f"{peer.load_s:.2f}",
            str(peer.runs),
            str(peer.differing),
        )
    return table
