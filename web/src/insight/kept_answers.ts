interface Kept<Answer> {
  answer: Promise<Answer>;
  until: number;
}

/** Answers that were asked for lately, so that a step that plays or goes back asks for nothing. */
export class KeptAnswers<Query, Answer> {
  readonly #ask: (query: Query) => Promise<Answer>;
  readonly #most: number;
  readonly #keptMs: number;
  readonly #clock: () => number;
  readonly #kept = new Map<string, Kept<Answer>>();

  /** At most so many are kept, and none for longer: late reports come in for past days too. */
  constructor(
    ask: (query: Query) => Promise<Answer>,
    most: number,
    keptMs: number,
    clock: () => number = Date.now,
  ) {
    [this.#ask, this.#most, this.#keptMs, this.#clock] = [ask, most, keptMs, clock];
  }

  get(query: Query): Promise<Answer> {
    const key = JSON.stringify(query);
    const known = this.#kept.get(key);
    if (known && known.until > this.#clock()) return known.answer;
    const answer = this.#ask(query);
    this.#kept.delete(key);
    this.#kept.set(key, { answer, until: this.#clock() + this.#keptMs });
    // What failed is asked for again.
    answer.catch(() => this.#kept.delete(key));
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > this.#most && oldest !== undefined) this.#kept.delete(oldest);
    return answer;
  }
}
