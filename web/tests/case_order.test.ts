import { describe, expect, test } from 'vitest';

import type { Case } from '../src/api/client.ts';
import { type ListQuery, matches } from '../src/state/case_match.ts';
import { compareCases, withCase, withoutCase } from '../src/state/case_order.ts';

const row = (number: number, minute: number, more: Partial<Case> = {}): Case => ({
  number,
  kind: 'event',
  state: 'received',
  urgency: 'normal',
  category: 'noise',
  channel: 'web',
  occurred_at: new Date(Date.UTC(2026, 10, 22, 8, minute)).toISOString(),
  received_at: new Date(Date.UTC(2026, 10, 22, 9)).toISOString(),
  lng: 121.1,
  lat: 30.05,
  reason: 'inside',
  held: false,
  grid: null,
  ...more,
});
const urgent = { urgency: 'urgent' };
const numbers = (rows: readonly Case[]): number[] => rows.map(({ number }) => number);

describe('the order of the list', () => {
  test('newest first, the higher number inside an instant', () => {
    const rows = [row(1, 5), row(2, 9), row(3, 5)];
    expect(numbers(rows.sort((a, b) => compareCases(a, b, false)))).toEqual([2, 3, 1]);
  });

  test('urgent first where it is asked for', () => {
    const rows = [row(1, 5, urgent), row(2, 9), row(3, 7, urgent)];
    expect(numbers(rows.sort((a, b) => compareCases(a, b, true)))).toEqual([3, 1, 2]);
  });

  test('put in one by one, rows stand as if sorted', () => {
    const rows = Array.from({ length: 40 }, (_, i) =>
      row(i + 1, (i * 17) % 13, i % 5 === 0 ? urgent : {}),
    );
    for (const urgentFirst of [true, false]) {
      const one = rows.reduce<Case[]>(
        (put, each) => withCase(put, each, { urgentFirst, isWhole: true }),
        [],
      );
      const sorted = [...rows].sort((a, b) => compareCases(a, b, urgentFirst));
      expect(numbers(one)).toEqual(numbers(sorted));
    }
  });

  test('a case that is there already is not there twice', () => {
    const rows = [row(2, 9), row(1, 5)];
    const changed = withCase(rows, row(1, 5, { state: 'handling' }), {
      urgentFirst: true,
      isWhole: false,
    });
    expect(numbers(withoutCase(changed, 1))).toEqual([2]);
  });

  test('beyond the loaded rows a case is left to the next page', () => {
    const rows = [row(5, 9), row(4, 8)];
    const older = row(1, 2);
    expect(numbers(withCase(rows, older, { urgentFirst: true, isWhole: false }))).toEqual([5, 4]);
    expect(numbers(withCase(rows, older, { urgentFirst: true, isWhole: true }))).toEqual([5, 4, 1]);
  });
});

describe('what a list holds', () => {
  const everything: ListQuery = { bbox: '121,30,122,31' };

  test.each<[string, ListQuery, Partial<Case>, boolean]>([
    ['all in view', everything, {}, true],
    ['another place', everything, { lng: 120.9 }, false],
    ['no place', everything, { lng: null, lat: null } as Partial<Case>, false],
    ['its state', { ...everything, state: 'received,registered' }, {}, true],
    ['another state', { ...everything, state: 'handling' }, {}, false],
    ['its category', { ...everything, category: 'noise' }, {}, true],
    ['another category', { ...everything, category: 'litter,other' }, {}, false],
    ['from its instant', { ...everything, from: '2026-11-22T08:05:00Z' }, {}, true],
    ['up to its instant', { ...everything, to: '2026-11-22T08:05:00Z' }, {}, false],
  ])('%s', (_, query, more, held) => {
    expect(matches(query, row(1, 5, more))).toBe(held);
  });
});
