import { describe, expect, it } from 'vitest';

import { readInsightAddress, writeInsightAddress } from '../src/insight/address.ts';
import { KeptAnswers } from '../src/insight/kept_answers.ts';

describe('a link to the page of hotspots', () => {
  it('comes back as it was written', () => {
    const address = {
      metric: 'class',
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
  it('are asked for once, and anew when they failed or were too many', async () => {
    const asked: number[] = [];
    let fails = true;
    const kept = new KeptAnswers(async (query: number) => {
      asked.push(query);
      if (query === 9 && fails) throw new Error('away');
      return query * 2;
    }, 2);
    expect(await kept.get(1)).toBe(2);
    expect(await kept.get(1)).toBe(2);
    await expect(kept.get(9)).rejects.toThrow('away');
    fails = false;
    expect(await kept.get(9)).toBe(18);
    expect(asked).toEqual([1, 9, 9]);
    await kept.get(2);
    await kept.get(1);
    expect(asked).toEqual([1, 9, 9, 2, 1]);
    kept.forget();
    await kept.get(1);
    expect(asked.length).toBe(6);
  });
});
