import { describe, expect, test } from 'vitest';

import { spotOf } from '../src/map/case_tiles.ts';
import type { Spot } from '../src/map/gather.ts';
import { ToldCases } from '../src/map/told_cases.ts';

const single = (number: number, state = 'received'): Spot =>
  spotOf(121, 30, { n: 1, number, state, urgency: 'normal' });
const GATHERED = spotOf(121, 30, { n: 4, received: 4 });
const count = (spots: readonly Spot[]): number => spots.reduce((sum, { n }) => sum + n, 0);

describe('what the stream told is shown over the tiles', () => {
  test('a new case beside those of the tiles', () => {
    const told = new ToldCases();
    told.tell(9, single(9), true);
    expect(count(told.over([GATHERED, single(1)]))).toBe(6);
  });

  test('a changed case in place of the one the tiles name', () => {
    const told = new ToldCases();
    told.tell(1, single(1, 'handling'), false);
    expect(told.over([single(1), single(2)]).map(({ single: of }) => of?.state)).toEqual([
      'received',
      'handling',
    ]);
  });

  test('a changed case inside a gathered spot waits for the tiles', () => {
    const told = new ToldCases();
    told.tell(7, single(7, 'handling'), false);
    expect(told.over([GATHERED])).toEqual([GATHERED]);
  });

  test('a case that the filter holds no longer is gone', () => {
    const told = new ToldCases();
    told.tell(1, null, false);
    expect(told.over([single(1), single(2)])).toEqual([single(2)]);
  });

  test('a case that came and changed at once is still there once', () => {
    const told = new ToldCases();
    told.tell(9, single(9), true);
    told.tell(9, single(9, 'handling'), false);
    expect(told.over([]).map(({ single: of }) => of?.state)).toEqual(['handling']);
  });
});

test('tiles take over what was told before they were asked for, and nothing else', () => {
  const told = new ToldCases();
  told.tell(8, single(8), true);
  told.ask();
  told.tell(9, single(9), true);
  told.arrived();
  expect(told.over([]).map(({ single: of }) => of?.number)).toEqual([9]);
  told.ask();
  told.arrived();
  expect(told.over([])).toEqual([]);
});
