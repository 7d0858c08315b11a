import {
  cellsToMultiPolygon,
  cellToBoundary,
  cellToLatLng,
  latLngToCell,
} from 'h3-js';

/** The cell a place lies in. */
export const cellAt = (lng: number, lat: number, resolution: number): string =>
  latLngToCell(lat, lng, resolution);

export function middleOfCell(cell: string): [lng: number, lat: number] {
  const [lat, lng] = cellToLatLng(cell);
  return [lng, lat];
}

/** Cells that touch as one area, with the holes between them. */
export const joinedCells = (cells: readonly string[]): GeoJSON.MultiPolygon => ({
  type: 'MultiPolygon',
  coordinates: cellsToMultiPolygon([...cells], true),
});

/** West, south, east, north of some cells. */
export function boxOfCells(cells: readonly string[]): [number, number, number, number] | null {
  if (cells.length === 0) return null;
  const corners = cells.flatMap((cell) => cellToBoundary(cell, true));
  const [lngs, lats] = [corners.map(([lng]) => lng), corners.map(([, lat]) => lat)];
  return [Math.min(...lngs), Math.min(...lats), Math.max(...lngs), Math.max(...lats)];
}
