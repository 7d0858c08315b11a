"""Two versions of one city that give the same cells of a lattice to grids in two ways."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from boundaries.succession.lineage import CodedPolygons
from gis.crs import metric_crs
from tests.gis.lattice import crooked_lattice

SIDE, GRIDS = 6, 7
CRS = metric_crs(121.0, 30.0)


@dataclass(frozen=True)
class TwoVersions:
    """Cells, and the code of the grid each belongs to before and after ("" for none)."""

    cells: NDArray[np.object_]
    owner_before: NDArray[np.object_]
    owner_after: NDArray[np.object_]

    @property
    def before(self) -> CodedPolygons:
        return _united(self.cells, self.owner_before)

    @property
    def after(self) -> CodedPolygons:
        return _united(self.cells, self.owner_after)


def two_versions(seed: int) -> TwoVersions:
    """Grids of a few cells each; the second version gives some of the cells to others.

    Some codes are gone afterwards and some are new; some cells leave the city, some join it.
    """
    rng = np.random.default_rng(seed)
    cells = crooked_lattice(SIDE, SIDE, seed=seed)
    before = _clumps(rng)
    after = before.copy()
    moved = rng.random(len(cells)) < rng.choice([0.05, 0.2, 0.6])
    after[moved] = rng.permutation(before)[moved]
    for code in rng.permutation(np.unique(before))[: int(rng.integers(0, 4))]:
        heirs = np.array([code, f"n{code}", f"m{code}"], dtype=object)
        after[after == code] = rng.choice(heirs[1 - int(rng.integers(2)) :], (after == code).sum())
    for owner in (before, after):
        owner[rng.random(len(cells)) < rng.choice([0.0, 0.03])] = ""
    return TwoVersions(cells, before, after)


def _clumps(rng: np.random.Generator) -> NDArray[np.object_]:
    """Cells given to the nearest of a few seats."""
    x, y = np.meshgrid(np.arange(SIDE), np.arange(SIDE), indexing="ij")
    places = np.stack([x.ravel(), y.ravel()], axis=1)
    seats = rng.uniform(0, SIDE, (GRIDS, 2))
    nearest = ((places[:, None] - seats[None]) ** 2).sum(axis=2).argmin(axis=1)
    names = np.array([f"g{number}" for number in range(GRIDS)], dtype=object)
    owner: NDArray[np.object_] = names[nearest]
    return owner


def _united(cells: NDArray[np.object_], owner: NDArray[np.object_]) -> CodedPolygons:
    codes = sorted({str(code) for code in owner} - {""})
    return CodedPolygons.of(
        codes, [shapely.coverage_union_all(cells[owner == code]) for code in codes]
    )
