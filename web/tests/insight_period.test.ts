import { describe, expect, it } from 'vitest';

import {
  lengthOf,
  type Period,
  periodBefore,
  toldDays,
  type Week,
  weeksOf,
  weeksUntil,
  withEnd,
} from '../src/insight/period.ts';
import { monthTicks, moved, placed, playedOn } from '../src/insight/time_window.ts';
import { dayPlus, daysBetween } from '../src/state/time_range.ts';

const daysFrom = (first: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => dayPlus(first, index));

describe('a period', () => {
  it('is of days, whatever the clocks do', () => {
    expect(dayPlus('2026-03-28', 2)).toBe('2026-03-30');
    expect(daysBetween('2024-02-28', '2024-03-01')).toBe(2);
    expect(lengthOf({ from: '2026-11-22', to: '2026-11-22' })).toBe(1);
  });

  it('is as long as the one before it, which ends the day before it begins', () => {
    const period = weeksUntil('2026-11-22', 4);
    const before = periodBefore(period);
    expect(lengthOf(period)).toBe(28);
    expect(lengthOf(before)).toBe(28);
    expect(dayPlus(before.to, 1)).toBe(period.from);
  });

  it('names its years unless both are this one', () => {
    expect(toldDays({ from: '2026-10-26', to: '2026-11-22' }, '2026-11-22')).toEqual({
      from: '10-26',
      to: '11-22',
    });
    for (const period of [
      { from: '2025-11-22', to: '2025-11-28' },
      { from: '2025-12-08', to: '2026-01-04' },
      { from: '2026-11-22', to: '2027-11-22' },
    ]) {
      expect(toldDays(period, '2026-11-22')).toEqual(period);
    }
  });

  it('never turns round when an end is set beyond the other', () => {
    const period = weeksUntil('2026-11-22', 4);
    expect(withEnd(period, 'from', '2026-12-30')).toEqual({ from: '2026-11-16', to: '2026-11-22' });
    expect(withEnd(period, 'to', '2026-01-01')).toEqual({ from: '2026-10-26', to: '2026-11-01' });
  });
});

describe('the weeks of a record', () => {
  it('end with the last day, and lose no case of their days', () => {
    const days = daysFrom('2026-01-01', 100);
    const counts = days.map((_, index) => index);
    const last = '2026-04-07';
    const weeks = weeksOf(days, counts, last);
    expect(weeks.at(-1)?.to).toBe(last);
    const first = weeks[0] as Week;
    const within = days.filter((day) => day >= first.from && day <= last);
    const sum = within.reduce((total, day) => total + (counts[days.indexOf(day)] as number), 0);
    expect(weeks.reduce((total, { count }) => total + count, 0)).toBe(sum);
    expect(within.length).toBe(weeks.length * 7);
    expect(within.length).toBeGreaterThan(days.length - 7 - 3);
  });

  it('are none of a record shorter than one', () => {
    expect(weeksOf(daysFrom('2026-01-01', 6), [1, 1, 1, 1, 1, 1], '2026-01-06')).toEqual([]);
    expect(weeksOf([], [], '2026-01-06')).toEqual([]);
  });
});

describe('the window of the time bar', () => {
  const weeks = weeksOf(daysFrom('2026-01-05', 70), Array(70).fill(1), '2026-03-15');
  const period = weeksUntil('2026-03-15', 2);

  it('covers as much of the bar as of the days', () => {
    expect(placed(period, weeks)).toEqual({ left: 0.8, right: 1 });
    expect(placed({ from: '2025-01-01', to: '2025-02-01' }, weeks)).toEqual({ left: 0, right: 0 });
  });

  it('moves by weeks, as a whole, and stops at the ends of the bar', () => {
    expect(moved(period, 'whole', -1, weeks)).toEqual({ from: '2026-02-23', to: '2026-03-08' });
    expect(moved(period, 'whole', 5, weeks)).toEqual(period);
    expect(moved(period, 'whole', -99, weeks)).toEqual({ from: '2026-01-05', to: '2026-01-18' });
  });

  it.each([-99, -3, -1, 0, 1, 2, 99])('keeps an end that is moved by %i on the bar', (steps) => {
    for (const grip of ['from', 'to'] as const) {
      const next: Period = moved(period, grip, steps, weeks);
      expect(next.from <= next.to).toBe(true);
      expect(next.from >= '2026-01-05' && next.to <= '2026-03-15').toBe(true);
      expect(lengthOf(next) % 7).toBe(0);
    }
  });

  it('plays to the end and no further', () => {
    let at: Period | null = { from: '2026-01-05', to: '2026-01-18' };
    let steps = 0;
    for (; at; at = playedOn(at, weeks)) steps += 1;
    expect(steps).toBe(9);
  });

  it('names as many months as have room', () => {
    expect(monthTicks(weeks, 12).map(({ month }) => month)).toEqual([2, 3]);
    const years = weeksOf(daysFrom('2020-01-01', 365 * 6), Array(365 * 6).fill(0), '2025-12-29');
    expect(monthTicks(years, 12).length).toBeLessThanOrEqual(12);
    expect(monthTicks(years, 12).every(({ month }) => month === 1 || month === 7)).toBe(true);
  });
});
