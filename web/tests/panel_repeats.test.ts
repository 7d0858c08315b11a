import { describe, expect, it } from 'vitest';

import type { RepeatsTold } from '../src/insight/panel/answers.ts';
import { bandsOf, isRepeating, strongestRepeat } from '../src/insight/panel/repeats.ts';

const told = (changed: Partial<RepeatsTold>): RepeatsTold => ({
  distances: [0, 100],
  days: [0, 7],
  cases: 50,
  observed: [
    [9, 4],
    [30, 80],
  ],
  expected: [
    [1, 4],
    [10, 70],
  ],
  ratio: [
    [9, 1],
    [3, 1.14],
  ],
  p: [
    [0.001, 0.5],
    [0.001, 0.02],
  ],
  q: [
    [0.002, 0.5],
    [0.002, 0.06],
  ],
  not_enough_data: null,
  withheld: [],
  ...changed,
});

describe('near repeats', () => {
  it('are told by bands that share no day', () => {
    expect(bandsOf([0, 7, 14], 1)).toEqual([
      { from: 0, to: 0 },
      { from: 1, to: 7 },
      { from: 8, to: 14 },
    ]);
    expect(bandsOf([7, 14], 1)[0]).toEqual({ from: 0, to: 7 });
  });

  it('are named where most pairs are beyond chance, not where the ratio is largest', () => {
    expect(strongestRepeat(told({}))).toMatchObject({ observed: 30, ratio: 3 });
  });

  it('are none where chance explains them, or where there are fewer than by chance', () => {
    const high = [
      [0.3, 0.4],
      [0.06, null],
    ];
    expect(strongestRepeat(told({ q: high }))).toBeNull();
    const few = told({ ratio: [[0.4, null], [0.2, 0.9]] });
    expect(strongestRepeat(few)).toBeNull();
    expect(isRepeating(few, 0, 0)).toBe(false);
    expect(isRepeating(told({}), 5, 5)).toBe(false);
  });
});
