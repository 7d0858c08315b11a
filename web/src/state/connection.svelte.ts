import type { LineState } from '../live/stream_news.ts';

/** Whether the service answers. While it does not, the page shows what it last knew, and since when. */
class Connection {
  /** When the service was last heard, in milliseconds; null before the first time. */
  lastHeard = $state<number | null>(null);
  /** The stream of changes; null on a page that does not listen. */
  line = $state<LineState | null>(null);
  /** When the last change came to this page, or the stream opened. */
  lastEvent = $state<number | null>(null);
  /** Whether requests go unanswered. */
  isSilent = $state(false);

  get isLost(): boolean {
    return this.isSilent || this.line === 'lost';
  }

  answered(): void {
    this.lastHeard = Date.now();
    this.isSilent = false;
  }

  lost(): void {
    this.isSilent = true;
  }
}

export const connection = new Connection();
