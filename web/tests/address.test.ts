import { describe, expect, test } from 'vitest';

import { type Address, readAddress, writeAddress } from '../src/state/address.ts';
import { NO_FILTER } from '../src/state/filters.ts';

const BARE: Address = { view: null, filter: NO_FILTER, selection: null, lang: null, wall: false };

describe('a link carries what the desk shows', () => {
  test.each<[string, Address]>([
    ['nothing', BARE],
    ['a view', { ...BARE, view: { lng: 121.15432, lat: 30.04512, zoom: 12.34 } }],
    ['a southern, western view', { ...BARE, view: { lng: -70.5, lat: -33.25, zoom: 3 } }],
    ['a case', { ...BARE, selection: { kind: 'case', number: 20260001 } }],
    ['a place', { ...BARE, selection: { kind: 'place', lng: 121.1, lat: 30.1, datum: 'wgs84' } }],
    [
      'a place in another datum',
      { ...BARE, selection: { kind: 'place', lng: 121.1, lat: 30.1, datum: 'gcj02' } },
    ],
    [
      'filters',
      {
        ...BARE,
        filter: {
          categories: ['noise', 'other'],
          groups: ['new', 'check'],
          time: { preset: '24h' },
        },
        lang: 'en',
      },
    ],
    [
      'days, open at one end',
      { ...BARE, filter: { ...NO_FILTER, time: { days: { from: '2010-01-01', to: '' } } } },
    ],
  ])('%s, there and back', (_, address) => {
    expect(readAddress(writeAddress(address))).toEqual(address);
  });

  test('a category with signs of its own survives', () => {
    const filter = { ...NO_FILTER, categories: ['a&b=c', '占道'] };
    expect(readAddress(writeAddress({ ...BARE, filter })).filter.categories).toEqual(
      filter.categories,
    );
  });

  test('the choice of all states is kept, unlike no choice', () => {
    const filter = { ...NO_FILTER, groups: [] };
    expect(readAddress(writeAddress({ ...BARE, filter })).filter.groups).toEqual([]);
    expect(readAddress('').filter.groups).toEqual(NO_FILTER.groups);
  });

  test('the wall', () => {
    expect(writeAddress({ ...BARE, wall: true })).toBe('?wall=1');
    expect(readAddress('?wall=1').wall).toBe(true);
  });

  test('defaults leave the link bare', () => {
    expect(writeAddress(BARE)).toBe('');
  });
});

describe('what is malformed in a link is left out', () => {
  test.each([
    '?view=abc',
    '?view=121,95,10',
    '?view=200,30,10',
    '?view=121,30',
    '?view=121,30,99',
    '?time=yesterday',
    '?time=2010-13-01..',
    '?time=..',
    '?state=gone',
    '?case=-4',
    '?case=1.5',
    '?case=x',
    '?place=121',
    '?place=,30',
    '?place=121,30,mars',
    '?lang=fr',
  ])('%s', (search) => {
    expect(readAddress(search)).toEqual(BARE);
  });
});
