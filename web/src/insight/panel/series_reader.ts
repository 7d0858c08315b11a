import { count } from '../../format/numbers.ts';
import type { placeZh } from '../../i18n/place_zh.ts';

import type { SeriesTold } from './answers.ts';
import { expectedCount, signed } from './figures.ts';
import { type Mark, markOf, stepName } from './steps.ts';

/** A series in words, step by step; steps are numbered from 0. */
export interface SeriesReader {
  mark: (step: number) => Mark;
  /** 11-16 周, week of 11-16. */
  name: (step: number) => string;
  count: (step: number) => string;
  usual: (step: number) => string;
  /** Both ends of what is usual. */
  range: (step: number) => [low: string, high: string];
  z: (step: number) => string;
  significance: (step: number) => string;
  /** Count, usual and significance in a line. */
  line: (step: number) => string;
}

export function readerOf(told: SeriesTold, text: typeof placeZh, locale: string): SeriesReader {
  const expected = (of: readonly number[], step: number): string =>
    expectedCount(of[step] ?? 0, locale);
  const mark = (step: number): Mark => markOf(told.bins[step] ?? 0, told.level);
  const confidence = (step: number): string => String(Math.abs(told.bins[step] ?? 0));
  const nameOf = { day: text.step_day, week: text.step_week, month: text.step_month }[told.step];
  const wordOf = { hot: text.mark_hot, cold: text.mark_cold, open: text.mark_open };
  const reader: SeriesReader = {
    mark,
    name: (step) => nameOf(stepName(told.starts[step] ?? '', told.step)),
    count: (step) => count(told.counts[step] ?? 0, locale),
    usual: (step) => expected(told.usual, step),
    range: (step) => [expected(told.low, step), expected(told.high, step)],
    z: (step) => {
      const z = told.z[step] ?? null;
      return z === null ? '–' : signed(z, locale);
    },
    significance: (step) => {
      const word = wordOf[mark(step)];
      return mark(step) === 'open' ? word : text.mark_at(word, confidence(step));
    },
    line: (step) =>
      [
        text.cases(reader.count(step)),
        text.usually(reader.usual(step), ...reader.range(step)),
        {
          hot: text.read_hot(confidence(step)),
          cold: text.read_cold(confidence(step)),
          open: text.mark_open,
        }[mark(step)],
      ].join(' · '),
  };
  return reader;
}
