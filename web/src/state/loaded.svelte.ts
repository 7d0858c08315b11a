import { Problem } from '../api/problem.ts';

import { connection } from './connection.svelte.ts';

/** One answer of the service that the page shows: still awaited, there, or refused. */
export class Loaded<T> {
  value = $state.raw<T | null>(null);
  problem = $state.raw<Problem | null>(null);
  loading = $state(false);

  #request: ((signal: AbortSignal) => Promise<T>) | null = null;
  #abort: AbortController | null = null;

  /** Ask anew. The former value stays until the new one is there, unless `forget` drops it. */
  load(request: (signal: AbortSignal) => Promise<T>, forget = false): Promise<void> {
    this.#request = request;
    if (forget) this.value = null;
    return this.retry();
  }

  async retry(): Promise<void> {
    if (!this.#request) return;
    this.#abort?.abort();
    const abort = (this.#abort = new AbortController());
    this.loading = true;
    try {
      const value = await this.#request(abort.signal);
      if (abort.signal.aborted) return;
      this.value = value;
      this.problem = null;
      connection.answered();
    } catch (error) {
      if (abort.signal.aborted) return;
      if (!(error instanceof Problem)) throw error;
      this.problem = error;
      if (error.unreachable) connection.lost();
      else connection.answered();
    }
    this.loading = false;
  }

  clear(): void {
    this.#abort?.abort();
    this.#request = null;
    this.value = null;
    this.problem = null;
    this.loading = false;
  }
}
