import { type Case, type CaseQuery, fetchCases } from '../api/client.ts';
import { Problem } from '../api/problem.ts';

import { type ListQuery, matches } from './case_match.ts';
import { withCase, withoutCase } from './case_order.ts';
import { connection } from './connection.svelte.ts';

const PAGE_SIZE = 50;

/** A part of the list that the service pages through on its own: the urgent cases, the others, or all. */
interface Part {
  query: CaseQuery;
  next: string | null;
}

/** The cases in view, page after page. Rows stay while a new answer is awaited. */
export class CaseList {
  rows = $state.raw<Case[]>([]);
  total = $state(0);
  capped = $state(false);
  loading = $state(false);
  loadingMore = $state(false);
  problem = $state.raw<Problem | null>(null);
  /** False until the first answer: only then may an empty list be called empty. */
  known = $state(false);
  /** New cases kept back while the reader is further down: rows must not jump under the eyes. */
  waiting = $state.raw<Case[]>([]);
  /** Whether the reader is further down than the first rows. */
  isScrolled = $state(false);

  #parts = $state.raw<Part[]>([]);
  #query: ListQuery | null = null;
  #urgentFirst = false;
  #abort = new AbortController();

  /** Whether there are more rows than those loaded. */
  get hasMore(): boolean {
    return this.#parts.some(({ next }) => next !== null);
  }

  async load(query: ListQuery, urgentFirst: boolean): Promise<void> {
    this.#abort.abort();
    const abort = (this.#abort = new AbortController());
    this.#query = query;
    this.#urgentFirst = urgentFirst;
    this.loading = true;
    this.loadingMore = false;
    const urgencies = urgentFirst ? (['urgent', 'normal'] as const) : [undefined];
    try {
      const pages = await Promise.all(
        urgencies.map(async (urgency) => {
          const part = { ...query, ...(urgency ? { urgency } : {}), limit: PAGE_SIZE };
          return { part, page: await fetchCases(part, abort.signal) };
        }),
      );
      if (abort.signal.aborted) return;
      // Rows of a later part are shown only once the earlier one has come to its end.
      const ended = pages.findIndex(({ page }) => page.next !== null);
      const shown = ended < 0 ? pages : pages.slice(0, ended + 1);
      this.rows = shown.flatMap(({ page }) => page.cases);
      this.total = pages.reduce((sum, { page }) => sum + page.total, 0);
      this.capped = pages.some(({ page }) => page.total_capped);
      this.#parts = pages.map(({ part, page }, index) => ({
        query: part,
        next: index < shown.length ? page.next : FROM_THE_START,
      }));
      this.waiting = [];
      this.known = true;
      this.#answered();
    } catch (error) {
      if (!abort.signal.aborted) this.#failed(error);
    }
    if (!abort.signal.aborted) this.loading = false;
  }

  /** Ask for the same again. */
  async retry(): Promise<void> {
    if (this.#query) await this.load(this.#query, this.#urgentFirst);
  }

  /** The next page, if there is one and none is under way. */
  async more(): Promise<void> {
    const part = this.#parts.find(({ next }) => next !== null);
    if (!part || this.loading || this.loadingMore) return;
    const { signal } = this.#abort;
    this.loadingMore = true;
    try {
      const cursor = part.next === FROM_THE_START ? {} : { cursor: part.next };
      const page = await fetchCases({ ...part.query, ...cursor }, signal);
      if (signal.aborted) return;
      // A case that the stream put in meanwhile is in its place already.
      const known = new Set(this.rows.map(({ number }) => number));
      this.rows = [...this.rows, ...page.cases.filter(({ number }) => !known.has(number))];
      this.#parts = this.#parts.map((each) =>
        each === part ? { ...part, next: page.next } : each,
      );
      this.#answered();
    } catch (error) {
      if (!signal.aborted) this.#failed(error);
    }
    if (!signal.aborted) this.loadingMore = false;
  }

  /** Whether a case is among the loaded rows or those kept back. */
  holds(number: number): boolean {
    return [...this.rows, ...this.waiting].some((row) => row.number === number);
  }

  /** A case came or changed; whether this list holds it now. */
  take(changed: Case, isNew: boolean): boolean {
    if (!this.#query || !this.known) return false;
    const { number } = changed;
    const wasShown = this.rows.some((row) => row.number === number);
    const wasWaiting = this.waiting.some((row) => row.number === number);
    const belongs = matches(this.#query, changed);
    if (belongs) {
      if (!wasShown && this.isScrolled) this.waiting = [changed, ...withoutCase(this.waiting, number)];
      else this.rows = this.#placed(this.rows, changed);
    } else {
      this.rows = withoutCase(this.rows, number);
      this.waiting = withoutCase(this.waiting, number);
    }
    // Of a changed case that is on no loaded page, only the service knows whether it was counted.
    const counted = wasShown || wasWaiting || !isNew;
    if (belongs && !counted) this.total += 1;
    if (!belongs && (wasShown || wasWaiting)) this.total -= 1;
    return belongs;
  }

  /** Show the cases that were kept back. */
  showWaiting(): void {
    this.rows = this.waiting.reduce((rows, row) => this.#placed(rows, row), this.rows);
    this.waiting = [];
  }

  #placed(rows: Case[], added: Case): Case[] {
    return withCase(rows, added, { urgentFirst: this.#urgentFirst, isWhole: !this.hasMore });
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

const FROM_THE_START = '';
