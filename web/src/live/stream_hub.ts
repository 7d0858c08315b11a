import type { StreamNews, Tell } from './stream_news.ts';

/** A line that can be opened and closed; `StreamLine`, or a test's. */
export interface Line {
  start(): void;
  stop(): void;
}

/** Shares one line between pages: opened for the first that joins, closed after the last left. */
export class StreamHub {
  readonly #open: (tell: Tell) => Line;
  readonly #pages = new Set<Tell>();
  #line: Line | null = null;
  #session = '';
  #state: StreamNews | null = null;

  constructor(open: (tell: Tell) => Line) {
    this.#open = open;
  }

  /** A page signed in as `session` listens. The cookie is the browser's, so all pages follow. */
  join(page: Tell, session: string): void {
    this.#pages.add(page);
    if (this.#line && session === this.#session) {
      // A line that was refused says no more by itself: whoever asks again has a reason to.
      if (this.#state?.kind === 'line' && this.#state.state === 'refused') this.#reopen();
      else if (this.#state) page(this.#state);
      return;
    }
    this.#session = session;
    this.#reopen();
    const news: StreamNews = { kind: 'session', session };
    for (const other of this.#pages) if (other !== page) other(news);
  }

  leave(page: Tell): void {
    if (!this.#pages.delete(page) || this.#pages.size > 0) return;
    this.close();
  }

  close(): void {
    this.#line?.stop();
    this.#line = null;
    this.#state = null;
    this.#session = '';
  }

  #reopen(): void {
    this.#line?.stop();
    const line: Line = this.#open((news) => {
      // The former line may have had one more word on its way.
      if (line === this.#line) this.#hear(news);
    });
    this.#line = line;
    line.start();
  }

  #hear(news: StreamNews): void {
    // A page that joins later has missed nothing: it reads its list after.
    if (news.kind === 'line') this.#state = { ...news, resumed: true };
    for (const page of this.#pages) page(news);
  }
}
