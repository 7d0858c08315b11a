import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { Paced } from '../src/live/paced.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test('asked after a rest it acts at once, asked often it acts once a rest', () => {
  const times: number[] = [];
  const start = Date.now();
  const paced = new Paced(() => times.push(Date.now() - start), 4_000);
  for (let ms = 0; ms < 10_000; ms += 100) {
    paced.ask();
    vi.advanceTimersByTime(100);
  }
  vi.advanceTimersByTime(60_000);
  expect(times).toEqual([0, 4_000, 8_000, 12_000]);
  paced.ask();
  vi.advanceTimersByTime(0);
  expect(times.at(-1)).toBe(70_000);
});

test('the last asking is never lost', () => {
  let acts = 0;
  const paced = new Paced(() => (acts += 1), 1_000);
  paced.ask();
  vi.advanceTimersByTime(10);
  paced.ask();
  vi.advanceTimersByTime(2_000);
  expect(acts).toBe(2);
});

test('cancelled, it does nothing', () => {
  let acts = 0;
  const paced = new Paced(() => (acts += 1), 1_000);
  paced.ask();
  paced.cancel();
  vi.advanceTimersByTime(5_000);
  expect(acts).toBe(0);
});
