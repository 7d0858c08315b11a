import { areaM2, metresPerDegree, stretchOf } from './area.ts';
import type { Coverage, Grid } from './coverage.ts';
import type { Operation } from './drafts.ts';
import { type Area, holds, type Position } from './shapes.ts';
import { splitPreview } from './split_preview.ts';
import type { Tool } from './instruments.ts';

export type Drawn = GeoJSON.LineString | GeoJSON.Polygon;

/** A figure under the hand: how large something is, and would be. */
export interface Figure {
  name: string;
  before: number | null;
  after: number;
  /** The grid as it is, of which it is a part or which it becomes; null of new ground. */
  of: Grid | null;
  shape: Area;
}

/** The grid that a line splits: the chosen one if the line enters it, else the one at its middle. */
export function splitGrid(
  coverage: Coverage,
  chosen: readonly Grid[],
  line: readonly Position[],
): Grid | null {
  const middle = middleOf(line);
  const [one] = chosen;
  const places = [middle, ...line.slice(1, -1)];
  if (one && chosen.length === 1 && places.some((place) => holds(one.geometry, place))) return one;
  return coverage.at(middle);
}

/** The operation that something drawn asks for; null while something is missing for it. */
export function operationOf(
  tool: Tool,
  drawn: Drawn,
  coverage: Coverage,
  chosen: readonly Grid[],
): Operation | null {
  const code = chosen.length === 1 ? chosen[0]?.code : undefined;
  if (drawn.type === 'LineString') {
    if (tool === 'stretch') return { op: 'move_boundary', line: drawn };
    const grid = splitGrid(coverage, chosen, drawn.coordinates as unknown as Position[]);
    return tool === 'split' && grid ? { op: 'split', grid: grid.code, line: drawn } : null;
  }
  if (code === undefined) return null;
  if (tool === 'transfer') return { op: 'transfer', to: code, area: drawn };
  return tool === 'redraw' ? { op: 'redraw', grid: code, area: drawn } : null;
}

/** What is known of a drawing while it is drawn: the pieces it would make. */
export function figuresOf(
  tool: Tool,
  drawn: Drawn,
  coverage: Coverage,
  chosen: readonly Grid[],
): Figure[] {
  if (drawn.type === 'Polygon') {
    const [one] = chosen;
    const first = drawn.coordinates[0]?.[0] as unknown as Position | undefined;
    const beside = one ?? (first && coverage.at(first));
    const after = areaM2(drawn) * (beside ? stretchOf(beside) : 1);
    const before = tool === 'redraw' && one ? one.area_m2 : null;
    const of = tool === 'redraw' && one ? one : null;
    return [{ name: one?.name ?? '', before, after, of, shape: drawn }];
  }
  const line = drawn.coordinates as unknown as Position[];
  if (tool !== 'split' || line.length < 2) return [];
  const grid = splitGrid(coverage, chosen, line);
  const pieces = grid && splitPreview(grid, line);
  if (!pieces) return [];
  const before = grid.area_m2;
  const stretch = stretchOf(grid);
  return pieces.map((shape) => ({
    name: grid.name,
    before,
    after: areaM2(shape) * stretch,
    of: grid,
    shape,
  }));
}

/** A place some metres to the east and the north. */
export function nudged([lng, lat]: Position, eastM: number, northM: number): Position {
  const [lngM, latM] = metresPerDegree(lat);
  return [lng + eastM / lngM, lat + northM / latM];
}

/** The middle of a line, by its length. */
function middleOf(line: readonly Position[]): Position {
  const lengths = line.slice(1).map((place, i) => {
    const last = line[i] as Position;
    return Math.hypot(place[0] - last[0], place[1] - last[1]);
  });
  let rest = lengths.reduce((sum, length) => sum + length, 0) / 2;
  for (const [i, length] of lengths.entries()) {
    const [a, b] = [line[i], line[i + 1]] as [Position, Position];
    if (rest <= length && length > 0) {
      const share = rest / length;
      return [a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])];
    }
    rest -= length;
  }
  return line[0] ?? [0, 0];
}
