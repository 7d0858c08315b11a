"""``wangge balance``: a coverage cut into contiguous parts of even weight."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from api.cli.output import AsJson, counted, progress, result, say
from api.cli.overwriting import refuse_overwriting
from boundaries.balance import Balance, BalanceOptions
from boundaries.balance import balance as find_balance
from boundaries.balancing.plan_file import numbered_west_to_east, read_units, write_parts

PERCENT = 100.0


def balance(
    file: Annotated[Path, typer.Argument(help="A coverage in any format GDAL reads.")],
    weight: Annotated[str, typer.Option(help="Column the parts are to be even by.")],
    parts: Annotated[int, typer.Option(help="How many parts.")],
    out: Annotated[Path, typer.Option(help="File to write; its ending says the format.")],
    seconds: Annotated[float, typer.Option(min=0, help="Time to search, at most.")] = 60.0,
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same parts.")] = 0,
    enough: Annotated[
        float, typer.Option(min=0, max=99, help="Percent off the mean that is even enough.")
    ] = 0.0,
    layer: Annotated[str | None, typer.Option(help="Layer of the file.")] = None,
    as_json: AsJson = False,
) -> None:
    """Cut a coverage into contiguous parts of even weight; adds the column part, 1 to K."""
    options = BalanceOptions(parts, seed, even_enough=enough / PERCENT)
    refuse_overwriting(file, out, option="--out")
    read = read_units(file, weight, layer)
    for note in read.notes:
        say(note)
    began = time.monotonic()
    with _time_limit(began, seconds) as out_of_time:
        found = find_balance(read.units, options, out_of_time)
    took = time.monotonic() - began
    part = numbered_west_to_east(read.frame.geometry.to_numpy(), found.part)
    write_parts(read, part, out)
    totals = read.units.totals(part - 1, parts)
    result(
        {
            "units": len(read.units),
            "parts": parts,
            "deviation": found.deviation,
            "weights": [int(total) if total.is_integer() else total for total in totals.tolist()],
            "proven": found.proven,
            "settled": found.settled,
            "rounds": found.rounds,
            "seconds": round(took, 3),
            "seed": seed,
            "file": str(out),
        },
        as_json=as_json,
        words=f"{counted(len(read.units), 'unit')} in {counted(parts, 'part')}, the farthest"
        f" {found.deviation:.4%} off the mean{_ended(found)}: {out}.",
    )


def _ended(found: Balance) -> str:
    if found.proven:
        return " (no plan is more even)"
    return "" if found.settled else " (the time ran out)"


@contextmanager
def _time_limit(began: float, seconds: float) -> Iterator[Callable[[], bool]]:
    """A bar that fills as the time goes by, and whether it is over."""
    with progress("balancing", max(1, round(seconds))) as advance:
        shown = 0

        def out_of_time() -> bool:
            nonlocal shown
            gone = time.monotonic() - began
            advance(int(gone) - shown)
            shown = int(gone)
            return gone >= seconds

        yield out_of_time
