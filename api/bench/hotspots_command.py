"""``wangge bench hotspots``: counts, G*, permutations, emerging hotspots, and how they grow."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from api.bench.hotspots import Timing, compare, growth
from api.cli.output import AsJson, counted, result


def hotspots(
    points: Annotated[int, typer.Option(min=1, help="Points to count.")] = 1_000_000,
    cells: Annotated[int, typer.Option(min=100, help="Cells of the city.")] = 31_000,
    draws: Annotated[int, typer.Option(min=1, help="Permutations.")] = 999,
    largest: Annotated[int, typer.Option(min=0, help="Cells of the largest city.")] = 1_000_000,
    runs: Annotated[int, typer.Option(min=1, help="Times each is measured.")] = 5,
    seed: Annotated[int, typer.Option(help="Same seed, same city.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Count and test on a made-up city beside H3 alone and esda, answers compared."""
    found = compare(points=points, cells=cells, draws=draws, runs=runs, seed=seed)
    grown = growth(largest=largest, runs=runs, seed=seed)
    if not as_json:
        _show([*found, *grown])
    compared = [each for each in found if each.agree is not None]
    result(
        {
            "timings": [asdict(each) | {"times": each.times} for each in found],
            "growth": [asdict(each) for each in grown],
            "agree": all(each.agree for each in compared),
        },
        as_json=as_json,
        words=f"{counted(sum(bool(each.agree) for each in compared), 'answer')} of"
        f" {len(compared)} agree with the peer's.",
    )


def _show(found: list[Timing]) -> None:
    table = Table(title="Median milliseconds")
    for heading in ("what", "of", "wangge", "peer", "peer's", "times", "agree"):
        table.add_column(heading, justify="left" if heading in ("what", "peer") else "right")
    for each in found:
        table.add_row(
            each.what,
            f"{each.size:,}",
            f"{1000 * each.ours_s:,.1f}",
            each.peer or "",
            "" if each.peer_s is None else f"{1000 * each.peer_s:,.1f}",
            "" if each.times is None else f"{each.times:,.2f}",
            "" if each.agree is None else "yes" if each.agree else "NO",
        )
    Console().print(table)
