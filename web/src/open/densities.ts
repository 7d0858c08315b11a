import { CELL_RAMP } from '../symbols/cell_ramp.ts';

import type { OpenCell } from './answers.ts';

const LADDER = [1, 2, 5] as const;
/** Where the darkest tone may begin, of the densest cell of all months: one month is denser. */
const TOP_SHARE = 1.5;

/** Cells are of several sizes, so what is compared is how dense cases are: per km² and month. */
export const densityOf = ({ count, km2 }: Pick<OpenCell, 'count' | 'km2'>, months: number): number =>
  (count ?? 0) / km2 / Math.max(months, 1);

/** Where the tones above the first begin: steps of 1, 2, 5, 10 … below the densest. */
export function breaksBelow(densest: number): number[] {
  const tones = CELL_RAMP.length - 1;
  let step = densest > 0 ? Math.floor(Math.log10(densest * TOP_SHARE) * 3) + 2 : 0;
  while (rung(step) > densest * TOP_SHARE && densest > 0) step -= 1;
  return Array.from({ length: tones }, (_, at) => rung(step - tones + 1 + at));
}

export const toneOf = (density: number, breaks: readonly number[]): number =>
  breaks.filter((from) => density >= from).length;

/** The steps of a 1–2–5 ladder by their number: rung(0) is 1, rung(1) 2, rung(2) 5, rung(3) 10. */
function rung(step: number): number {
  const power = Math.floor(step / LADDER.length);
  const digit = LADDER[step - power * LADDER.length] as number;
  return Number((digit * 10 ** power).toPrecision(1));
}
