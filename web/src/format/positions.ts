/** Five decimals are about one metre: finer than any phone's fix. */
export const position = (lng: number, lat: number): string =>
  `${lng.toFixed(5)}, ${lat.toFixed(5)}`;

/**
 * Read "lng, lat" in degrees as people paste it: comma (also full-width), blank or semicolon between.
 * Null when it is not two numbers in range.
 */
export function readPosition(text: string): { lng: number; lat: number } | null {
  const parts = text
    .trim()
    .split(/[\s,，;；]+/)
    .filter(Boolean);
  if (parts.length !== 2 || !parts.every((part) => /^[+-]?\d+(\.\d*)?$/.test(part))) return null;
  const [lng, lat] = parts.map(Number) as [number, number];
  return Math.abs(lng) <= 180 && Math.abs(lat) <= 90 ? { lng, lat } : null;
}
