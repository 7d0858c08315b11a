import { metresPerDegree } from './area.ts';
import type { Grid } from './coverage.ts';
import { boxesMeet, type Position, ringsOf } from './shapes.ts';

/** What a place on the map is taken to be. */
export interface Snap {
  at: Position;
  kind: 'corner' | 'edge';
  /** The grids that have it. */
  codes: string[];
}

/** Corners draw from this much further than edges, or nobody would ever hit one. */
const CORNER_PULL = 1.4;
/** Of the service's grid of coordinates. */
const STEPS_PER_DEGREE = 1e9;

/** The corner within reach of a place, else the nearest place on an edge; null when there is none. */
export function snap(grids: Iterable<Grid>, place: Position, reachM: number): Snap | null {
  const [lngM, latM] = metresPerDegree(place[1]);
  const pull = reachM * CORNER_PULL;
  const box = [
    place[0] - pull / lngM,
    place[1] - pull / latM,
    place[0] + pull / lngM,
    place[1] + pull / latM,
  ] as const;
  let corner: { at: Position; away: number } | null = null;
  let edge: { at: Position; away: number } | null = null;
  const near = [...grids].filter((grid) => boxesMeet(grid.box, box));
  for (const grid of near) {
    for (const ring of ringsOf(grid.geometry)) {
      for (let i = 0; i + 1 < ring.length; i += 1) {
        const [a, b] = [ring[i], ring[i + 1]] as [Position, Position];
        const [ax, ay] = [(a[0] - place[0]) * lngM, (a[1] - place[1]) * latM];
        const [dx, dy] = [(b[0] - a[0]) * lngM, (b[1] - a[1]) * latM];
        const atCorner = Math.hypot(ax, ay);
        if (atCorner <= pull && atCorner < (corner?.away ?? Infinity)) {
          corner = { at: a, away: atCorner };
        }
        const squared = dx * dx + dy * dy;
        if (squared === 0) continue;
        const share = Math.min(1, Math.max(0, -(ax * dx + ay * dy) / squared));
        const away = Math.hypot(ax + share * dx, ay + share * dy);
        if (away <= reachM && away < (edge?.away ?? Infinity)) {
          edge = { at: rounded([a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])]), away };
        }
      }
    }
  }
  const found = corner ?? edge;
  if (!found) return null;
  return {
    at: found.at,
    kind: corner ? 'corner' : 'edge',
    codes: near.filter((grid) => touches(grid, found.at, lngM, latM)).map(({ code }) => code),
  };
}

/** A place on the service's grid of coordinates. */
export const rounded = ([lng, lat]: Position): Position => [
  Math.round(lng * STEPS_PER_DEGREE) / STEPS_PER_DEGREE,
  Math.round(lat * STEPS_PER_DEGREE) / STEPS_PER_DEGREE,
];

/** Two millimetres: so near the service takes a place to be on an edge. */
const ON_M = 0.002;

function touches(grid: Grid, place: Position, lngM: number, latM: number): boolean {
  return ringsOf(grid.geometry).some((ring) =>
    ring.some((a, i) => {
      const b = ring[i + 1];
      if (!b) return false;
      const [ax, ay] = [(a[0] - place[0]) * lngM, (a[1] - place[1]) * latM];
      const [dx, dy] = [(b[0] - a[0]) * lngM, (b[1] - a[1]) * latM];
      const squared = dx * dx + dy * dy || 1;
      const share = Math.min(1, Math.max(0, -(ax * dx + ay * dy) / squared));
      return Math.hypot(ax + share * dx, ay + share * dy) <= ON_M;
    }),
  );
}
