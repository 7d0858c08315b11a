import type { RepeatsTold } from './answers.ts';

/** From one number to another, both of which belong to it. */
export interface Band {
  from: number;
  to: number;
}

/** Bands by their ends; each begins a `step` after the one before. */
export const bandsOf = (ends: readonly number[], step = 0): Band[] =>
  ends.map((to, index) => ({ from: index === 0 ? 0 : (ends[index - 1] as number) + step, to }));

export interface Repeat {
  distance: Band;
  days: Band;
  observed: number;
  expected: number;
  ratio: number;
}

const LEVEL = 0.05;

export const isRepeating = (told: RepeatsTold, row: number, column: number): boolean => {
  const q = told.q[row]?.[column];
  const ratio = told.ratio[row]?.[column];
  return typeof q === 'number' && q <= LEVEL && typeof ratio === 'number' && ratio > 1;
};

/** What repeats most beyond chance: of all significant bands the one with most pairs to spare. */
export function strongestRepeat(told: RepeatsTold): Repeat | null {
  let strongest: Repeat | null = null;
  const [distances, days] = [bandsOf(told.distances), bandsOf(told.days, 1)];
  distances.forEach((distance, row) => {
    days.forEach((band, column) => {
      if (!isRepeating(told, row, column)) return;
      const observed = told.observed[row]?.[column] as number;
      const expected = told.expected[row]?.[column] as number;
      const ratio = told.ratio[row]?.[column] as number;
      if (!strongest || observed - expected > strongest.observed - strongest.expected) {
        strongest = { distance, days: band, observed, expected, ratio };
      }
    });
  });
  return strongest;
}
