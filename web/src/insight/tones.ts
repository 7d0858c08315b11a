import { CELL_RAMP } from '../symbols/cell_ramp.ts';

/** What a cell is painted with: one of so many tones, each from a break on. */
export interface Scale {
  /** Lower ends of the tones, ascending; the first tone is all below the second break. */
  breaks: readonly number[];
  colours: readonly string[];
}

/** Two directions from cold to hot. */
export const Z_COLOURS = [
  '#1F4673',
  '#5F8BB8',
  '#B9CFE2',
  '#F4F2EB',
  '#F1C773',
  '#BC6529',
  '#6E2A14',
] as const;

const COUNT_BREAKS = [0, 1, 2, 4, 7, 11, 16] as const;
const MULTIPLES = [1, 2, 5];
const TOP_SHARE = 0.98;

/** Counts from 0: whole numbers, the same for both periods; the darkest is for the top two percent. */
export function countScale(...fields: readonly (readonly number[])[]): Scale {
  const above = fields.flatMap((counts) => counts.filter((count) => count > 0));
  const top = topOf(above);
  const most = COUNT_BREAKS[6];
  let factor = 1;
  for (let power = 0; factor * most < top; power += 1) {
    factor = (MULTIPLES[power % 3] as number) * 10 ** Math.floor(power / 3);
  }
  // Without a case and with one stay apart however large the others are.
  const breaks = COUNT_BREAKS.map((at) => (at <= 1 ? at : at * factor));
  return { breaks, colours: CELL_RAMP };
}

/** Rates, from the lowest to the highest of a city, in round steps. */
export function rateScale(rates: readonly number[]): Scale {
  const top = topOf(rates.filter((rate) => rate > 0));
  const step = rounded(top / 6 || 1);
  return {
    breaks: CELL_RAMP.map((_, tone) => Number((tone * step).toPrecision(3))),
    colours: CELL_RAMP,
  };
}

/** Deviates where 90, 95 and 99 % of a normal distribution end; what is significant says the line. */
export const Z_SCALE: Scale = {
  breaks: [-Infinity, -2.58, -1.96, -1.65, 1.65, 1.96, 2.58],
  colours: Z_COLOURS,
};

/** The position of a value among the tones. */
export function toneOf(value: number, { breaks }: Scale): number {
  let tone = 0;
  while (tone + 1 < breaks.length && value >= (breaks[tone + 1] as number)) tone += 1;
  return tone;
}

function topOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.ceil((sorted.length - 1) * TOP_SHARE)] ?? 0;
}

/** Up to the next of 1, 2, 2.5 and 5 of its power of ten. */
function rounded(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step));
  return power * ([1, 2, 2.5, 5, 10].find((nice) => step <= nice * power * 1.000001) ?? 10);
}
