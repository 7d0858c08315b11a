import { EventStreamReader, type StreamEvent } from './event_stream.ts';
import type { Change, LineState, Tell } from './stream_news.ts';

/** The service's heart beats every 15 s; two missed beats and a little are a dead line. */
const SILENCE_MS = 40_000;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 15_000;

/** The line to `/api/stream`: opened again when it breaks, from the last event that was heard. */
export class StreamLine {
  readonly #url: string;
  readonly #tell: Tell;
  readonly #stop = new AbortController();
  #lastId = '';
  #pauseMs = FIRST_PAUSE_MS;
  #wake: () => void = () => undefined;

  constructor(url: string, tell: Tell) {
    this.#url = url;
    this.#tell = tell;
  }

  start(): void {
    addEventListener('online', () => this.#wake(), { signal: this.#stop.signal });
    this.#state('connecting');
    void this.#run();
  }

  stop(): void {
    this.#stop.abort();
    this.#wake();
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const isRefused = await this.#listen().catch(() => false);
      if (this.#stop.signal.aborted) return;
      this.#state(isRefused ? 'refused' : 'lost');
      if (isRefused) return;
      await this.#pause();
    }
  }

  /** Hear the stream to its end; true when this account may not hear it. */
  async #listen(): Promise<boolean> {
    const broken = new AbortController();
    const { signal } = broken;
    this.#stop.signal.addEventListener('abort', () => broken.abort(), { signal });
    let silence = setTimeout(() => broken.abort(), SILENCE_MS);
    try {
      const resumed = this.#lastId !== '';
      const answer = await fetch(this.#url, {
        signal,
        cache: 'no-store',
        headers: {
          Accept: 'text/event-stream',
          ...(resumed ? { 'Last-Event-ID': this.#lastId } : {}),
        },
      });
      if (answer.status === 401 || answer.status === 403) return true;
      if (!answer.ok || !answer.body) return false;
      this.#pauseMs = FIRST_PAUSE_MS;
      this.#state('live', resumed);
      const events = new EventStreamReader();
      const text = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      for (let piece = await text.read(); !piece.done; piece = await text.read()) {
        clearTimeout(silence);
        silence = setTimeout(() => broken.abort(), SILENCE_MS);
        for (const event of events.push(piece.value)) this.#hear(event);
        if (events.lastId) this.#lastId = events.lastId;
      }
      return false;
    } finally {
      clearTimeout(silence);
    }
  }

  #hear({ event, data }: StreamEvent): void {
    if (event === 'change') this.#tell({ kind: 'change', change: JSON.parse(data) as Change });
    else if (event === 'reset') this.#tell({ kind: 'reset' });
  }

  #state(state: LineState, resumed = false): void {
    this.#tell({ kind: 'line', state, resumed });
  }

  /** Wait longer each time, and never in step with the other browsers of the city. */
  async #pause(): Promise<void> {
    const pauseMs = this.#pauseMs * (0.5 + Math.random());
    this.#pauseMs = Math.min(2 * this.#pauseMs, LONGEST_PAUSE_MS);
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, pauseMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
