import type { Problem } from '../api/problem.ts';
import { language } from '../i18n/language.svelte.ts';
import { words } from '../i18n/studio_words.ts';

/** A refusal in the planner's words; where the page has none, in the service's. */
export function refusalWords(problem: Problem, nameOf: (code: string) => string): string {
  if (problem.unreachable) return language.text.not_answering;
  if (problem.code === 'would_cut') {
    return words.text.refusal_would_cut(nameOf(String(problem.facts['grid'] ?? '')));
  }
  return words.word('refusal', problem.code) ?? (problem.message || problem.code);
}
