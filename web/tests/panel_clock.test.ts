import { describe, expect, test } from 'vitest';

import {
  type Block,
  clockBreaks,
  colourOf,
  DAYS,
  evened,
  HOURS,
  isUneven,
  outlinePath,
  standingBlock,
} from '../src/insight/panel/clock.ts';
import { CELL_RAMP } from '../src/symbols/cell_ramp.ts';

const table = <T>(value: (day: number, hour: number) => T): T[][] =>
  Array.from({ length: DAYS }, (_, day) => Array.from({ length: HOURS }, (_, hour) => value(day, hour)));

/** Whole numbers below `below`, the same for the same seed. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}

/** Every block, each looked at cell by cell. */
function bestByHand(counts: number[][], expected: number[][], standsOut: number[][]): number {
  let most = 0;
  for (let day = 0; day < DAYS; day += 1)
    for (let dayEnd = day + 1; dayEnd <= DAYS; dayEnd += 1)
      for (let hour = 0; hour < HOURS; hour += 1)
        for (let hourEnd = hour + 1; hourEnd <= HOURS; hourEnd += 1) {
          const rows = standsOut.slice(day, dayEnd).map((row) => row.slice(hour, hourEnd));
          const high = (flags: number[]): number => flags.filter((flag) => flag === 1).length;
          const columns = rows[0]!.map((_, i) => rows.map((row) => row[i]!));
          if (high(rows.flat()) < 0.75 * rows.flat().length) continue;
          if ([...rows, ...columns].some((line) => 2 * high(line) < line.length)) continue;
          const cut = (of: number[][]): number =>
            of.slice(day, dayEnd).reduce((all, row) => all + row.slice(hour, hourEnd).reduce((a, b) => a + b, 0), 0);
          most = Math.max(most, cut(counts) - cut(expected));
        }
  return most;
}

describe('the hours that are told in a sentence', () => {
  test('weekend mornings are found as weekend mornings', () => {
    const isMorning = (day: number, hour: number): boolean => day >= 5 && hour >= 6 && hour < 9;
    const counts = table((day, hour) => (isMorning(day, hour) ? 9 : 1));
    const told = {
      counts,
      expected: table(() => 2),
      stands_out: table((day, hour) => (isMorning(day, hour) ? 1 : 0)),
    };
    expect(standingBlock(told)).toEqual({ day: 5, dayEnd: 7, hour: 6, hourEnd: 9, count: 54 });
  });

  test('one hour that does not stand out does not cut the block', () => {
    const isEvening = (day: number, hour: number): boolean => day < 5 && hour >= 17 && hour < 21;
    const told = {
      counts: table((day, hour) => (isEvening(day, hour) ? 8 : 1)),
      expected: table(() => 2),
      stands_out: table((day, hour) => (isEvening(day, hour) && !(day === 2 && hour === 18) ? 1 : 0)),
    };
    expect(standingBlock(told)).toMatchObject({ day: 0, dayEnd: 5, hour: 17, hourEnd: 21 });
  });

  test('hours with fewer cases are no block', () => {
    const told = {
      counts: table(() => 0),
      expected: table(() => 2),
      stands_out: table(() => -1),
    };
    expect(standingBlock(told)).toBeNull();
  });

  test('a clock of no cases has none', () => {
    const none = table(() => 0);
    expect(standingBlock({ counts: none, expected: none, stands_out: none })).toBeNull();
  });

  test.each([1, 2, 3])('no block that is allowed has more beyond the expected (clock %i)', (seed) => {
    const below = numbers(seed);
    const counts = table(() => below(12));
    const expected = table(() => 5.5);
    const standsOut = counts.map((row) => row.map((n) => (n > 7 && below(4) > 0 ? 1 : n < 2 ? -1 : 0)));
    const found = standingBlock({ counts, expected, stands_out: standsOut }) as Block;
    const cells = (found.dayEnd - found.day) * (found.hourEnd - found.hour);
    expect(found.count - 5.5 * cells).toBeCloseTo(bestByHand(counts, expected, standsOut), 6);
  });
});

describe('the outline of hours', () => {
  const sides = (path: string): string[] => path.split('M').filter(Boolean).sort();

  test('goes around two hours in a row, not between them', () => {
    const path = outlinePath(table((day, hour) => (day === 2 && (hour === 4 || hour === 5) ? 1 : 0)), 1);
    expect(sides(path)).toEqual(['4 2h1', '4 2v1', '4 3h1', '5 2h1', '5 3h1', '6 2v1']);
  });

  test('closes at the ends of the week and of the day', () => {
    const whole = outlinePath(table(() => -1), -1);
    expect(sides(whole)).toHaveLength(2 * HOURS + 2 * DAYS);
  });

  test('is only of the sign asked for', () => {
    expect(outlinePath(table(() => -1), 1)).toBe('');
  });
});

describe('the colours of a clock', () => {
  test('small counts have the breaks of the map', () => {
    expect(clockBreaks(17)).toEqual([0, 1, 2, 4, 7, 11, 16]);
  });

  test.each([21, 60, 137, 480, 5_300])('up to %i, each colour begins above the one before', (most) => {
    const breaks = clockBreaks(most);
    expect(breaks).toHaveLength(CELL_RAMP.length);
    breaks.slice(1).forEach((from, i) => expect(from).toBeGreaterThan(breaks[i] as number));
    expect(colourOf(most, breaks)).toBe(CELL_RAMP.length - 1);
  });

  test('only no case at all has the colour of none', () => {
    const breaks = clockBreaks(400);
    expect(colourOf(0, breaks)).toBe(0);
    expect(colourOf(0.4, breaks)).toBe(1);
    expect(colourOf(1, breaks)).toBe(1);
  });

  test('a weekday that came twice is no darker for it', () => {
    const counts = table((day) => (day === 0 ? 4 : 2));
    const hours = table((day) => (day === 0 ? 2 : 1));
    const even = evened({ counts, hours }).flat();
    expect(new Set(even).size).toBe(1);
    expect(isUneven(hours)).toBe(true);
  });

  test('where all hours are alike the counts stay, and an hour that never was has none', () => {
    const counts = table((day, hour) => day + hour);
    expect(evened({ counts, hours: table(() => 4) })).toEqual(counts);
    const lacking = evened({ counts, hours: table((day) => (day === 6 ? 0 : 1)) });
    expect(lacking[6]).toEqual(Array(HOURS).fill(null));
    expect(isUneven(table(() => 4))).toBe(false);
  });
});
