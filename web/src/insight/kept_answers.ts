/** Answers that were asked for lately, so that a step that plays or goes back asks for nothing. */
export class KeptAnswers<Query, Answer> {
  readonly #ask: (query: Query) => Promise<Answer>;
  readonly #most: number;
  readonly #kept = new Map<string, Promise<Answer>>();

  constructor(ask: (query: Query) => Promise<Answer>, most: number) {
    [this.#ask, this.#most] = [ask, most];
  }

  get(query: Query): Promise<Answer> {
    const key = JSON.stringify(query);
    const known = this.#kept.get(key);
    const answer = known ?? this.#ask(query);
    this.#kept.delete(key);
    this.#kept.set(key, answer);
    // What failed is asked for again.
    if (!known) answer.catch(() => this.#kept.delete(key));
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > this.#most && oldest !== undefined) this.#kept.delete(oldest);
    return answer;
  }

  /** Other cases came in: nothing that was told holds. */
  forget(): void {
    this.#kept.clear();
  }
}
