"""Values of a table tested with the weights of a file, for ``wangge hotspots``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from api.cli.hotspot_cells import LACKS
from api.cli.number_column import numbers, read_texts
from api.cli.output import counted, result
from api.cli.writing import write_and_tell
from gis.errors import BadInput
from gis.hotspots import hotspots_of_values
from gis.patterns.gal import read_gal
from gis.patterns.getis_ord import Style
from gis.patterns.neighbours import Neighbours


@dataclass(frozen=True, slots=True)
class TableOptions:
    """What is asked of a table with weights."""

    value: str
    id: str
    weights: Path
    style: Style
    star: bool


def write_rows(file: Path, options: TableOptions, out: Path, *, as_json: bool) -> None:
    """Test and write, in the order of the rows; the result as one line."""
    texts, lines = read_texts(file, list(dict.fromkeys([options.id, options.value])))
    ids = texts[options.id].tolist()
    twice = texts[options.id].duplicated().to_numpy()
    if twice.any():
        row = int(twice.argmax())
        raise BadInput(
            "id_twice",
            f"line {lines[row]}: {options.id} {ids[row]!r} stands in an earlier line too",
            line=int(lines[row]),
            id=ids[row],
        )
    values = numbers(texts[options.value], lines, options.value, may_be_empty=False)
    neighbours = Neighbours.of_lists(ids, read_gal(options.weights))
    found = hotspots_of_values(values, neighbours, star=options.star, style=options.style)
    table = pd.DataFrame(
        {"id": ids, "value": values, "z": found.z, "p": found.p, "q": found.q, "bin": found.bin}
    )
    write_and_tell(table, out)
    islands = int((neighbours.cardinalities == 0).sum())
    hot, cold = int((found.bin > 0).sum()), int((found.bin < 0).sum())
    said = f"{counted(hot, 'hot place')} and {counted(cold, 'cold one')} (p from the normal tail)"
    if found.lack is not None:
        said = f"not enough data: {LACKS[found.lack]}"
    result(
        {
            "rows": len(table),
            "islands": islands,
            "hot": hot,
            "cold": cold,
            "p_from": found.chance,
            "not_enough_data": found.lack,
            "file": str(out),
        },
        as_json=as_json,
        words=f"{counted(len(table), 'row')}, {said}"
        + (f"; {counted(islands, 'island')} without neighbours" if islands else "")
        + f": {out}.",
    )
