import { describe, expect, test } from 'vitest';

import { fullTime, listTime } from '../src/format/instants.ts';
import { area, shortCount, total } from '../src/format/numbers.ts';
import { nameLang, placeName } from '../src/format/place_names.ts';
import { position, readPosition } from '../src/format/positions.ts';

describe('time in the zone of the city', () => {
  const clock = {
    locale: 'zh-CN',
    timeZone: 'Asia/Shanghai',
    now: Date.parse('2026-11-22T18:00:00Z'), // the 23rd in Shanghai
  };

  test.each([
    ['2026-11-22T16:05:00Z', '00:05'],
    ['2026-11-22T15:59:00Z', '11-22 23:59'],
    ['2025-12-31T15:59:00Z', '2025-12-31'],
  ])('%s is listed as %s', (instant, shown) => {
    expect(listTime(instant, clock)).toBe(shown);
  });

  test('the whole instant names its weekday in the language of the page', () => {
    const instant = '2026-11-20T05:48:05Z';
    expect(fullTime(instant, clock)).toBe('2026-11-20 周五 13:48:05');
    expect(fullTime(instant, { ...clock, locale: 'en-GB' })).toBe('2026-11-20 Fri 13:48:05');
  });
});

describe('numbers', () => {
  test('a capped total says that there are more', () => {
    expect(total(10_000, true, 'en-GB')).toBe('10,000+');
    expect(total(1_497, false, 'zh-CN')).toBe('1,497');
  });

  test('the number of a cluster fits its disc in both languages', () => {
    for (const value of [7, 999, 9_999, 86_309, 1_234_567]) {
      expect(shortCount(value, 'zh-CN').length).toBeLessThanOrEqual(6);
      expect(shortCount(value, 'en-GB').length).toBeLessThanOrEqual(6);
    }
  });

  test.each([
    [850.4, '850 m²'],
    [999_999, '999,999 m²'],
    [1_234_567, '1.23 km²'],
    [45_678_901, '45.7 km²'],
  ])('%d m² is shown as %s', (areaM2, shown) => {
    expect(area(areaM2, 'en-GB')).toBe(shown);
  });
});

describe('a position as people paste it', () => {
  test.each([
    '121.154, 30.037',
    '121.154,30.037',
    ' 121.154 30.037 ',
    '121.154，30.037',
    '121.154;30.037',
  ])('%s', (typed) => {
    expect(readPosition(typed)).toEqual({ lng: 121.154, lat: 30.037 });
  });

  test.each(['', '121', '121,', 'a,b', '121,30,5', '30.037, 121.154', '181,0', '1e2,30', 'NaN,1'])(
    'not %s',
    (typed) => {
      expect(readPosition(typed)).toBeNull();
    },
  );

  test('what is shown can be read again', () => {
    expect(readPosition(position(-95.36327, 29.76328))).toEqual({ lng: -95.36327, lat: 29.76328 });
  });
});

describe('names of places', () => {
  const grid = {
    code: '330281001001003',
    name: '03 网格',
    community: '花园社区',
    township: '梨洲街道',
  };

  test('from the wider to the narrower', () => {
    expect(placeName(grid)).toBe('梨洲街道 · 花园社区 · 03 网格');
  });

  test('a city of one township and one community is not named twice', () => {
    const beat = { code: '1A10', name: '1A10', community: 'Houston', township: 'Houston' };
    expect(placeName(beat)).toBe('Houston · 1A10');
  });

  test('a grid named after its community does not repeat it', () => {
    expect(placeName({ ...grid, name: '花园社区03网格' })).toBe('梨洲街道 · 花园社区03网格');
  });

  test('a grid without a name goes by its code', () => {
    expect(placeName({ ...grid, name: '' })).toBe('梨洲街道 · 花园社区 · 330281001001003');
  });

  test('Chinese names are marked as Chinese, whatever the page', () => {
    expect(nameLang('花园社区 · 03')).toBe('zh-CN');
    expect(nameLang('Houston · 1A10')).toBeUndefined();
  });
});
