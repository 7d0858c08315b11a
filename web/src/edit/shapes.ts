import type { Bounds } from '../map/areas.ts';
import { crossingsAt } from '../map/areas.ts';

export type Position = readonly [lng: number, lat: number];
export type Ring = readonly Position[];
export type Area = GeoJSON.Polygon | GeoJSON.MultiPolygon;

/** The polygons of an area, each with its rings: the outer one first, then its holes. */
export function polygonsOf(area: Area): Ring[][] {
  const polygons = area.type === 'Polygon' ? [area.coordinates] : area.coordinates;
  return polygons as unknown as Ring[][];
}

export const ringsOf = (area: Area): Ring[] => polygonsOf(area).flat();

/** The box around any geometry; null when it has no position. */
export function boxOf(geometry: GeoJSON.Geometry): Bounds | null {
  let [west, south, east, north] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [lng, lat] of positionsOf(geometry)) {
    west = Math.min(west, lng);
    south = Math.min(south, lat);
    east = Math.max(east, lng);
    north = Math.max(north, lat);
  }
  return west === Infinity ? null : [west, south, east, north];
}

/** The box around several; null when none has a position. */
export function boxAround(geometries: readonly GeoJSON.Geometry[]): Bounds | null {
  return boxOf({ type: 'GeometryCollection', geometries: [...geometries] });
}

export const boxesMeet = (a: Bounds, b: Bounds): boolean =>
  a[0] <= b[2] && b[0] <= a[2] && a[1] <= b[3] && b[1] <= a[3];

export const isIn = ([lng, lat]: Position, [west, south, east, north]: Bounds): boolean =>
  lng >= west && lng <= east && lat >= south && lat <= north;

/** Whether a place lies in an area, by the even-odd rule. */
export const holds = (area: Area, [lng, lat]: Position): boolean =>
  crossingsAt(ringsOf(area), lat).filter((crossing) => crossing <= lng).length % 2 === 1;

/** How many parallels are tried for a name: enough that one of them meets the wide part. */
const PARALLELS = 9;

/** A place well inside an area: the middle of its longest stretch along one of a few parallels. */
export function insidePlace(area: Area): Position {
  const rings = ringsOf(area);
  const [west, south, east, north] = boxOf(area) ?? [0, 0, 0, 0];
  let best: Position = [(west + east) / 2, (south + north) / 2];
  let widest = 0;
  for (let step = 1; step <= PARALLELS; step += 1) {
    const share = step / (PARALLELS + 1);
    const lat = south + share * (north - south);
    const crossings = crossingsAt(rings, lat);
    for (let pair = 0; pair + 1 < crossings.length; pair += 2) {
      const [from, to] = [crossings[pair] as number, crossings[pair + 1] as number];
      // Rather the middle of the area than a place at its foot that is as wide.
      const worth = (to - from) * (1 - Math.abs(share - 0.5));
      if (worth > widest) [widest, best] = [worth, [(from + to) / 2, lat]];
    }
  }
  return best;
}

function* positionsOf(geometry: GeoJSON.Geometry): Generator<Position> {
  if (geometry.type === 'GeometryCollection') {
    for (const each of geometry.geometries) yield* positionsOf(each);
  } else yield* flattened(geometry.coordinates);
}

function* flattened(coordinates: unknown): Generator<Position> {
  if (!Array.isArray(coordinates) || coordinates.length === 0) return;
  if (typeof coordinates[0] === 'number') yield coordinates as unknown as Position;
  else for (const each of coordinates) yield* flattened(each);
}
