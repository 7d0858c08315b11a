import type { RhythmTold } from './answers.ts';

export const DAYS = 7;
export const HOURS = 24;

/** Lower ends of the seven colours, of counts as they are in a cell of the map. */
const BREAKS = [0, 1, 2, 4, 7, 11, 16] as const;
const MOST_BY_BREAKS = 20;

/** Lower ends of the colours for counts up to `most`: those of the map, or stretched from 2 on. */
export function clockBreaks(most: number): number[] {
  if (most <= MOST_BY_BREAKS) return [...BREAKS];
  return BREAKS.map((n) => (n < 2 ? n : twoDigits((n * most) / MOST_BY_BREAKS)));
}

/** Which colour a count has, 0 to 6; only no case at all has the first, and less than one the second. */
export function colourOf(count: number, breaks: readonly number[]): number {
  if (count <= 0) return 0;
  return Math.max(1, breaks.findLastIndex((from) => count >= from));
}

/**
 * Counts as if the period had every hour of the week equally often, null where it has none: ten
 * days have three weekdays twice, and no more cases for it.
 */
export function evened({ counts, hours }: Pick<RhythmTold, 'counts' | 'hours'>): (number | null)[][] {
  const lasted = hours.flat().filter((h) => h > 0);
  const mean = lasted.reduce((sum, h) => sum + h, 0) / Math.max(1, lasted.length);
  return counts.map((row, day) =>
    row.map((n, hour) => {
      const h = hours[day]?.[hour] ?? 0;
      return h > 0 ? (n * mean) / h : null;
    }),
  );
}

/** Whether the period had some hours of the week more often than others. */
export const isUneven = (hours: RhythmTold['hours']): boolean => new Set(hours.flat()).size > 1;

/** Hours of the week that are the same on days in a row: ends are not part of it. */
export interface Block {
  day: number;
  dayEnd: number;
  hour: number;
  hourEnd: number;
  count: number;
}

const SHARE_THAT_STANDS_OUT = 0.75;

/**
 * The block of hours that holds most cases beyond the expected, of those blocks in which three
 * quarters of the hours stand out and, in each row and column, half; null where nothing does.
 */
export function standingBlock({
  counts,
  expected,
  stands_out: standsOut,
}: Pick<RhythmTold, 'counts' | 'expected' | 'stands_out'>): Block | null {
  const flags = summed((day, hour) => (standsOut[day]?.[hour] === 1 ? 1 : 0));
  const found = summed((day, hour) => counts[day]?.[hour] ?? 0);
  const usual = summed((day, hour) => expected[day]?.[hour] ?? 0);
  let best: Block | null = null;
  let most = 0;
  for (let day = 0; day < DAYS; day += 1) {
    for (let dayEnd = day + 1; dayEnd <= DAYS; dayEnd += 1) {
      for (let hour = 0; hour < HOURS; hour += 1) {
        for (let hourEnd = hour + 1; hourEnd <= HOURS; hourEnd += 1) {
          const block = { day, dayEnd, hour, hourEnd, count: 0 };
          if (!isBlock(flags, block)) continue;
          const count = found(block);
          const excess = count - usual(block);
          if (excess > most) {
            most = excess;
            best = { ...block, count };
          }
        }
      }
    }
  }
  return best;
}

type Rectangle = Omit<Block, 'count'>;
type Sum = (of: Rectangle) => number;

function isBlock(flags: Sum, of: Rectangle): boolean {
  const { day, dayEnd, hour, hourEnd } = of;
  const [tall, wide] = [dayEnd - day, hourEnd - hour];
  if (flags(of) < SHARE_THAT_STANDS_OUT * tall * wide) return false;
  for (let d = day; d < dayEnd; d += 1) {
    if (2 * flags({ ...of, day: d, dayEnd: d + 1 }) < wide) return false;
  }
  for (let h = hour; h < hourEnd; h += 1) {
    if (2 * flags({ ...of, hour: h, hourEnd: h + 1 }) < tall) return false;
  }
  return true;
}

/** Sums over rectangles of a table, each by four look-ups. */
function summed(value: (day: number, hour: number) => number): Sum {
  const wide = HOURS + 1;
  const table = new Float64Array((DAYS + 1) * wide);
  const at = (day: number, hour: number): number => table[day * wide + hour] as number;
  for (let day = 0; day < DAYS; day += 1) {
    for (let hour = 0; hour < HOURS; hour += 1) {
      table[(day + 1) * wide + hour + 1] =
        value(day, hour) + at(day, hour + 1) + at(day + 1, hour) - at(day, hour);
    }
  }
  return ({ day, dayEnd, hour, hourEnd }) =>
    at(dayEnd, hourEnd) - at(day, hourEnd) - at(dayEnd, hour) + at(day, hour);
}

/**
 * The outline of the hours of a sign, each edge between one of them and one that is not, as an SVG
 * path; an hour is a square of 1.
 */
export function outlinePath(standsOut: RhythmTold['stands_out'], sign: 1 | -1): string {
  const is = (day: number, hour: number): boolean => standsOut[day]?.[hour] === sign;
  const edges: string[] = [];
  for (let day = 0; day <= DAYS; day += 1) {
    for (let hour = 0; hour < HOURS; hour += 1) {
      if (is(day, hour) !== is(day - 1, hour)) edges.push(`M${hour} ${day}h1`);
    }
  }
  for (let hour = 0; hour <= HOURS; hour += 1) {
    for (let day = 0; day < DAYS; day += 1) {
      if (is(day, hour) !== is(day, hour - 1)) edges.push(`M${hour} ${day}v1`);
    }
  }
  return edges.join('');
}

function twoDigits(value: number): number {
  if (value < 10) return Math.round(value);
  const unit = 10 ** (Math.floor(Math.log10(value)) - 1);
  return Math.round(value / unit) * unit;
}
