"""``wangge trend``: whether the series of a table rise or fall."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
import typer
from numpy.typing import NDArray

from api.cli.number_column import numbers, read_texts
from api.cli.output import AsJson, counted, result
from api.cli.overwriting import refuse_overwriting
from api.cli.writing import write_and_tell
from gis.errors import BadInput
from gis.patterns.mann_kendall import mann_kendall, sen_slopes

LEVEL = 0.05
MOST_PERIODS = 10_000
"""The slope looks at all pairs: fifty million, 400 MB."""


def trend(
    file: Annotated[Path, typer.Argument(help="CSV, xlsx or any table GDAL reads.")],
    value: Annotated[str, typer.Option(help="Column with values; an empty one is missing.")],
    out: Annotated[Path, typer.Option(help="File to write; its ending says the format.")],
    by: Annotated[str | None, typer.Option(help="Column that tells the series apart.")] = None,
    order: Annotated[str | None, typer.Option(help="Column to order by; else file order.")] = None,
    as_json: AsJson = False,
) -> None:
    """Mann and Kendall's test and Sen's slope of each series: s, var, z, p, tau, slope."""
    refuse_overwriting(file, out, option="--out")
    texts, lines = read_texts(file, list(dict.fromkeys(c for c in (value, by, order) if c)))
    values = numbers(texts[value], lines, value, may_be_empty=True)
    if order is not None:
        rank = np.argsort(_ranks(texts[order]), kind="stable")
        texts, values, lines = texts.iloc[rank], values[rank], lines[rank]
    groups = texts[by].to_numpy(object) if by is not None else np.full(len(values), "")
    names, series = _series(groups, values)
    if series.shape[1] > MOST_PERIODS:
        raise BadInput(
            "series_too_long",
            f"a series of {series.shape[1]:,} periods, {MOST_PERIODS:,} at most",
            periods=series.shape[1],
        )
    found = mann_kendall(series)
    table = pd.DataFrame(
        {
            "s": found.s,
            "var": found.var,
            "z": found.z,
            "p": found.p,
            "tau": found.tau,
            "slope": sen_slopes(series),
        }
    )
    if by is not None:
        if by in table.columns:
            raise BadInput("column_taken", f"a column {by} would stand there twice", column=by)
        table.insert(0, by, names)
    write_and_tell(table, out)
    rising = int(((found.p <= LEVEL) & (found.z > 0)).sum())
    falling = int(((found.p <= LEVEL) & (found.z < 0)).sum())
    untold = int(np.isnan(found.z).sum())
    result(
        {
            "series": len(table),
            "rising": rising,
            "falling": falling,
            "not_enough_data": untold,
            "file": str(out),
        },
        as_json=as_json,
        words=f"{counted(len(table), 'series', 'series')}: {rising:,} rising, {falling:,} falling"
        f" at the {LEVEL:.0%} level"
        + (f", {untold:,} with too few values or all equal" if untold else "")
        + f": {out}.",
    )


def _ranks(texts: pd.Series) -> NDArray[np.float64] | NDArray[np.object_]:
    """Numbers by their value, anything else by its letters, which suits ISO dates."""
    as_numbers = pd.to_numeric(texts, errors="coerce")
    if as_numbers.notna().all():
        return as_numbers.to_numpy(float)
    return texts.to_numpy(object)


def _series(
    groups: NDArray[np.object_], values: NDArray[np.float64]
) -> tuple[list[str], NDArray[np.float64]]:
    """Rows of values by group, in the order the groups appear; shorter ones end with NaN."""
    codes, names = pd.factorize(groups)
    order = np.argsort(codes, kind="stable")
    lengths = np.bincount(codes, minlength=len(names))
    place = np.arange(len(codes)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    series = np.full((len(names), lengths.max()), np.nan)
    series[codes[order], place] = values[order]
    return [str(name) for name in names], series
