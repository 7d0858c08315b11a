import type { Case } from '../api/client.ts';
import { count } from '../format/numbers.ts';
import { language } from '../i18n/language.svelte.ts';
import { Paced } from '../live/paced.ts';

/** Who listens instead of looking hears at most one sentence in this time. */
const REST_MS = 10_000;

/** Says what came in, for a polite live region. */
class Announcer {
  sentence = $state('');
  #cases = 0;
  #urgent = 0;
  readonly #say = new Paced(() => this.#speak(), REST_MS);

  tell(arrived: Case): void {
    this.#cases += 1;
    if (arrived.urgency === 'urgent') this.#urgent += 1;
    this.#say.ask();
  }

  #speak(): void {
    const [cases, urgent] = [this.#cases, this.#urgent].map((n) => count(n, language.locale));
    const { text } = language;
    this.sentence =
      this.#urgent > 0
        ? text.arrived_urgent(cases as string, urgent as string)
        : text.arrived(cases as string);
    [this.#cases, this.#urgent] = [0, 0];
  }
}

export const announcer = new Announcer();
