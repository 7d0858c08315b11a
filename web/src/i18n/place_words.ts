import { language } from './language.svelte.ts';
import { placeEn } from './place_en.ts';
import { type PlaceKey, placeZh } from './place_zh.ts';

/** The words of the panel beside the map in the language of the page. */
class PlaceWords {
  get text(): typeof placeZh {
    return language.current === 'zh' ? placeZh : placeEn;
  }

  /** The word for a code of the service, e.g. `word('class', 'new-hot')`; undefined without one. */
  word(family: string, code: string): string | undefined {
    const text = this.text[`${family}_${code}` as PlaceKey] as unknown;
    return typeof text === 'string' ? text : undefined;
  }

  /** Why nothing can be told. */
  lack(reason: string): string {
    return this.word('lack', reason) ?? this.text.lack_unknown;
  }
}

export const words = new PlaceWords();
