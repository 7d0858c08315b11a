import { expect, test } from 'vitest';

import { burnInShift } from '../src/wall/burn_in.ts';
import { CHART, hoursChart } from '../src/wall/hours_chart.ts';
import { pushedApart } from '../src/wall/ring_layout.ts';

const HOUR_MS = 3_600_000;

test('boxes on one spot end beside each other, about where they were', () => {
  const boxes = Array.from({ length: 6 }, (_, i) => ({
    x: 100 + i,
    y: 100,
    width: 40,
    height: 60,
  }));
  const placed = pushedApart(boxes);
  placed.forEach((a, i) =>
    placed.slice(i + 1).forEach((b) => {
      const apart = Math.abs(a.x - b.x) > 38 || Math.abs(a.y - b.y) > 58;
      expect(apart, JSON.stringify([a, b])).toBe(true);
    }),
  );
  const middle = placed.reduce((sum, { x }) => sum + x, 0) / placed.length;
  expect(middle).toBeCloseTo(102.5, 3);
});

test('boxes that do not touch stay where they are', () => {
  const boxes = [
    { x: 0, y: 0, width: 10, height: 10 },
    { x: 50, y: 0, width: 10, height: 10 },
  ];
  expect(pushedApart(boxes)).toEqual(boxes);
});

test('the chart ends at this hour and the tallest thing fills it', () => {
  const byHour = Array.from({ length: 24 }, (_, hour) => hour);
  const usual = byHour.map((n): [number, number] => [n, 2 * n]);
  const { bars, band } = hoursChart(byHour, usual, 14);
  expect(bars.map(({ hour }) => hour)).toEqual(byHour.slice(0, 15));
  expect(bars[0]?.height).toBe(0);
  expect(bars[14]?.height).toBeCloseTo((CHART.height * 14) / 46, 1);
  const heights = band.split(' ').map((point) => Number(point.split(',')[1]));
  expect(heights).toHaveLength(48);
  expect(Math.min(...heights)).toBe(0);
  for (const { x, width } of bars) expect(x >= 0 && x + width <= CHART.width).toBe(true);
});

test('a day without reports draws no bar and no band', () => {
  const { bars, band } = hoursChart(Array(24).fill(0), null, 3);
  expect(bars.every(({ height }) => height === 0)).toBe(true);
  expect(band).toBe('');
});

test('the page moves by 2 px each hour and comes back after four', () => {
  const shifts = [0, 1, 2, 3, 4].map((hour) => burnInShift(hour * HOUR_MS));
  expect(shifts[4]).toEqual(shifts[0]);
  for (let i = 1; i < 5; i += 1) {
    const [[x1, y1], [x2, y2]] = [shifts[i - 1]!, shifts[i]!];
    expect(Math.hypot(x2 - x1, y2 - y1)).toBe(2);
  }
});
