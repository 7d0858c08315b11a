import { describe, expect, test } from 'vitest';

import { anchorOf, dayOf, instantsOf, startOfDay } from '../src/state/time_range.ts';

const NOW = Date.parse('2026-11-22T11:30:20Z');
const HOUR_MS = 3_600_000;

describe('where "the last …" ends', () => {
  test('now, while cases keep coming', () => {
    expect(anchorOf('2026-11-22T11:00:00Z', NOW)).toEqual({ at: NOW, historic: false });
  });

  test('at the newest case of a historic city, so that data is seen', () => {
    const newest = '2010-12-31T05:00:00Z';
    expect(anchorOf(newest, NOW)).toEqual({ at: Date.parse(newest), historic: true });
  });

  test('now, where there is no case at all', () => {
    expect(anchorOf(null, NOW)).toEqual({ at: NOW, historic: false });
  });
});

describe('the instants of a range', () => {
  const anchor = { at: NOW, historic: false };

  test('a preset reaches back from the anchor, in whole minutes, and is open at its end', () => {
    expect(instantsOf({ preset: '24h' }, anchor, 'Asia/Shanghai')).toEqual({
      from: '2026-11-21T11:30:00Z',
    });
  });

  test('all data has no ends', () => {
    expect(instantsOf({ preset: 'all' }, anchor, 'Asia/Shanghai')).toEqual({});
  });

  test('days are whole days of the city, the last one included', () => {
    const days = { from: '2026-11-01', to: '2026-11-02' };
    expect(instantsOf({ days }, anchor, 'Asia/Shanghai')).toEqual({
      from: '2026-10-31T16:00:00Z',
      to: '2026-11-02T16:00:00Z',
    });
  });
});

describe('days of a zone', () => {
  test.each([
    ['Asia/Shanghai', '2026-11-22', 24],
    ['America/Chicago', '2010-07-01', 24],
    ['America/Chicago', '2010-03-14', 23],
    ['America/Chicago', '2010-11-07', 25],
    ['Australia/Lord_Howe', '2026-04-05', 24.5],
  ])('%s %s lasts %d hours', (zone, day, hours) => {
    const next = new Date(Date.parse(`${day}T00:00:00Z`) + 24 * HOUR_MS).toISOString().slice(0, 10);
    expect(startOfDay(next, zone) - startOfDay(day, zone)).toBe(hours * HOUR_MS);
  });

  test.each(['Asia/Shanghai', 'America/Chicago', 'Pacific/Kiritimati', 'Asia/Kathmandu'])(
    'in %s a day begins with its own first instant',
    (zone) => {
      for (let day = 0; day < 366; day += 1) {
        const name = new Date(Date.UTC(2010, 0, 1 + day)).toISOString().slice(0, 10);
        const start = startOfDay(name, zone);
        expect(dayOf(start, zone)).toBe(name);
        expect(dayOf(start - 1000, zone) < name).toBe(true);
      }
    },
  );
});
