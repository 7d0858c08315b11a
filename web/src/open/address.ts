import { type Language, LANGUAGES } from '../state/address.ts';

/** What a view of the page is: written into its address, so that it can be shared. */
export interface OpenAddress {
  lang: Language | null;
  /** YYYY-MM; null means all months. */
  month: string | null;
  category: string | null;
  cell: string | null;
}

export function readOpenAddress(search: string): OpenAddress {
  const given = new URLSearchParams(search);
  const matching = (key: string, form: RegExp): string | null => {
    const word = given.get(key);
    return word !== null && form.test(word) ? word : null;
  };
  return {
    lang: LANGUAGES.find((language) => language === given.get('lang')) ?? null,
    month: matching('month', /^\d{4}-(0[1-9]|1[0-2])$/),
    category: matching('category', /^[a-z][a-z0-9_]{0,39}$/),
    cell: matching('cell', /^8[0-9a-f]{14}$/),
  };
}

export function writeOpenAddress({ lang, month, category, cell }: OpenAddress): string {
  const given = Object.entries({ month, category, cell, lang });
  const search = new URLSearchParams(given.filter((pair): pair is [string, string] => pair[1] !== null));
  return search.size > 0 ? `?${search.toString()}` : '';
}
