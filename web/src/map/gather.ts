import { groupOfState } from '../state/case_states.ts';
import { clusterDiameterPx, type StateSplit } from '../symbols/cluster_symbol.ts';

/** A point of the case tiles: one case, or several already gathered by the service. */
export interface Spot {
  lng: number;
  lat: number;
  n: number;
  /** Of a single case only. */
  number?: number;
  state?: string;
  urgency?: string;
}

/** What is drawn in one place: a single case as its symbol, or a cluster. */
export interface Gathered {
  lng: number;
  lat: number;
  n: number;
  single: Spot | null;
  /** Null when the service did not say the states of a part. */
  split: StateSplit | null;
}

/** From this zoom on every case has its own symbol; only those lying on each other stay gathered. */
export const SINGLES_FROM_ZOOM = 13;

interface Heap {
  x: number;
  y: number;
  n: number;
  split: [number, number, number, number] | null;
  first: Spot;
}

/**
 * Gather spots so that discs do not cover each other.
 *
 * Spots are first put together by cells anchored to the world, so that panning moves nothing; then
 * the larger heap takes in any smaller one its disc would touch. Positions are the means of
 * their cases in the Mercator plane of `zoom` (pixels of a 512 px world).
 */
export function gather(spots: readonly Spot[], zoom: number): Gathered[] {
  const worldPx = 512 * 2 ** zoom;
  const cellPx = zoom >= SINGLES_FROM_ZOOM ? 12 : 44;
  const cells = new Map<string, Heap>();
  for (const spot of spots) {
    const [x, y] = [mercatorX(spot.lng) * worldPx, mercatorY(spot.lat) * worldPx];
    const key = `${Math.floor(x / cellPx)}:${Math.floor(y / cellPx)}`;
    const heap: Heap = { x, y, n: spot.n, split: splitOf(spot), first: spot };
    const there = cells.get(key);
    if (there) absorb(there, heap);
    else cells.set(key, heap);
  }
  const heaps = [...cells.values()].sort((a, b) => b.n - a.n || a.x - b.x || a.y - b.y);
  return merged(heaps, zoom).map((heap) => ({
    lng: longitude(heap.x / worldPx),
    lat: latitude(heap.y / worldPx),
    n: heap.n,
    single: heap.n === 1 ? heap.first : null,
    split: heap.split,
  }));
}

function merged(heaps: readonly Heap[], zoom: number): Heap[] {
  const kept: Heap[] = [];
  for (const heap of heaps) {
    const near = kept.find((other) => {
      // Two singles may touch from zoom 13 on: each is its own case and can be told apart.
      if (zoom >= SINGLES_FROM_ZOOM && heap.n === 1 && other.n === 1) return false;
      return Math.hypot(heap.x - other.x, heap.y - other.y) < reachPx(heap) + reachPx(other);
    });
    if (near) absorb(near, heap);
    else kept.push(heap);
  }
  return kept;
}

const reachPx = (heap: Heap): number => (heap.n === 1 ? 9 : clusterDiameterPx(heap.n) / 2 + 2);

function absorb(into: Heap, other: Heap): void {
  const n = into.n + other.n;
  into.x = (into.x * into.n + other.x * other.n) / n;
  into.y = (into.y * into.n + other.y * other.n) / n;
  into.n = n;
  into.split = addSplits(into.split, other.split);
}

function splitOf(spot: Spot): Heap['split'] {
  if (spot.n !== 1 || spot.state === undefined) return null;
  const group = groupOfState(spot.state);
  return [+(group === 'new'), +(group === 'hand'), +(group === 'check'), +(group === 'hold' || group === 'done')];
}

function addSplits(a: Heap['split'], b: Heap['split']): Heap['split'] {
  return a && b && [a[0] + b[0], a[1] + b[1], a[2] + b[2], a[3] + b[3]];
}

const mercatorX = (lng: number): number => (lng + 180) / 360;

const mercatorY = (lat: number): number =>
  (1 - Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360)) / Math.PI) / 2;

const longitude = (x: number): number => x * 360 - 180;

const latitude = (y: number): number =>
  (360 / Math.PI) * Math.atan(Math.exp(Math.PI * (1 - 2 * y))) - 90;
