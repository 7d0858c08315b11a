import { type Case, type CaseQuery, fetchCases } from '../api/client.ts';
import { Problem } from '../api/problem.ts';

import { connection } from './connection.svelte.ts';

const PAGE_SIZE = 50;

/** The cases in view, newest first, page after page. Rows stay while a new answer is awaited. */
export class CaseList {
  rows = $state.raw<Case[]>([]);
  total = $state(0);
  capped = $state(false);
  next = $state<string | null>(null);
  loading = $state(false);
  loadingMore = $state(false);
  problem = $state.raw<Problem | null>(null);
  /** False until the first answer: only then may an empty list be called empty. */
  known = $state(false);

  #query: CaseQuery = {};
  #abort = new AbortController();

  async load(query: CaseQuery): Promise<void> {
    this.#abort.abort();
    const abort = (this.#abort = new AbortController());
    this.#query = query;
    this.loading = true;
    this.loadingMore = false;
    try {
      const page = await fetchCases({ ...query, limit: PAGE_SIZE }, abort.signal);
      if (abort.signal.aborted) return;
      this.rows = page.cases;
      this.total = page.total;
      this.capped = page.total_capped;
      this.next = page.next;
      this.known = true;
      this.#answered();
    } catch (error) {
      if (!abort.signal.aborted) this.#failed(error);
    }
    if (!abort.signal.aborted) this.loading = false;
  }

  retry(): Promise<void> {
    return this.load(this.#query);
  }

  /** The next page, if there is one and none is under way. */
  async more(): Promise<void> {
    if (this.next === null || this.loading || this.loadingMore) return;
    const { signal } = this.#abort;
    this.loadingMore = true;
    try {
      const query = { ...this.#query, limit: PAGE_SIZE, cursor: this.next };
      const page = await fetchCases(query, signal);
      if (signal.aborted) return;
      this.rows = [...this.rows, ...page.cases];
      this.next = page.next;
      this.#answered();
    } catch (error) {
      if (!signal.aborted) this.#failed(error);
    }
    if (!signal.aborted) this.loadingMore = false;
  }

  #answered(): void {
    this.problem = null;
    connection.answered();
  }

  #failed(error: unknown): void {
    if (!(error instanceof Problem)) throw error;
    this.problem = error;
    if (error.unreachable) connection.lost();
    else connection.answered();
  }
}
