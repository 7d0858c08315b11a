import { language } from './language.svelte.ts';
import { studioEn } from './studio_en.ts';
import { type StudioKey, studioZh } from './studio_zh.ts';

/** The words of the studio in the language of the page. */
class StudioWords {
  get text(): typeof studioZh {
    return language.current === 'zh' ? studioZh : studioEn;
  }

  /** The word for a code of the service, e.g. `word('state', 'open')`; undefined without one. */
  word(family: string, code: string): string | undefined {
    const text = this.text[`${family}_${code}` as StudioKey] as unknown;
    return typeof text === 'string' ? text : undefined;
  }
}

export const words = new StudioWords();
