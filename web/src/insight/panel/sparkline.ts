export interface Box {
  width: number;
  height: number;
}

const INSET = 2.5;

/** A line of counts in a box, from 0 to the most, and where it ends. */
export function sparkline(
  counts: readonly number[],
  { width, height }: Box,
): { points: string; end: readonly [number, number] | null } {
  const most = Math.max(1, ...counts);
  const step = counts.length > 1 ? (width - 2 * INSET) / (counts.length - 1) : 0;
  const at = counts.map(
    (n, i) =>
      [round(INSET + i * step), round(height - INSET - (n / most) * (height - 2 * INSET))] as const,
  );
  return { points: at.map((xy) => xy.join(',')).join(' '), end: at.at(-1) ?? null };
}

const MOST_WIDE = 8;
const GAP = 1;

/** Bars of counts in a box, the last at its right edge; a count above 0 is at least one pixel. */
export function weekBars(
  counts: readonly number[],
  { width, height }: Box,
): { x: number; y: number; width: number; height: number }[] {
  const most = Math.max(1, ...counts);
  const pitch = Math.min(MOST_WIDE, width / Math.max(1, counts.length));
  return counts.map((n, i) => {
    const tall = n > 0 ? Math.max(1, round((n / most) * height)) : 0;
    return {
      x: round(width - (counts.length - i) * pitch),
      y: round(height - tall),
      width: round(Math.max(0.5, pitch - GAP)),
      height: tall,
    };
  });
}

const round = (value: number): number => Math.round(value * 10) / 10;
