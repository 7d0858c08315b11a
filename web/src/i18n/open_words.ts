import { language } from './language.svelte.ts';
import { openEn } from './open_en.ts';
import { openZh } from './open_zh.ts';

/** The words of the page of open counts in the language of the page. */
class OpenWords {
  get text(): typeof openZh {
    return language.current === 'zh' ? openZh : openEn;
  }
}

export const words = new OpenWords();
