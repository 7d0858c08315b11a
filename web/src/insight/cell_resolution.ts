/** Resolutions of H3 cells that the page offers; finer ones are for whoever pins them. */
export const RESOLUTIONS = [6, 7, 8, 9, 10] as const;
export type Resolution = (typeof RESOLUTIONS)[number];

/** Mean area of a cell, in km², as H3's own table has them. */
export const CELL_KM2: Record<Resolution, number> = {
  6: 36.129,
  7: 5.1613,
  8: 0.73733,
  9: 0.10533,
  10: 0.015047,
};

/** From this zoom on a resolution is drawn: its cells are 6 to 8 pixels wide there, at 30 degrees. */
const FROM_ZOOM: readonly [zoom: number, resolution: Resolution][] = [
  [10.6, 9],
  [8.8, 8],
  [7.4, 7],
];

/** The finest resolution whose cells can be told apart at a zoom. */
export const resolutionAt = (zoom: number): Resolution =>
  FROM_ZOOM.find(([from]) => zoom >= from)?.[1] ?? 6;

/** The zoom at which a box just fits so many pixels. */
export function zoomToFit(
  [west, south, east, north]: readonly [number, number, number, number],
  widthPx: number,
  heightPx: number,
): number {
  // In the width of the world, as Web Mercator has it.
  const y = (lat: number): number =>
    Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360)) / (2 * Math.PI);
  const [wide, high] = [(east - west) / 360, y(north) - y(south)];
  return Math.log2(Math.min(widthPx / wide, heightPx / high) / 512);
}

/** How wide a cell is on the screen, in pixels, at a latitude. */
export function cellWidthPx(resolution: Resolution, zoom: number, lat: number): number {
  const metresOfPixel = (40_075_017 * Math.cos((lat * Math.PI) / 180)) / (512 * 2 ** zoom);
  // Of a regular hexagon: twice the apothem.
  const widthM = Math.sqrt((2 * CELL_KM2[resolution] * 1e6) / Math.sqrt(3));
  return widthM / metresOfPixel;
}

/** Whether a word is the name of an H3 cell, of a resolution that cases have. */
export const isCell = (word: string): boolean => /^8[0-9ab][0-9a-f]{13}$/.test(word);

/** The resolution of a cell, which is the second digit of its name. */
export const resolutionOf = (cell: string): number => parseInt(cell[1] ?? '0', 16);
