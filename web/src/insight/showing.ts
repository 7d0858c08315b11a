import { count } from '../format/numbers.ts';
import { words } from '../i18n/insight_words.ts';
import { language } from '../i18n/language.svelte.ts';

import type { CellsTold, CountsTold } from './asked.ts';
import type { insight as Insight } from './insight.svelte.ts';
import {
  markedOf,
  paintedClasses,
  paintedCounts,
  paintedDeviates,
  paintedRates,
  signsOf,
} from './painting.ts';
import { NO_SIGNS, NOTHING_MARKED, type Shown } from './shown.ts';
import { countScale, rateScale, type Scale, Z_SCALE } from './tones.ts';

type Which = 'now' | 'before';

/** Rates are told for a thousand homes. */
const HOMES = 1_000;

/** One scale for both periods, or they could not be compared. */
export function scaleOf({ metric, now, before, rates, ratesBefore, isPair }: typeof Insight): Scale {
  if (metric === 'z') return Z_SCALE;
  if (metric === 'rate') {
    const told = [rates.value, isPair ? ratesBefore.value : null];
    return rateScale(told.flatMap((one) => forHomes(one).filter((rate) => rate !== null)));
  }
  const told = [now.value, isPair ? before.value : null];
  return countScale(...told.flatMap((one) => (one ? [one.counts] : [])));
}

/** What a map shows of a period; what is awaited leaves what was painted. */
export function shownOf(insight: typeof Insight, scale: Scale, which: Which): Shown {
  const told = which === 'now' ? insight.now.value : insight.before.value;
  const rates = which === 'now' ? insight.rates.value : insight.ratesBefore.value;
  const emerging = which === 'now' ? insight.emerging.value : null;
  const isFitting = told !== null && told.resolution === insight.resolution;
  const bare: Shown = {
    painting: null,
    marked: NOTHING_MARKED,
    signs: NO_SIGNS,
    total: told?.total ?? null,
    high: told?.bin.filter((bin) => bin > 0).length ?? 0,
    lack: told?.not_enough_data ? lackOf(told.not_enough_data, told.total) : null,
  };
  switch (insight.metric) {
    case 'rate':
      if (!rates) return bare;
      return {
        ...bare,
        high: 0,
        painting: paintedRates({ ...rates, rates: forHomes(rates) }, scale),
        lack: lackOfRates(rates),
      };
    case 'class':
      if (which === 'now') {
        if (!emerging || emerging.resolution !== insight.resolution) return bare;
        const lack = emerging.not_enough_data;
        return {
          ...bare,
          painting: paintedClasses(emerging),
          marked: isFitting ? markedOf(told) : NOTHING_MARKED,
          signs: signsOf(emerging),
          lack: lack ? lackOf(lack, told?.total ?? 0) : null,
        };
      }
      return isFitting ? countsShown(bare, told, scale) : bare;
    case 'z':
      return isFitting
        ? { ...bare, painting: paintedDeviates(told), marked: markedOf(told) }
        : bare;
    default:
      return isFitting ? countsShown(bare, told, scale) : bare;
  }
}

const countsShown = (bare: Shown, told: CellsTold, scale: Scale): Shown => ({
  ...bare,
  painting: paintedCounts(told, scale),
  marked: markedOf(told),
});

const forHomes = (told: CountsTold | null): (number | null)[] =>
  told?.rates?.map((rate) => (rate === null ? null : rate * HOMES)) ?? [];

function lackOfRates({ rates, total }: CountsTold): string | null {
  if (!rates?.some((rate) => rate !== null)) return words.text.lack_no_households;
  return total === 0 ? words.text.lack_no_cases : null;
}

function lackOf(lack: string, total: number): string {
  const { text } = words;
  switch (lack) {
    case 'too_few_cases':
      return text.lack_too_few_cases(count(total, language.locale));
    case 'all_equal':
      return text.lack_all_equal;
    case 'too_few_places':
      return text.lack_too_few_places;
    case 'too_few_steps':
      return text.lack_too_few_steps;
    default:
      return text.lack_no_cases;
  }
}
