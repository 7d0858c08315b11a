import { describe, expect, test } from 'vitest';

import { readOpenAddress, writeOpenAddress } from '../src/open/address.ts';
import { fileAddress } from '../src/open/answers.ts';
import { breaksBelow, densityOf, toneOf } from '../src/open/densities.ts';
import { CELL_RAMP } from '../src/symbols/cell_ramp.ts';

describe('the address of the page of open counts', () => {
  test.each([
    '?month=2026-09&category=garbage&cell=864b348cfffffff&lang=en',
    '?category=noise',
    '?month=2025-12',
    '',
  ])('%s comes back as it was', (search) => {
    expect(writeOpenAddress(readOpenAddress(search))).toBe(search);
  });

  test.each(['?month=2026-13', '?month=now', '?category=<b>', '?cell=x', '?lang=fr', '?other=1'])(
    '%s means nothing',
    (search) => {
      expect(writeOpenAddress(readOpenAddress(search))).toBe('');
    },
  );
});

test('a file is asked for the months and the category that are shown', () => {
  expect(fileAddress('csv', {})).toBe('/api/open/counts.csv');
  const query = { from: '2026-09', to: '2026-09', category: 'noise' };
  expect(fileAddress('parquet', query)).toBe(
    '/api/open/counts.parquet?from=2026-09&to=2026-09&category=noise',
  );
});

describe('the tones of densities', () => {
  test('cells of several sizes and spans are compared per km² and month', () => {
    expect(densityOf({ count: 240, km2: 20 }, 12)).toBe(1);
    expect(densityOf({ count: 10, km2: 0.5 }, 1)).toBe(20);
    expect(densityOf({ count: null, km2: 20 }, 12)).toBe(0);
  });

  test.each([0.003, 0.04, 0.7, 1, 6, 9.9, 43, 1000, 123456])('steps below %d are of 1, 2, 5', (densest) => {
    const breaks = breaksBelow(densest);
    expect(breaks).toHaveLength(CELL_RAMP.length - 1);
    for (const from of breaks) expect(from.toExponential()).toMatch(/^[125]e/);
    expect([...breaks].sort((a, b) => a - b)).toEqual(breaks);
    expect(new Set(breaks).size).toBe(breaks.length);
    // The densest is dark, and a month half as dense again is not beyond the scale.
    expect(toneOf(densest, breaks)).toBeGreaterThanOrEqual(CELL_RAMP.length - 3);
    expect(toneOf(densest * 1.5, breaks)).toBe(CELL_RAMP.length - 1);
    expect(toneOf(0, breaks)).toBe(0);
  });

  test('without any case there is a scale all the same', () => {
    expect(breaksBelow(0).every((from) => Number.isFinite(from) && from > 0)).toBe(true);
  });
});
