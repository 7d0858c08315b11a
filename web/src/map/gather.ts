import { clusterDiameterPx, type StateSplit } from '../symbols/cluster_symbol.ts';

import { Plane } from './plane.ts';

/** A point of the case tiles: one case, or several already gathered by the service. */
export interface Spot {
  lng: number;
  lat: number;
  n: number;
  split: StateSplit;
  /** Code of the township all of them belong to, where the service says it. */
  township: string | null;
  /** Of a single case only. */
  single: { number: number; state: string; urgency: string } | null;
}

/** From this zoom on every case has its own symbol; only those lying on each other stay gathered. */
export const SINGLES_FROM_ZOOM = 13;

/** Spots are first put together by cells of this width. */
const CELL_PX = 60;
const SINGLES_CELL_PX = 12;
/** Half the width of the symbol of a single case, with a little air. */
const SINGLE_REACH_PX = 9;

/** A spot on its way: its place in pixels of the plane. */
interface Heap {
  x: number;
  y: number;
  spot: Spot;
}

/**
 * Gather spots so that discs do not cover each other; singles stay singles where they can.
 *
 * Cells are anchored to the world, so that panning moves nothing; then the larger heap takes in any
 * smaller one its disc would touch. Places are the means of their cases in the Mercator plane.
 */
export function gather(spots: readonly Spot[], zoom: number): Spot[] {
  const plane = new Plane(zoom);
  const cellPx = zoom >= SINGLES_FROM_ZOOM ? SINGLES_CELL_PX : CELL_PX;
  const cells = new Map<string, Heap>();
  for (const spot of spots) {
    const heap = { ...plane.pixel(spot.lng, spot.lat), spot };
    const key = `${Math.floor(heap.x / cellPx)}:${Math.floor(heap.y / cellPx)}`;
    const there = cells.get(key);
    cells.set(key, there ? joined(there, heap) : heap);
  }
  const heaps = [...cells.values()].sort((a, b) => b.spot.n - a.spot.n || a.x - b.x || a.y - b.y);
  return withoutTouching(heaps, zoom).map(({ x, y, spot }) => ({ ...spot, ...plane.place(x, y) }));
}

/** All spots as one, at the mean of their cases; null when there are none. */
export function total(spots: readonly Spot[], zoom: number): Spot | null {
  if (spots.length === 0) return null;
  const plane = new Plane(zoom);
  const { x, y, spot } = spots
    .map((each) => ({ ...plane.pixel(each.lng, each.lat), spot: each }))
    .reduce(joined);
  return { ...spot, ...plane.place(x, y) };
}

function withoutTouching(heaps: readonly Heap[], zoom: number): Heap[] {
  const kept: Heap[] = [];
  for (const heap of heaps) {
    const near = kept.findIndex((other) => {
      // Two singles may touch from zoom 13 on: each is its own case and can be told apart.
      if (zoom >= SINGLES_FROM_ZOOM && heap.spot.n === 1 && other.spot.n === 1) return false;
      return Math.hypot(heap.x - other.x, heap.y - other.y) < reachPx(heap) + reachPx(other);
    });
    if (near >= 0) kept[near] = joined(kept[near] as Heap, heap);
    else kept.push(heap);
  }
  return kept;
}

const reachPx = ({ spot: { n } }: Heap): number =>
  n === 1 ? SINGLE_REACH_PX : clusterDiameterPx(n) / 2 + 2;

function joined(a: Heap, b: Heap): Heap {
  const n = a.spot.n + b.spot.n;
  const mean = (of: number, other: number): number => (of * a.spot.n + other * b.spot.n) / n;
  const [s, t] = [a.spot.split, b.spot.split];
  const split = [s[0] + t[0], s[1] + t[1], s[2] + t[2], s[3] + t[3]] as const;
  return { x: mean(a.x, b.x), y: mean(a.y, b.y), spot: { ...a.spot, n, split, township: null, single: null } };
}
