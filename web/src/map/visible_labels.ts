import { type AreaPiece, type Bounds, crossingsAt } from './areas.ts';

export interface LabelOptions {
  /** Where the middle of a label must not be. */
  obstacles?: readonly Bounds[];
  /** Areas with a smaller share of the view are not named. */
  leastShare?: number;
  columns?: number;
  rows?: number;
}

export interface LabelPoint {
  code: string;
  name: string;
  lng: number;
  lat: number;
}

/** Below this share of the view an area is a sliver at the rim: a name there would mislead. */
const LEAST_SHARE = 0.01;
/** Owner of a cell under an obstacle; -1 is a cell of no area. */
const OCCUPIED = -2;

/**
 * For every area the point of its visible part that is farthest from the part's rim, and free of
 * obstacles where the part has a free place.
 *
 * The view is rastered into `columns × rows` cells, each given to the area its centre lies in; the
 * farthest cell is found with a chamfer distance (3-4). Coarse on purpose: a label is wider than
 * a cell, and 64 × 48 cells take a few milliseconds.
 */
export function visibleLabels(
  pieces: readonly AreaPiece[],
  view: Bounds,
  { obstacles = [], leastShare = LEAST_SHARE, columns = 64, rows = 48 }: LabelOptions = {},
): LabelPoint[] {
  const owner = raster(pieces, view, columns, rows);
  const distance = distanceToRim(
    withObstacles(owner, obstacles, view, columns, rows),
    columns,
    rows,
  );
  const best = new Map<string, { piece: AreaPiece; cell: number; cells: number }>();
  for (let cell = 0; cell < owner.length; cell += 1) {
    const piece = pieces[owner[cell] as number];
    if (!piece) continue;
    const found = best.get(piece.code);
    if (!found) best.set(piece.code, { piece, cell, cells: 1 });
    else {
      found.cells += 1;
      if ((distance[cell] as number) > (distance[found.cell] as number)) found.cell = cell;
    }
  }
  const [west, south, east, north] = view;
  return [...best.values()]
    .filter(({ cells }) => cells >= leastShare * owner.length)
    .map(({ piece: { code, name }, cell }) => ({
      code,
      name,
      lng: west + (((cell % columns) + 0.5) / columns) * (east - west),
      lat: south + ((Math.floor(cell / columns) + 0.5) / rows) * (north - south),
    }));
}

/** The index of the first piece of the area each cell's centre lies in, -1 for none. */
function raster(
  pieces: readonly AreaPiece[],
  [west, south, east, north]: Bounds,
  columns: number,
  rows: number,
): Int32Array {
  const owner = new Int32Array(columns * rows).fill(-1);
  const firstOfCode = new Map<string, number>();
  pieces.forEach((piece, index) => {
    if (!firstOfCode.has(piece.code)) firstOfCode.set(piece.code, index);
    const mark = firstOfCode.get(piece.code) as number;
    for (let row = 0; row < rows; row += 1) {
      const lat = south + ((row + 0.5) / rows) * (north - south);
      const crossings = crossingsAt(piece.rings, lat);
      for (let pair = 0; pair + 1 < crossings.length; pair += 2) {
        const columnOf = (lng: number): number =>
          Math.ceil(((lng - west) / (east - west)) * columns - 0.5);
        const from = Math.max(0, columnOf(crossings[pair] as number));
        const to = Math.min(columns, columnOf(crossings[pair + 1] as number));
        for (let column = from; column < to; column += 1) owner[row * columns + column] = mark;
      }
    }
  });
  return owner;
}

/** The raster with the cells under obstacles given to nobody, at distance 0. */
function withObstacles(
  owner: Int32Array,
  obstacles: readonly Bounds[],
  [west, south, east, north]: Bounds,
  columns: number,
  rows: number,
): Int32Array {
  const free = owner.slice();
  const within = (cell: number, cells: number): number => Math.max(0, Math.min(cells, cell));
  for (const [left, bottom, right, top] of obstacles) {
    const column = (lng: number): number =>
      within(Math.ceil(((lng - west) / (east - west)) * columns - 0.5), columns);
    const row = (lat: number): number =>
      within(Math.ceil(((lat - south) / (north - south)) * rows - 0.5), rows);
    for (let r = row(bottom); r < row(top); r += 1) {
      free.fill(OCCUPIED, r * columns + column(left), r * columns + column(right));
    }
  }
  return free;
}

/** Steps of 3 (straight) and 4 (diagonal) to the nearest cell of another owner or the view's rim. */
function distanceToRim(owner: Int32Array, columns: number, rows: number): Int32Array {
  const distance = new Int32Array(owner.length);
  const step = (cell: number, column: number, row: number, dc: number, dr: number): number => {
    const [c, r] = [column + dc, row + dr];
    const cost = dc !== 0 && dr !== 0 ? 4 : 3;
    if (c < 0 || r < 0 || c >= columns || r >= rows) return cost;
    const neighbour = r * columns + c;
    return owner[neighbour] === owner[cell] ? (distance[neighbour] as number) + cost : cost;
  };
  const before = [
    [-1, 0],
    [-1, -1],
    [0, -1],
    [1, -1],
  ] as const;
  const after = [
    [1, 0],
    [1, 1],
    [0, 1],
    [-1, 1],
  ] as const;
  const cells = owner.length;
  for (let cell = 0; cell < cells; cell += 1) {
    const [column, row] = [cell % columns, Math.floor(cell / columns)];
    if (owner[cell] === OCCUPIED) continue;
    distance[cell] = Math.min(...before.map(([dc, dr]) => step(cell, column, row, dc, dr)));
  }
  for (let cell = cells - 1; cell >= 0; cell -= 1) {
    const [column, row] = [cell % columns, Math.floor(cell / columns)];
    if (owner[cell] === OCCUPIED) continue;
    const least = Math.min(...after.map(([dc, dr]) => step(cell, column, row, dc, dr)));
    distance[cell] = Math.min(distance[cell] as number, least);
  }
  return distance;
}
