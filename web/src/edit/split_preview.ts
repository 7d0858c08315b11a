import type { Grid } from './coverage.ts';
import { type Area, polygonsOf, type Position, type Ring } from './shapes.ts';

/** How far beside the outer ring an end of the line may lie to be on it, in degrees. */
const ON_RING = 2e-8;

/**
 * The two pieces a line would cut a grid into, for showing while it is drawn.
 *
 * Only of a grid of one polygon without holes, and of a line from a place on its outer ring to another; null
 * otherwise, and the service tells.
 */
export function splitPreview(grid: Grid, line: readonly Position[]): [Area, Area] | null {
  const [rings, ...others] = polygonsOf(grid.geometry);
  const [outer, ...holes] = rings ?? [];
  const [first, last] = [line[0], line.at(-1)];
  if (!outer || others.length > 0 || holes.length > 0 || line.length < 2) return null;
  if (!first || !last) return null;
  const [from, to] = [placeOn(outer, first), placeOn(outer, last)];
  if (from === null || to === null || from === to) return null;
  const back = [...line].reverse();
  const one = [...walk(outer, from, to), ...back.slice(0, -1)];
  const two = [...walk(outer, to, from), ...line.slice(0, -1)];
  return [closed(one), closed(two)];
}

/** Where on a ring a place is: the number of its stretch, and how far along it. */
function placeOn(ring: Ring, place: Position): number | null {
  let best: { at: number; away: number } | null = null;
  for (let i = 0; i + 1 < ring.length; i += 1) {
    const [a, b] = [ring[i], ring[i + 1]] as [Position, Position];
    const [dx, dy] = [b[0] - a[0], b[1] - a[1]];
    const squared = dx * dx + dy * dy;
    if (squared === 0) continue;
    const share = ((place[0] - a[0]) * dx + (place[1] - a[1]) * dy) / squared;
    const along = Math.min(1, Math.max(0, share));
    const away = Math.hypot(a[0] + along * dx - place[0], a[1] + along * dy - place[1]);
    if (away <= ON_RING && away < (best?.away ?? Infinity)) best = { at: i + along, away };
  }
  return best && best.at % (ring.length - 1);
}

/** The corners of a ring after one place of it, up to another, both places told first and last. */
function walk(ring: Ring, from: number, to: number): Position[] {
  const count = ring.length - 1;
  const places = [placeAt(ring, from)];
  const end = to > from ? to : to + count;
  for (let i = Math.floor(from) + 1; i < end; i += 1) places.push(ring[i % count] as Position);
  places.push(placeAt(ring, to));
  return places;
}

function placeAt(ring: Ring, at: number): Position {
  const i = Math.floor(at);
  const [a, b] = [ring[i], ring[i + 1] ?? ring[0]] as [Position, Position];
  const share = at - i;
  return [a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])];
}

const closed = (places: Position[]): Area => ({
  type: 'Polygon',
  coordinates: [[...places, places[0] as Position] as unknown as GeoJSON.Position[]],
});
