import { daysBetween } from '../state/time_range.ts';

import {
  lengthOf,
  type Period,
  shifted,
  type Week,
  WEEK_DAYS,
  withEnd,
} from './period.ts';

/** Which part of the window is moved: one of its ends or all of it. */
export type Grip = 'from' | 'to' | 'whole';

/** All days the bar shows. */
export const spanOf = (weeks: readonly Week[]): Period => ({
  from: weeks[0]?.from ?? '',
  to: weeks.at(-1)?.to ?? '',
});

/** Where a period begins and ends on the bar, as shares of its width; cut off at its ends. */
export function placed(period: Period, weeks: readonly Week[]): { left: number; right: number } {
  const span = spanOf(weeks);
  const days = lengthOf(span);
  const share = (day: string, plus: number): number =>
    Math.min(1, Math.max(0, (daysBetween(span.from, day) + plus) / days));
  return { left: share(period.from, 0), right: share(period.to, 1) };
}

/** The period after a grip was moved by so many weeks; it stays on the bar and at least a week long. */
export function moved(period: Period, grip: Grip, steps: number, weeks: readonly Week[]): Period {
  const span = spanOf(weeks);
  if (grip === 'whole') {
    const earliest = daysBetween(period.from, span.from);
    const latest = daysBetween(period.to, span.to);
    const days = Math.min(Math.max(steps * WEEK_DAYS, earliest), latest);
    return latest < earliest ? period : shifted(period, days);
  }
  // An end that lies within a week goes to that week's end first.
  const index = weeks.findIndex((week) =>
    grip === 'from' ? week.to >= period.from : week.to >= period.to,
  );
  const at = (index < 0 ? weeks.length - 1 : index) + steps;
  const week = weeks[Math.min(Math.max(at, 0), weeks.length - 1)];
  if (!week) return period;
  const next = withEnd(period, grip, week[grip]);
  return next.from >= span.from && next.to <= span.to ? next : period;
}

/** One step further; null at the end of the bar. */
export function playedOn(period: Period, weeks: readonly Week[]): Period | null {
  const next = moved(period, 'whole', 1, weeks);
  return next.to > period.to ? next : null;
}

/** The first days of the months on the bar, as shares of its width; as many as have room. */
export function monthTicks(
  weeks: readonly Week[],
  most: number,
): { share: number; month: number; year: number }[] {
  const span = spanOf(weeks);
  if (!span.from) return [];
  const days = lengthOf(span);
  const ticks: { share: number; month: number; year: number }[] = [];
  const first = new Date(`${span.from}T00:00:00Z`);
  for (let n = 0; ; n += 1) {
    const day = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + n, 1));
    const iso = day.toISOString().slice(0, 10);
    if (iso > span.to) break;
    if (iso < span.from) continue;
    ticks.push({
      share: daysBetween(span.from, iso) / days,
      month: day.getUTCMonth() + 1,
      year: day.getUTCFullYear(),
    });
  }
  const every = [1, 2, 3, 6, 12].find((step) => ticks.length / step <= most) ?? 12;
  return ticks.filter(({ month }) => (month - 1) % every === 0);
}
