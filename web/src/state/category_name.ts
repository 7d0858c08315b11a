import { language } from '../i18n/language.svelte.ts';

import { desk } from './desk.svelte.ts';

/** A category in the language of the page; one the city does not list keeps its code. */
export function categoryName(code: string): string {
  const category = desk.city.value?.categories.find((known) => known.code === code);
  return category?.[language.current] ?? code;
}
