import { dayPlus, daysBetween } from '../state/time_range.ts';

/** Days `yyyy-mm-dd` of the city's calendar; both ends belong to it. */
export interface Period {
  from: string;
  to: string;
}

/** A stretch of seven days and how many cases it had. */
export interface Week extends Period {
  count: number;
}

export const WEEK_DAYS = 7;
export const USUAL_WEEKS = 4;

export const lengthOf = ({ from, to }: Period): number => daysBetween(from, to) + 1;

export const shifted = ({ from, to }: Period, days: number): Period => ({
  from: dayPlus(from, days),
  to: dayPlus(to, days),
});

/** The period of the same length that ends where this one begins. */
export const periodBefore = (period: Period): Period => shifted(period, -lengthOf(period));

/** The last so many weeks up to a day. */
export const weeksUntil = (to: string, weeks: number): Period => ({
  from: dayPlus(to, 1 - weeks * WEEK_DAYS),
  to,
});

/** Its days as they are told: without the year where both are of the year of `today`. */
export function toldDays({ from, to }: Period, today: string): Period {
  const year = today.slice(0, 5);
  if (!from.startsWith(year) || !to.startsWith(year)) return { from, to };
  return { from: from.slice(5), to: to.slice(5) };
}

/** As a request has it: `to` is the day after the last one. */
export const instantsOfPeriod = ({ from, to }: Period): { from: string; to: string } => ({
  from,
  to: dayPlus(to, 1),
});

/** Whole weeks, the last of which ends with `last`; days before the first whole one are left out. */
export function weeksOf(days: readonly string[], counts: readonly number[], last: string): Week[] {
  const first = days[0];
  if (first === undefined || first > last) return [];
  const weeks = Math.floor(lengthOf({ from: first, to: last }) / WEEK_DAYS);
  const made = Array.from({ length: weeks }, (_, index): Week => {
    const to = dayPlus(last, (index + 1 - weeks) * WEEK_DAYS);
    return { from: dayPlus(to, 1 - WEEK_DAYS), to, count: 0 };
  });
  const start = made[0]?.from;
  if (start === undefined) return [];
  days.forEach((day, index) => {
    const week = made[Math.floor(daysBetween(start, day) / WEEK_DAYS)];
    if (week) week.count += counts[index] ?? 0;
  });
  return made;
}

/** A period with one end set to another day, at least a week long. */
export function withEnd(period: Period, end: keyof Period, day: string): Period {
  return end === 'from'
    ? { from: day < period.to ? day : dayPlus(period.to, 1 - WEEK_DAYS), to: period.to }
    : { from: period.from, to: day > period.from ? day : dayPlus(period.from, WEEK_DAYS - 1) };
}
