import { type Language, LANGUAGES } from '../state/address.ts';

import { en } from './en.ts';
import { type TextKey, zh } from './zh.ts';

const STORAGE_KEY = 'wangge.language';
const LOCALE = { zh: 'zh-CN', en: 'en-GB' } as const satisfies Record<Language, string>;

/** The language of the page: from its address, else the last choice, else Chinese. */
class PageLanguage {
  #current = $state<Language>('zh');

  get current(): Language {
    return this.#current;
  }

  get locale(): string {
    return LOCALE[this.#current];
  }

  get text(): typeof zh {
    return this.#current === 'zh' ? zh : en;
  }

  start(fromAddress: Language | null): void {
    this.#set(fromAddress ?? stored() ?? 'zh');
  }

  choose(language: Language): void {
    this.#set(language);
    try {
      localStorage.setItem(STORAGE_KEY, language);
    } catch {
      // A browser that keeps nothing still switches; it only forgets.
    }
  }

  /** The word for a code of the service, e.g. `word('state', 'closed')`. */
  word(family: string, code: string): string {
    const text = this.text[`${family}_${code}` as TextKey] as unknown;
    return typeof text === 'string' ? text : this.text.unknown_word;
  }

  #set(language: Language): void {
    this.#current = language;
    document.documentElement.lang = this.#current === 'zh' ? 'zh-CN' : 'en';
    document.title = this.text.product;
  }
}

function stored(): Language | null {
  try {
    const kept = localStorage.getItem(STORAGE_KEY);
    return LANGUAGES.find((language) => language === kept) ?? null;
  } catch {
    return null;
  }
}

export const language = new PageLanguage();
