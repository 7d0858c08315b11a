import type { Coverage, Grid } from './coverage.ts';
import { Stretches } from './edges.ts';
import { type Position, ringsOf } from './shapes.ts';

/** A corner of a grid: a node where three or more grids meet, else a plain corner of an edge. */
export interface Corner {
  at: Position;
  /** The grids that have it. */
  codes: string[];
  /** On the outline of the city, which moves by an operation of its own. */
  isFixed: boolean;
}

const isAt = ([lng, lat]: Position, other: Position): boolean =>
  lng === other[0] && lat === other[1];

/** The corners of a grid in the order of its rings. */
export function cornersOf(coverage: Coverage, grid: Grid): Corner[] {
  const around = coverage.meeting(grid.box);
  const stretches = new Stretches(around);
  const having = new Map<string, Set<string>>();
  for (const each of around) {
    for (const place of ringsOf(each.geometry).flat()) {
      const name = place.join();
      having.set(name, (having.get(name) ?? new Set()).add(each.code));
    }
  }
  return ringsOf(grid.geometry).flatMap((ring) => {
    const count = ring.length - 1;
    return ring.slice(0, count).map((at, i) => {
      const [last, next] = [ring[(i - 1 + count) % count], ring[i + 1]] as [Position, Position];
      const sides = [stretches.owners(last, at), stretches.owners(at, next)];
      return {
        at,
        codes: [...(having.get(at.join()) ?? [])],
        isFixed: sides.some((owners) => owners.length < 2),
      };
    });
  });
}

/** The same grid with a corner, or a place on an edge, somewhere else: for showing it only. */
export function withCornerMoved(grid: Grid, from: Position, to: Position): Grid {
  const moved = (ring: readonly Position[]): Position[] =>
    ring.flatMap((place, i) => {
      if (isAt(place, from)) return [to];
      const next = ring[i + 1];
      // A place on the edge after this corner becomes a corner of its own.
      return next && !isAt(next, from) && isBetween(place, next, from) ? [place, to] : [place];
    });
  const { geometry } = grid;
  const shaped =
    geometry.type === 'Polygon'
      ? { ...geometry, coordinates: (geometry.coordinates as unknown as Position[][]).map(moved) }
      : {
          ...geometry,
          coordinates: (geometry.coordinates as unknown as Position[][][]).map((rings) =>
            rings.map(moved),
          ),
        };
  return { ...grid, geometry: shaped as unknown as Grid['geometry'] };
}

/** A millimetre, in degrees: how far beside an edge a place on it may be by rounding. */
const BESIDE = 1e-8;

function isBetween(a: Position, b: Position, place: Position): boolean {
  const [dx, dy] = [b[0] - a[0], b[1] - a[1]];
  const length = Math.hypot(dx, dy);
  if (length === 0) return false;
  const along = ((place[0] - a[0]) * dx + (place[1] - a[1]) * dy) / length;
  const beside = Math.abs((place[0] - a[0]) * dy - (place[1] - a[1]) * dx) / length;
  return beside <= BESIDE && along > 0 && along < length;
}
