import { describe, expect, test } from 'vitest';

import { en } from '../src/i18n/en.ts';
import { insightEn } from '../src/i18n/insight_en.ts';
import { insightZh } from '../src/i18n/insight_zh.ts';
import { openEn } from '../src/i18n/open_en.ts';
import { openZh } from '../src/i18n/open_zh.ts';
import { placeEn } from '../src/i18n/place_en.ts';
import { placeZh } from '../src/i18n/place_zh.ts';
import { studioEn } from '../src/i18n/studio_en.ts';
import { studioZh } from '../src/i18n/studio_zh.ts';
import { zh } from '../src/i18n/zh.ts';
import { TOOLS } from '../src/edit/instruments.ts';
import { DATUMS } from '../src/state/address.ts';
import { STATE_GROUPS, STATES_OF_GROUP, TABS } from '../src/state/case_states.ts';
import { PRESETS } from '../src/state/time_range.ts';

type Text = string | ((...values: string[]) => string);
const entries = (dictionary: object): [string, Text][] => Object.entries(dictionary);
/** A text with marks in place of its values. */
const filled = (text: Text): string => (typeof text === 'string' ? text : text('<0>', '<1>', '<2>', '<3>'));

describe.each([
  ['zh', zh],
  ['en', en],
  ['studio, zh', studioZh],
  ['studio, en', studioEn],
  ['place, zh', placeZh],
  ['place, en', placeEn],
  ['insight, zh', insightZh],
  ['insight, en', insightEn],
  ['open, zh', openZh],
  ['open, en', openEn],
])('%s', (_, dictionary) => {
  test.each(entries(dictionary))('%s says something', (_key, text) => {
    expect(filled(text).trim()).not.toBe('');
  });

  test('every value given to a text is in it', () => {
    for (const [key, text] of entries(dictionary)) {
      const arity = typeof text === 'string' ? 0 : text.length;
      for (let value = 0; value < arity; value += 1) {
        expect(filled(text), key).toContain(`<${value}>`);
      }
    }
  });
});

test('English has the keys of Chinese, and no more', () => {
  expect(Object.keys(en).sort()).toEqual(Object.keys(zh).sort());
  expect(Object.keys(studioEn).sort()).toEqual(Object.keys(studioZh).sort());
  expect(Object.keys(placeEn).sort()).toEqual(Object.keys(placeZh).sort());
  expect(Object.keys(openEn).sort()).toEqual(Object.keys(openZh).sort());
});

test('English is free of Chinese and of full-width signs', () => {
  for (const [key, text] of [en, studioEn, placeEn, openEn].flatMap(entries)) {
    expect(filled(text), key).not.toMatch(/[\p{Script=Han}，。：；（）]/u);
  }
});

test('Chinese sentences use full-width signs', () => {
  for (const [key, text] of [zh, studioZh, placeZh, openZh].flatMap(entries)) {
    if (key.startsWith('locate_')) continue; // shows what is typed, half-width
    expect(filled(text), key).not.toMatch(/\p{Script=Han}[,;:?]|[,;:?]\p{Script=Han}/u);
  }
});

// The codes the service answers with; one without a word would show as unnamed.
const CODES: Record<string, readonly string[]> = {
  state: STATE_GROUPS.flatMap((group) => [...STATES_OF_GROUP[group]]),
  group: STATE_GROUPS,
  tab: TABS,
  time: PRESETS,
  datum: DATUMS,
  reason: ['inside', 'edge', 'nearest', 'outside'],
  rule: ['1', '2', '3', '4', '5'],
  kind: ['event', 'dispute', 'consultation', 'finding', 'base', 'dedicated'],
  role: ['grid_lead', 'worker', 'micro_lead', 'liaison', 'stationed', 'on_call'],
  account: [
    'reporter',
    'contributor',
    'worker',
    'grid_lead',
    'command_room',
    'dispatcher',
    'planner',
    'leader',
    'department',
    'admin',
  ],
  demo: ['planner', 'dispatcher', 'leader', 'worker', 'admin', 'command_room'],
  channel: ['web', 'contributor', 'staff', 'hotline', 'program', 'open311', 'import'],
};

test.each(Object.entries(CODES))('every %s has its word', (family, codes) => {
  for (const code of codes) expect(zh).toHaveProperty(`${family}_${code}`);
});

// What the studio is answered with; a refusal without a word is told in the service's own.
const STUDIO_CODES: Record<string, readonly string[]> = {
  // What an edited file, or a region drawn anew, is refused for.
  refusal: [
    'code_missing',
    'code_unusable',
    'codes_unknown',
    'column_missing',
    'community_in_two_townships',
    'coordinate_not_finite',
    'coordinate_out_of_range',
    'coordinates_invalid',
    'coordinates_swapped',
    'corners_too_dense',
    'crs_elsewhere',
    'crs_missing',
    'crs_unknown',
    'crs_wrong',
    'duplicate_code',
    'file_empty',
    'file_unreadable',
    'format_unknown',
    'geometry_empty',
    'geometry_missing',
    'geometry_not_polygon',
    'grid_in_two_communities',
    'grid_twice',
    'kind_unknown',
    'layer_ambiguous',
    'layer_missing',
    'nothing_left',
    'outline_invalid',
    'person_column',
    'reason_missing',
    'region_beyond',
    'region_invalid',
    'region_overlap',
    'region_uncovered',
  ],
  state: ['open', 'submitted', 'approved', 'published', 'discarded'],
  tool: TOOLS,
  say: TOOLS,
  rule: [
    'proof',
    'contiguity',
    'sliver',
    'size',
    'households',
    'code',
    'community',
    'township',
    'dedicated',
  ],
  op: [
    'split',
    'merge',
    'move_boundary',
    'transfer',
    'carve',
    'dissolve',
    'redraw',
    'redraw_outline',
    'recode',
    'rename',
    'change_community',
    'renumber',
  ],
  holder: ['cases', 'assignments', 'duties'],
  change: ['new', 'gone', 'shape', 'words'],
  kind: ['base', 'dedicated'],
  because: [
    'one_part',
    'one_chosen',
    'no_weight',
    'single_units',
    'even_already',
    'time_over',
    'one_outweighs',
    'none_found',
    'dedicated',
  ],
};

test.each(Object.entries(STUDIO_CODES))('every %s of the studio has its word', (family, codes) => {
  for (const code of codes) expect(studioZh).toHaveProperty(`${family}_${code}`);
});
