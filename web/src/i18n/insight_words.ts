import { insightEn } from './insight_en.ts';
import { type InsightKey, insightZh } from './insight_zh.ts';
import { language } from './language.svelte.ts';

/** The words of the page of hotspots in the language of the page. */
class InsightWords {
  get text(): typeof insightZh {
    return language.current === 'zh' ? insightZh : insightEn;
  }

  /** The word for a code, e.g. `word('course', 'worse')`; undefined without one. */
  word(family: string, code: string): string | undefined {
    const text = this.text[`${family}_${code}` as InsightKey] as unknown;
    return typeof text === 'string' ? text : undefined;
  }
}

export const words = new InsightWords();
