import { describe, expect, test } from 'vitest';

import { isOff, ratioScale } from '../src/insight/panel/ratio_scale.ts';
import { sparkline, weekBars } from '../src/insight/panel/sparkline.ts';
import { countTicks, markOf, namedSteps, spanName, stepName } from '../src/insight/panel/steps.ts';

describe('steps of time', () => {
  test('a step is named by its first day, a month by itself', () => {
    expect(stepName('2026-11-16', 'week')).toBe('11-16');
    expect(stepName('2026-11-16', 'day')).toBe('11-16');
    expect(stepName('2026-11-01', 'month')).toBe('2026-11');
  });

  test('the end of a period is no more in it', () => {
    expect(spanName({ from: '2026-10-26', to: '2026-11-23' })).toBe('10-26 – 11-22');
    expect(spanName({ from: '2026-02-01', to: '2026-03-01' })).toBe('02-01 – 02-28');
  });

  test('a period of two years names both, one that ends within a day names that day', () => {
    expect(spanName({ from: '2025-12-29', to: '2026-01-12' })).toBe('2025-12-29 – 2026-01-11');
    expect(spanName({ from: '2026-11-16', to: '2026-11-23T06:00:00+08:00' })).toBe('11-16 – 11-23');
  });

  test.each([2, 3, 5, 12, 13, 26, 52, 60])('of %i steps the first and the last are named', (count) => {
    const named = namedSteps(count, 320, 62);
    expect([named[0], named.at(-1)]).toEqual([0, count - 1]);
  });

  test.each([
    [12, 330],
    [13, 320],
    [24, 640],
    [25, 600],
    [52, 380],
    [60, 900],
  ])('names of %i steps over %i pixels have room and are as evenly apart as can be', (count, width) => {
    const named = namedSteps(count, width, 62);
    const gaps = named.slice(1).map((step, i) => step - (named[i] as number));
    expect((Math.min(...gaps) * width) / (count - 1)).toBeGreaterThanOrEqual(62);
    const [first, ...others] = gaps as [number, ...number[]];
    expect(new Set([first, ...others.slice(0, -1)]).size).toBe(1);
    expect(Math.abs((gaps.at(-1) as number) - first)).toBeLessThanOrEqual(1);
  });

  test('one step has its name, none has none', () => {
    expect(namedSteps(1, 300, 62)).toEqual([0]);
    expect(namedSteps(0, 300, 62)).toEqual([]);
    expect(namedSteps(9, 40, 62)).toEqual([8]);
  });

  test('a step is marked by the side it is significant on', () => {
    const marks = (level: number): string =>
      [99, 95, 90, 0, -90, -99].map((bin) => markOf(bin, level)).join(' ');
    expect(marks(0.1)).toBe('hot hot hot open cold cold');
    expect(marks(0.05)).toBe('hot hot open open open cold');
    expect(marks(0.01)).toBe('hot open open open open cold');
  });
});

test.each([0, 1, 2, 4, 7, 9.1, 15, 23, 99, 140, 3_400])('ticks of counts up to %d are few and whole', (most) => {
  const ticks = countTicks(most);
  expect(ticks.every(Number.isInteger)).toBe(true);
  expect(ticks[0]).toBe(0);
  expect(ticks.length).toBeGreaterThan(1);
  expect(ticks.length).toBeLessThanOrEqual(5);
  expect(ticks.at(-1)).toBeGreaterThanOrEqual(most);
});

describe('ratios', () => {
  const row = (ratio: number | null, low: number | null, high: number | null) => ({ ratio, low, high });

  test('half and twice are equally far from no change', () => {
    const { at } = ratioScale([row(2, 1.2, 3.4)]);
    expect(at(1)).toBe(0.5);
    expect(at(2) - 0.5).toBeCloseTo(0.5 - at(0.5), 12);
  });

  test('the scale reaches as far as the ratios, and no farther than eight', () => {
    expect(ratioScale([row(1.1, 0.9, 1.3)]).ticks).toEqual([0.5, 1, 2]);
    expect(ratioScale([row(0.3, 0.2, 0.4)]).ticks).toEqual([1 / 8, 1, 8]);
    expect(ratioScale([row(30, 9, null)]).ticks).toEqual([1 / 8, 1, 8]);
    expect(ratioScale([]).ticks).toEqual([0.5, 1, 2]);
  });

  test('what lies beyond is at the edge and says so', () => {
    const { at, isBeyond } = ratioScale([row(30, 9, 90), row(0, 0, 0.01)]);
    expect([at(30), at(0), at(0.01)]).toEqual([1, 0, 0]);
    expect([isBeyond(9), isBeyond(8), isBeyond(0.01), isBeyond(1)]).toEqual([true, false, true, false]);
  });

  test('a change counts as one from its corrected probability on', () => {
    expect([0.05, 0.051, null].map((q) => isOff(q))).toEqual([true, false, false]);
  });
});

describe('small lines and bars', () => {
  const BOX = { width: 46, height: 18 };
  const pointsOf = (points: string): number[][] => points.split(' ').map((xy) => xy.split(',').map(Number));

  test('a line stays in its box, is highest at the most and ends where it says', () => {
    const { points, end } = sparkline([0, 3, 9, 1], BOX);
    const at = pointsOf(points);
    for (const [x, y] of at) {
      expect(x).toBeGreaterThanOrEqual(0);
      expect(x).toBeLessThanOrEqual(BOX.width);
      expect(y).toBeGreaterThanOrEqual(0);
      expect(y).toBeLessThanOrEqual(BOX.height);
    }
    const heights = at.map(([, y]) => y as number);
    expect(heights.indexOf(Math.min(...heights))).toBe(2);
    expect(end).toEqual(at.at(-1));
  });

  test('a line of nothing lies on the ground, and one of no steps is none', () => {
    expect(new Set(pointsOf(sparkline([0, 0, 0], BOX).points).map(([, y]) => y)).size).toBe(1);
    expect(sparkline([], BOX)).toEqual({ points: '', end: null });
  });

  test('bars end at the right, in the box, and the least of them is seen', () => {
    const bars = weekBars([1, 400, 0, 3], { width: 72, height: 22 });
    expect(bars.map(({ height }) => height)).toEqual([1, 22, 0, 1]);
    const last = bars.at(-1)!;
    expect(last.x + last.width).toBeCloseTo(71, 0);
    for (const { x, y, height } of bars) {
      expect(x).toBeGreaterThanOrEqual(0);
      expect(y + height).toBeCloseTo(22, 6);
    }
  });

  test('many weeks still fit', () => {
    const bars = weekBars(Array(90).fill(2), { width: 72, height: 22 });
    expect(bars[0]!.x).toBeGreaterThanOrEqual(0);
    expect(bars.every(({ width }) => width > 0)).toBe(true);
  });
});
