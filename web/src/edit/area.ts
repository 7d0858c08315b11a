import { type Area, polygonsOf, type Position, type Ring } from './shapes.ts';

/** WGS84. */
const SEMI_MAJOR_M = 6_378_137;
const FLATTENING = 1 / 298.257223563;
const E2 = FLATTENING * (2 - FLATTENING);
const E = Math.sqrt(E2);

/**
 * The area in square metres of a shape in degrees, on the ellipsoid.
 *
 * By authalic latitudes (Snyder 1987, 3-11 to 3-13), in which areas on the ellipsoid are those of
 * a cylinder: exact but for edges being straight in degrees. The service measures in a metric
 * projection; for a grid the two differ by less than one part in a thousand.
 */
export function areaM2(area: Area): number {
  let total = 0;
  for (const [outer, ...holes] of polygonsOf(area)) {
    if (outer) total += Math.abs(ringM2(outer));
    for (const hole of holes) total -= Math.abs(ringM2(hole));
  }
  return total;
}

/**
 * By how much the service's measure of a grid is larger than ours: a projection stretches the ground
 * around a place alike, so shapes beside the grid are told in the service's measure by the same.
 */
export const stretchOf = (grid: { area_m2: number; geometry: Area }): number =>
  grid.area_m2 / areaM2(grid.geometry);

/** Positive where the ring runs against the clock. */
export function ringM2(ring: Ring): number {
  const first = ring[0];
  if (!first) return 0;
  let sum = 0;
  // From its first corner: a small ring keeps all digits.
  const [lng0, q0] = [first[0], q(first[1])];
  for (let i = 0; i + 1 < ring.length; i += 1) {
    const [[lng1, lat1], [lng2, lat2]] = [ring[i], ring[i + 1]] as [Position, Position];
    sum += radians(lng1 - lng0) * (q(lat2) - q0) - radians(lng2 - lng0) * (q(lat1) - q0);
  }
  return (sum * SEMI_MAJOR_M ** 2) / 4;
}

/** Snyder's q: twice the area, on an ellipsoid of semi-major axis 1, from the equator, per radian. */
function q(lat: number): number {
  const sine = Math.sin(radians(lat));
  return (1 - E2) * (sine / (1 - E2 * sine ** 2) + Math.atanh(E * sine) / E);
}

const radians = (degrees: number): number => (degrees * Math.PI) / 180;

/** Metres of one degree along the parallel and along the meridian, for distances on the screen. */
export function metresPerDegree(lat: number): readonly [lng: number, lat: number] {
  const sine = Math.sin(radians(lat));
  const squeeze = 1 - E2 * sine ** 2;
  const meridian = (SEMI_MAJOR_M * (1 - E2)) / squeeze ** 1.5;
  const parallel = (SEMI_MAJOR_M * Math.cos(radians(lat))) / Math.sqrt(squeeze);
  return [radians(parallel), radians(meridian)];
}
