import { describe, expect, test } from 'vitest';

import { placeEn } from '../src/i18n/place_en.ts';
import { placeZh } from '../src/i18n/place_zh.ts';
import type { PlaceTold, SeriesTold } from '../src/insight/panel/answers.ts';
import { CLASSES, classMark } from '../src/insight/panel/class_marks.ts';
import {
  expectedCount,
  percent,
  probability,
  ratioFormat,
  signed,
} from '../src/insight/panel/figures.ts';
import { categoryIn } from '../src/insight/panel/panel.ts';
import { runsOf } from '../src/insight/panel/mixed_text.ts';
import { mainCategory, placesBy } from '../src/insight/panel/place_order.ts';
import { readerOf } from '../src/insight/panel/series_reader.ts';
import { verdictParts } from '../src/insight/panel/sentence.ts';

describe('figures', () => {
  test('deviates say their sign, and zero has none', () => {
    expect([7.14, -0.44, 0.02, -0.02].map((z) => signed(z, 'en-GB'))).toEqual([
      '+7.1',
      '−0.4',
      '0.0',
      '0.0',
    ]);
  });

  test('a probability is never nothing', () => {
    const said = [1e-12, 0.00099, 0.001, 0.0312, 0.93, 1].map((p) => probability(p, 'zh-CN'));
    expect(said).toEqual(['<0.001', '<0.001', '0.001', '0.03', '0.93', '1.00']);
  });

  test('an expected count has a place where that matters', () => {
    expect([0, 0.04, 4.62, 9.97, 1_204.4].map((n) => expectedCount(n, 'en-GB'))).toEqual([
      '0',
      '<0.1',
      '4.6',
      '10',
      '1,204',
    ]);
  });

  test('a share that is there is not 0 %', () => {
    expect([0, 0.004, 0.006, 0.62, 1].map((share) => percent(share, 'en-GB'))).toEqual([
      '0%',
      '<1%',
      '1%',
      '62%',
      '100%',
    ]);
  });

  test('a narrow interval has its second place, a wide one does not', () => {
    const narrow = ratioFormat({ ratio: 0.998, low: 0.951, high: 1.047 }, 'en-GB');
    expect([0.951, 0.998, 1.047].map(narrow)).toEqual(['0.95', '1.00', '1.05']);
    const wide = ratioFormat({ ratio: 2.1, low: 1.3, high: 24.4 }, 'en-GB');
    expect([0.04, 1.3, 2.1, 24.4].map(wide)).toEqual(['0.04', '1.3', '2.1', '24']);
    expect(ratioFormat({ ratio: null, low: 3.12, high: null }, 'en-GB')(3.12)).toBe('3.1');
  });
});

describe('the order of places', () => {
  const place = (over: Partial<PlaceTold>): PlaceTold =>
    ({ count: 1, before: 1, ratio: 1, z: 1, categories: [], ...over }) as PlaceTold;
  const places = [
    place({ peak: 'a', count: 9, ratio: 1.2, z: 5 }),
    place({ peak: 'b', count: 40, ratio: 0.5, z: 4 }),
    place({ peak: 'c', count: 9, before: 0, ratio: null, z: null }),
    place({ peak: 'd', count: 2, ratio: 3, z: 6 }),
  ];
  const order = (by: Parameters<typeof placesBy>[1]): string =>
    placesBy(places, by)
      .map(({ place: { peak } }) => peak)
      .join('');

  test('the most come first, equals as the service ranks them', () => {
    expect(order('rank')).toBe('abcd');
    expect(order('count')).toBe('bacd');
    expect(order('z')).toBe('dabc');
  });

  test('a place with nothing before has grown more than any other', () => {
    expect(order('ratio')).toBe('cdab');
  });

  test('a place whose period before is not on record cannot be compared', () => {
    const unknown = place({ peak: 'e', count: 5, before: 0, ratio: null, low: null });
    const last = placesBy([unknown, ...places], 'ratio').at(-1);
    expect(last?.place.peak).toBe('e');
  });

  test('a place keeps its rank wherever it stands', () => {
    const ranks = placesBy(places, 'count').map(({ place: { peak }, rank }) => [peak, rank]);
    expect(Object.fromEntries(ranks)).toEqual({ a: 1, b: 2, c: 3, d: 4 });
  });

  test('its main category is that of most cases, the first of equals', () => {
    const categories = [
      { code: 'noise', count: 3 },
      { code: 'rubbish', count: 8 },
      { code: 'road', count: 8 },
    ];
    expect(mainCategory(place({ categories }))).toBe('rubbish');
    expect(mainCategory(place({ categories: [] }))).toBeNull();
  });
});

describe('the seventeen classes', () => {
  test('each has a word and a definition of its own in both languages', () => {
    expect(CLASSES).toHaveLength(17);
    for (const dictionary of [placeZh, placeEn]) {
      for (const family of ['class', 'defined']) {
        const told = CLASSES.map((name) => (dictionary as Record<string, unknown>)[`${family}_${name}`]);
        expect(told.every((word) => typeof word === 'string' && word !== '')).toBe(true);
        expect(new Set(told).size).toBe(17);
      }
    }
  });

  test('every kind has its own drawing, and a cold place never the tint of a hot one', () => {
    const hot = CLASSES.filter((name) => name.endsWith('-hot')).map(classMark);
    const cold = CLASSES.filter((name) => name.endsWith('-cold')).map(classMark);
    expect(new Set(hot.map((mark) => mark?.path)).size).toBe(8);
    expect(new Set(cold.map((mark) => mark?.path)).size).toBe(8);
    expect(cold.every((mark) => mark?.tone === 'low')).toBe(true);
    expect(hot.some((mark) => mark?.tone === 'low')).toBe(false);
  });

  test('where a cold place sinks further the line goes down', () => {
    expect(classMark('intensifying-cold')?.path).toBe(classMark('diminishing-hot')?.path);
    expect(classMark('diminishing-cold')?.path).toBe(classMark('intensifying-hot')?.path);
  });

  test('none and what nobody knows have no drawing', () => {
    expect([classMark('none'), classMark('boiling-hot')]).toEqual([null, null]);
  });
});

test.each([
  ['近 12 周中有 11 周显著偏高，且在上升：加剧，确实在变坏。', '加剧，确实在变坏', '。'],
  ['11 of the last 12 weeks significantly high, rising: intensifying, getting worse.', 'intensifying, getting worse', '.'],
  ['没有明显变化', '', ''],
])('the verdict of “%s”', (sentence, verdict, after) => {
  const parts = verdictParts(sentence);
  expect(parts.before + parts.verdict + parts.after).toBe(sentence);
  expect(parts).toMatchObject({ verdict, after });
});

describe('a series in words', () => {
  const told = {
    step: 'week',
    level: 0.05,
    starts: ['2026-11-02', '2026-11-09', '2026-11-16'],
    counts: [0, 4, 1_204],
    usual: [4.58, 4.6, 4.62],
    low: [0.01, 1, 1],
    high: [9, 9, 12.4],
    z: [-2.13, null, 7.1],
    bins: [-95, 90, 99],
  } as unknown as SeriesTold;
  const zh = readerOf(told, placeZh, 'zh-CN');
  const en = readerOf(told, placeEn, 'en-GB');

  test('a step has its count, what is usual and whether it is significant', () => {
    expect(zh.name(2)).toBe('11-16 周');
    expect(zh.line(2)).toBe('1,204 件 · 通常 4.6（1–12） · 显著偏高 99%');
    expect(en.name(2)).toBe('week of 11-16');
    expect(en.line(0)).toBe('0 cases · usual 4.6 (<0.1–9) · low, 95%');
  });

  test('what the sentence does not count is not called significant', () => {
    expect([zh.significance(1), en.significance(1)]).toEqual(['不显著', 'not significant']);
    expect([zh.significance(0), en.significance(0)]).toEqual([
      '显著偏低 95%',
      'significantly low, 95%',
    ]);
  });

  test('a deviate that is none is no number', () => {
    expect([0, 1, 2].map(zh.z)).toEqual(['−2.1', '–', '+7.1']);
  });
});

test('Chinese names in an English sentence are its Chinese runs, and nothing is lost', () => {
  const sentence = '新城社区, 阳明街道: Noise is growing.';
  const runs = runsOf(sentence);
  expect(runs.map(({ text }) => text).join('')).toBe(sentence);
  expect(runs.filter(({ isHan }) => isHan).map(({ text }) => text)).toEqual(['新城社区', '阳明街道']);
  expect(runsOf('Noise')).toEqual([{ text: 'Noise', isHan: false }]);
});

test('a category nobody lists keeps its code', () => {
  const city = { timeZone: 'UTC', categories: [{ code: 'noise', zh: '噪声', en: 'Noise' }] };
  expect([categoryIn(city, 'noise', 'zh'), categoryIn(city, 'smoke', 'en')]).toEqual(['噪声', 'smoke']);
});

const LACKS = [
  'no_cases',
  'all_equal',
  'too_few_cases',
  'too_few_places',
  'too_few_steps',
  'too_short',
];
test.each(LACKS)('%s is told in words', (reason) => {
  expect(placeZh).toHaveProperty(`lack_${reason}`);
});
