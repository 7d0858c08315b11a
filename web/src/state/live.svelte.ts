import { SvelteSet } from 'svelte/reactivity';

import { type Case, fetchCity } from '../api/client.ts';
import { Paced } from '../live/paced.ts';
import { browserStream } from '../live/browser_stream.ts';
import type { Change, StreamCall, StreamNews } from '../live/stream_news.ts';

import { announcer } from './announcer.svelte.ts';
import { connection } from './connection.svelte.ts';
import { desk } from './desk.svelte.ts';
import { layout } from './layout.svelte.ts';
import { session } from './session.svelte.ts';

/** How long a row that came or changed is tinted. */
const FRESH_MS = 3_000;
const REREAD_MS = 2_000;

/** Kinds of change by which a case comes to those who did not see it before. */
const ARRIVALS = ['report.received', 'case.released'];
/** Of these the subject is a boundary version: published, drawn as tiles, in force. */
const VERSION = 'version.';

/** A case that came or changed, for the map; `isShown` when the list's filter holds it. */
export interface Arrival {
  row: Case;
  isNew: boolean;
  isShown: boolean;
}

/** Keeps list, map, counts and drawer in step with what happens in the city. */
class Live {
  /** Cases whose row is tinted because they just came or changed. */
  readonly fresh = new SvelteSet<number>();
  /** How often the city's boundaries became others since the page opened; maps ask for tiles anew. */
  boundaries = $state(0);

  readonly #listeners = new Set<(arrival: Arrival) => void>();
  readonly #rereadCounts = new Paced(() => this.#countAnew(), REREAD_MS);
  readonly #rereadList = new Paced(() => void desk.list.retry(), REREAD_MS);
  readonly #rereadChosen = new Paced(() => void desk.chosenCase.retry(), REREAD_MS);
  #call: ((call: StreamCall) => void) | null = null;
  #wasLive = false;

  /** Listen as this account; anew when another one signs in. */
  join(account: string): void {
    this.#call ??= browserStream((news) => this.#hear(news));
    this.#call({ kind: 'join', session: account });
  }

  leave(): void {
    this.#call?.({ kind: 'leave' });
    connection.line = null;
  }

  /** Hear of each arrival; returns how to stop. */
  onArrival(listener: (arrival: Arrival) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #hear(news: StreamNews): void {
    if (news.kind === 'change') this.#change(news.change);
    else if (news.kind === 'reset') this.#boundariesChanged();
    else if (news.kind === 'session') void session.look();
    else {
      connection.line = news.state;
      if (news.state === 'live') {
        connection.answered();
        connection.lastEvent ??= Date.now();
        // After a break, a version may have been drawn meanwhile; a page that opens has the last.
        if (!news.resumed && this.#wasLive) this.#boundariesChanged();
        else if (!news.resumed) this.#reread();
        this.#wasLive = true;
      }
      // The account may have ended; the service says so to the next question.
      if (news.state === 'refused') void session.look();
    }
  }

  #change({ kind, case: row }: Change): void {
    connection.answered();
    connection.lastEvent = Date.now();
    if (kind.startsWith(VERSION)) this.#boundariesChanged();
    if (!row) return;
    const isNew = ARRIVALS.includes(kind) && !desk.list.holds(row.number);
    const isShown = desk.list.take(row, isNew);
    // Only the service can tell whether a case without a place lies in the view.
    if (row.lng === null) this.#rereadList.ask();
    if (isShown) this.#tint(row.number);
    if (isShown && isNew) announcer.tell(row);
    if (desk.selectedNumber === row.number) this.#rereadChosen.ask();
    this.#rereadCounts.ask();
    for (const listener of this.#listeners) listener({ row, isNew, isShown });
  }

  /** Another version, or its tiles: the city, every list by grid, and the maps. */
  #boundariesChanged(): void {
    this.boundaries += 1;
    void desk.city.load(fetchCity);
    this.#reread();
  }

  #reread(): void {
    if (desk.list.known) this.#rereadList.ask();
    if (desk.selectedNumber !== null) this.#rereadChosen.ask();
    this.#rereadCounts.ask();
  }

  #countAnew(): void {
    // The wall has figures of its own, the studio none.
    if (!layout.wall && desk.counts.value) void desk.loadCounts();
  }

  #tint(number: number): void {
    this.fresh.add(number);
    setTimeout(() => this.fresh.delete(number), FRESH_MS);
  }
}

export const live = new Live();
