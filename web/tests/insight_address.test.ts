import { describe, expect, it } from 'vitest';

import { readInsightAddress, writeInsightAddress } from '../src/insight/address.ts';
import { KeptAnswers } from '../src/insight/kept_answers.ts';

describe('a link to the page of hotspots', () => {
  it('comes back as it was written', () => {
    const address = {
      metric: 'class',
      variant: 'esri-old',
      categories: ['noise', 'abandoned_vehicle'],
      channels: ['hotline'],
      period: { from: '2026-10-26', to: '2026-11-22' },
      isPair: true,
      cell: '8831a9d0a1fffff',
      pinned: 9,
      view: { lng: 121.161932, lat: 30.020301, zoom: 9.25 },
      lang: 'en',
    } as const;
    expect(readInsightAddress(writeInsightAddress(address))).toEqual(address);
  });

  it('is short where nothing was chosen', () => {
    expect(writeInsightAddress(readInsightAddress(''))).toBe('');
  });

  it.each([
    'metric=heat',
    'variant=esri-none',
    'time=2026-11-22..2026-10-26',
    'time=yesterday',
    'cell=nowhere',
    'res=15',
    'view=200,0,9',
    'lang=fr',
  ])('leaves out what makes no sense: %s', (search) => {
    expect(readInsightAddress(`?${search}`)).toEqual(readInsightAddress(''));
  });
});

describe('answers that are kept', () => {
  const counting = (most: number, keptMs: number) => {
    const asked: number[] = [];
    const state = { now: 0, fails: false };
    const ask = async (query: number): Promise<number> => {
      asked.push(query);
      if (state.fails) throw new Error('away');
      return query * 2;
    };
    return { asked, state, kept: new KeptAnswers(ask, most, keptMs, () => state.now) };
  };

  it('are asked for once', async () => {
    const { asked, kept } = counting(9, 100);
    expect(await Promise.all([kept.get(1), kept.get(1), kept.get(2)])).toEqual([2, 2, 4]);
    expect(asked).toEqual([1, 2]);
  });

  it('are asked for anew when they failed', async () => {
    const { asked, state, kept } = counting(9, 100);
    state.fails = true;
    await expect(kept.get(1)).rejects.toThrow('away');
    state.fails = false;
    expect(await kept.get(1)).toBe(2);
    expect(asked).toEqual([1, 1]);
  });

  it('are asked for anew when they are old or were too many', async () => {
    const { asked, state, kept } = counting(2, 100);
    await kept.get(1);
    state.now = 99;
    await kept.get(1);
    state.now = 100;
    await kept.get(1);
    expect(asked).toEqual([1, 1]);
    await kept.get(2);
    await kept.get(3);
    await kept.get(1);
    expect(asked).toEqual([1, 1, 2, 3, 1]);
  });
});
