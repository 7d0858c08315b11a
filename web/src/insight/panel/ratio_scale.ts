import type { Ratio } from './figures.ts';

export interface RatioScale {
  /** Ratios that have their tick, 1 among them. */
  ticks: readonly number[];
  /** From 0 at the left to 1 at the right; what lies beyond is at the edge. */
  at: (ratio: number) => number;
  /** Whether a ratio lies beyond the scale. */
  isBeyond: (ratio: number) => boolean;
}

const LEAST_REACH = 2;
const MOST_REACH = 8;

/**
 * A logarithmic scale with 1 in its middle: half and twice are equally far from it. It reaches as
 * far as the ratios and most of their intervals do, ×⅛ to ×8 at most; intervals may be cut.
 */
export function ratioScale(rows: readonly Ratio[]): RatioScale {
  const ends = rows.flatMap(({ ratio, low, high }) => [ratio, low, high]);
  const reaches = ends
    .filter((end): end is number => end !== null && end > 0)
    .map((end) => Math.max(end, 1 / end));
  const wanted = Math.max(LEAST_REACH, ...reaches);
  const reach = Math.min(MOST_REACH, 2 ** Math.ceil(Math.log2(wanted) - 1e-9));
  const ticks = [1 / reach, 1, reach];
  const at = (ratio: number): number => {
    if (ratio <= 0) return 0;
    return clamp(0.5 + Math.log(ratio) / (2 * Math.log(reach)));
  };
  return { ticks, at, isBeyond: (ratio) => ratio > reach || ratio < 1 / reach };
}

/** Whether a row differs from "as before", corrected for how many were asked. */
export const isOff = (q: number | null, level = 0.05): boolean => q !== null && q <= level;

const clamp = (share: number): number => Math.min(1, Math.max(0, share));
