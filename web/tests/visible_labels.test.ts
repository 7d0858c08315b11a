import { expect, test } from 'vitest';

import { AreaFinder, type AreaPiece } from '../src/map/areas.ts';
import { visibleLabels } from '../src/map/visible_labels.ts';

type Point = [number, number];

const area = (code: string, ...points: Point[]): AreaPiece => ({
  code,
  name: `name of ${code}`,
  rings: [[...points, points[0] as Point]],
});
const box = (code: string, west: number, south: number, east: number, north: number): AreaPiece =>
  area(code, [west, south], [east, south], [east, north], [west, north]);

test('an area wholly in view is labelled in its middle', () => {
  const [label] = visibleLabels([box('A', 2, 2, 6, 6)], [0, 0, 10, 10]);
  expect(label?.lng).toBeCloseTo(4, 0);
  expect(label?.lat).toBeCloseTo(4, 0);
});

test('an area half in view is labelled in the half that is seen', () => {
  const [label] = visibleLabels([box('A', -20, 0, 4, 10)], [0, 0, 10, 10]);
  expect(label?.lng).toBeGreaterThan(1);
  expect(label?.lng).toBeLessThan(3);
});

test('the label of a bent area lies in it, not in the bend', () => {
  const bent = area('L', [0, 0], [10, 0], [10, 3], [3, 3], [3, 10], [0, 10]);
  const [label] = visibleLabels([bent], [0, 0, 10, 10]);
  expect(new AreaFinder([bent]).codeAt(label!.lng, label!.lat)).toBe('L');
});

test('the pieces of one area, cut at tiles, make one label', () => {
  const pieces = [box('A', 0, 0, 5, 10), box('A', 4.9, 0, 10, 10)];
  const labels = visibleLabels(pieces, [0, 0, 10, 10]);
  expect(labels).toHaveLength(1);
  expect(labels[0]?.lng).toBeGreaterThan(3);
  expect(labels[0]?.lng).toBeLessThan(7);
});

test('a hole is not labelled as its surroundings', () => {
  const ring: AreaPiece = {
    ...box('A', 0, 0, 10, 10),
    rings: [...box('A', 0, 0, 10, 10).rings, ...box('', 2, 2, 8, 8).rings],
  };
  const labels = visibleLabels([ring, box('B', 2, 2, 8, 8)], [0, 0, 10, 10]);
  const finder = new AreaFinder([ring, box('B', 2, 2, 8, 8)]);
  expect(labels.map(({ code }) => code).sort()).toEqual(['A', 'B']);
  for (const { code, lng, lat } of labels) expect(finder.codeAt(lng, lat)).toBe(code);
});

test('a sliver at the rim is not named, unless slivers are asked for', () => {
  const pieces = [box('A', 0, 0, 9.95, 10), box('B', 9.9, 9.5, 10, 10)];
  expect(visibleLabels(pieces, [0, 0, 10, 10]).map(({ code }) => code)).toEqual(['A']);
  const all = visibleLabels(pieces, [0, 0, 10, 10], { leastShare: 0 });
  expect(all.map(({ code }) => code)).toEqual(['A', 'B']);
});

test('a label keeps clear of symbols where there is room', () => {
  const pieces = [box('A', 0, 0, 10, 10)];
  const obstacles = [[2, 0, 10, 10] as const];
  const [label] = visibleLabels(pieces, [0, 0, 10, 10], { obstacles });
  expect(label?.lng).toBeLessThan(2);
});

test('an area full of symbols is named all the same', () => {
  const obstacles = [[0, 0, 10, 10] as const];
  const labels = visibleLabels([box('A', 0, 0, 10, 10)], [0, 0, 10, 10], { obstacles });
  expect(labels.map(({ code }) => code)).toEqual(['A']);
});

test('what is out of view is not named', () => {
  expect(visibleLabels([box('A', 20, 20, 30, 30)], [0, 0, 10, 10])).toEqual([]);
});
