import { expect, test } from 'vitest';

import { readStudioAddress, writeStudioAddress } from '../src/edit/address.ts';
import { instantOf } from '../src/edit/city_time.ts';
import { KEY_OF, toolOfKey, TOOLS } from '../src/edit/instruments.ts';

test('an address comes back as it was written', () => {
  const address = {
    draft: 12,
    grids: ['330281001', 'a,b/ü'],
    view: { lng: 121.154, lat: 30.043, zoom: 15.25 },
    lang: 'en' as const,
  };
  const read = readStudioAddress(writeStudioAddress({ ...address, grids: ['330281001', 'ü/b'] }));
  expect(read).toEqual({ ...address, grids: ['330281001', 'ü/b'] });
});

test.each(['', '?draft=0', '?draft=-1', '?draft=x', '?view=1,2&draft=1.5', '?view=200,0,3&lang=fr'])(
  'what is malformed is left out: %s',
  (search) => {
    expect(readStudioAddress(search)).toEqual({ draft: null, grids: [], view: null, lang: null });
  },
);

test.each([
  ['2026-12-01T08:00', 'Asia/Shanghai', '2026-12-01T00:00:00.000Z'],
  ['2026-07-01T00:00', 'America/Chicago', '2026-07-01T05:00:00.000Z'],
  // An hour that does not exist, and one that comes twice.
  ['2026-03-08T02:30', 'America/Chicago', '2026-03-08T08:30:00.000Z'],
  ['2026-11-01T01:30', 'America/Chicago', '2026-11-01T06:30:00.000Z'],
  ['soon', 'Asia/Shanghai', null],
  ['', 'Asia/Shanghai', null],
])('the clock at %s in %s reads %s', (reading, zone, instant) => {
  expect(instantOf(reading, zone)).toBe(instant);
});

test('each tool has a letter of its own', () => {
  expect(new Set(Object.values(KEY_OF)).size).toBe(TOOLS.length);
  for (const tool of TOOLS) expect(toolOfKey(KEY_OF[tool])).toBe(tool);
});
