import { Problem } from '../api/problem.ts';
import type { MapView } from '../state/address.ts';
import { connection } from '../state/connection.svelte.ts';
import { layout } from '../state/layout.svelte.ts';
import { Loaded } from '../state/loaded.svelte.ts';
import { session } from '../state/session.svelte.ts';

import { counted } from './counted.svelte.ts';
import { Coverage, type Grid, type StepAnswer } from './coverage.ts';
import * as drafts from './drafts.ts';
import type { Allowances, Checks, Community, Draft, Operation } from './drafts.ts';
import { neighboursOf } from './edges.ts';
import type { Tool } from './instruments.ts';
import { divide } from './proposals.ts';

/** An operation, or a step of the draft, that the service refused. */
export interface Refusal {
  problem: Problem;
  /** What was asked for; null of a step that is no operation. */
  operation: Operation | null;
  where: GeoJSON.Geometry | null;
}

/** Somebody else changed the draft: who and when, and what was asked for meanwhile and not done. */
export interface Overtaken {
  by: string;
  at: string;
  operation: Operation | null;
}

const CHECKS_REST_MS = 500;

/** A draft in hand: its grids, what is selected in them, and what is being done. */
class Studio {
  draft = $state.raw<Draft | null>(null);
  coverage = $state.raw<Coverage | null>(null);
  communities = $state.raw<ReadonlyMap<string, Community>>(new Map());
  /** False while only the changed grids are there; tools wait for the rest. */
  isWhole = $state(false);
  selection = $state.raw<readonly string[]>([]);
  /** Whether what is selected was made by the last operation: its pieces are told apart. */
  isFresh = $state(false);
  tool = $state<Tool>('select');
  /** Whether areas are drawn freehand instead of point by point. */
  isFreehand = $state(false);
  /** What was drawn and is not yet part of the draft: it stays when the service refuses it. */
  sketch = $state.raw<GeoJSON.LineString | GeoJSON.Polygon | null>(null);
  refusal = $state.raw<Refusal | null>(null);
  /** Somebody else changed the draft meanwhile. */
  overtaken = $state.raw<Overtaken | null>(null);
  /** Why the draft could not be opened. */
  problem = $state.raw<Problem | null>(null);
  isBusy = $state(false);
  /** A place that was asked for, e.g. by a check; shown until something else is. */
  place = $state.raw<GeoJSON.Geometry | null>(null);
  view = $state.raw<MapView | null>(null);
  readonly checks = new Loaded<Checks>();

  chosen: Grid[] = $derived(
    this.selection.flatMap((code) => this.coverage?.grids.get(code) ?? []),
  );
  neighbours: Grid[] = $derived.by(() => {
    const [one] = this.chosen;
    return this.coverage && one && this.chosen.length === 1 ? neighboursOf(this.coverage, one) : [];
  });
  canEdit: boolean = $derived(
    this.draft?.state === 'open' &&
      (session.account?.may.includes('plan') ?? false) &&
      !layout.isPhone,
  );

  #opened = 0;
  #last: Promise<unknown> = Promise.resolve();
  #checksTimer: ReturnType<typeof setTimeout> | undefined;

  /** Open a draft, or read it anew: first what it changes, then all of its grids. */
  async open(id: number): Promise<void> {
    const turn = (this.#opened += 1);
    const isAnother = this.draft?.id !== id;
    if (isAnother) this.close();
    counted.of(id);
    this.#opened = turn;
    this.problem = null;
    try {
      const first = Promise.all([
        drafts.fetchDraft(id),
        drafts.fetchGrids(id, true),
        drafts.fetchBase(id),
        drafts.fetchCommunities(id),
      ]);
      // On its way behind the others, which are shown as soon as they are there.
      const whole = drafts.fetchGrids(id, false);
      whole.catch(() => undefined);
      const [draft, changed, base, communities] = await first;
      if (turn !== this.#opened) return;
      const codes = changed.grids.features.map(({ properties }) => properties.code);
      this.communities = new Map(communities.map((each) => [each.code, each]));
      if (!this.isWhole) {
        this.draft = draft;
        this.coverage = Coverage.of(changed.grids.features, base.grids.features, codes);
      }
      const all = await whole;
      if (turn !== this.#opened) return;
      // Somebody was at work between the questions.
      if (all.revision !== changed.revision || all.revision !== base.revision) return this.open(id);
      this.coverage = Coverage.of(all.grids.features, base.grids.features, codes);
      this.draft = { ...draft, revision: all.revision };
      this.isWhole = true;
      this.overtaken = null;
      this.refusal = null;
      connection.answered();
      this.#keepKnown();
      this.#checkSoon(0);
    } catch (error) {
      if (turn !== this.#opened) return;
      if (!(error instanceof Problem)) throw error;
      this.problem = error;
    }
  }

  close(): void {
    this.#opened += 1;
    clearTimeout(this.#checksTimer);
    [this.draft, this.coverage, this.isWhole] = [null, null, false];
    [this.sketch, this.refusal, this.overtaken, this.place] = [null, null, null, null];
    [this.tool, this.selection] = ['select', []];
    this.checks.clear();
  }

  /** Carry out an operation; whether the service did. */
  async operate(operation: Operation): Promise<boolean> {
    return this.#step(operation, 1, (id, revision) => drafts.operate(id, revision, operation));
  }

  /** Divide a grid into even parts: one operation, found by the service. */
  async divide(wish: Parameters<typeof divide>[2]): Promise<boolean> {
    return this.#change(null, async (id, revision) => {
      this.#took(await divide(id, revision, wish), 1, true);
    });
  }

  /** Read what somebody else did, and do what was not done on top of it; what is drawn stays. */
  async catchUp(isRepeated: boolean): Promise<void> {
    const { draft, overtaken } = this;
    if (!draft || !overtaken) return;
    await this.open(draft.id);
    if (isRepeated && overtaken.operation && !this.overtaken && this.canEdit) {
      await this.operate(overtaken.operation);
    }
  }

  /** Whether somebody else changed the draft since this page read it. */
  async lookAround(): Promise<void> {
    const { draft } = this;
    if (!draft || !this.isWhole || this.isBusy || this.overtaken) return;
    const now = await drafts.fetchDraft(draft.id).catch(() => null);
    if (!now || this.isBusy || this.draft !== draft) return;
    if (now.revision <= draft.revision && now.state === draft.state) return;
    // Where nothing is drawn there is nothing to lose.
    if (!this.canEdit) await this.open(draft.id);
    else this.overtaken = { by: now.changed_by, at: now.changed_at, operation: null };
  }

  /** The refused operation again, with what the planner allows. */
  async insist(allowances: Allowances): Promise<void> {
    const operation = this.refusal?.operation;
    if (operation) await this.operate({ ...operation, ...allowances } as Operation);
  }

  async walk(to: 'undo' | 'redo'): Promise<boolean> {
    const { draft } = this;
    if (!draft || !this.canEdit) return false;
    if (to === 'undo' ? draft.applied === 0 : draft.applied === draft.operations) return false;
    const by = to === 'undo' ? -1 : 1;
    return this.#step(null, by, (id, revision) => drafts.walk(id, revision, to));
  }

  /** Undo or redo until so many operations are in force. */
  async goBackTo(applied: number): Promise<void> {
    for (;;) {
      const now = this.draft?.applied ?? applied;
      if (now === applied) return;
      if (!(await this.walk(now > applied ? 'undo' : 'redo'))) return;
    }
  }

  async turn(to: drafts.Turn): Promise<boolean> {
    return this.#change(null, async (id, revision) => {
      const { revision: next, state } = await drafts.turn(id, revision, to);
      if (this.draft) this.draft = { ...this.draft, revision: next, state };
      this.tool = 'select';
    });
  }

  async publish(effectiveAt: string | null): Promise<{ version: number } | null> {
    let published: { version: number } | null = null;
    await this.#change(null, async (id, revision) => {
      published = await drafts.publish(id, revision, effectiveAt);
    });
    return published;
  }

  /** Put the draft on the latest version, perhaps without what no longer fits. */
  async rebase(leaveOut: boolean): Promise<boolean> {
    const isDone = await this.#change(null, async (id, revision) => {
      await drafts.rebase(id, revision, leaveOut);
    });
    const id = this.draft?.id;
    if (isDone && id !== undefined) {
      // Every grid may be another one: the draft is opened as if it were a new one.
      this.close();
      await this.open(id);
    }
    return isDone;
  }

  select(codes: readonly string[]): void {
    this.isFresh = false;
    this.selection = codes;
  }

  toggle(code: string): void {
    const { selection } = this;
    this.isFresh = false;
    this.selection = selection.includes(code)
      ? selection.filter((each) => each !== code)
      : [...selection, code];
  }

  take(tool: Tool): void {
    if (tool !== 'select' && !(this.canEdit && this.isWhole)) return;
    this.tool = tool;
    this.forget();
  }

  /** Drop what was drawn and what was said about it. */
  forget(): void {
    [this.sketch, this.refusal, this.place] = [null, null, null];
  }

  /** A change of the grids; `by` so many operations more are in force then. */
  async #step(
    operation: Operation | null,
    by: 1 | -1,
    ask: (id: number, revision: number) => Promise<StepAnswer>,
  ): Promise<boolean> {
    return this.#change(operation, async (id, revision) => {
      this.#took(await ask(id, revision), by, operation !== null);
    });
  }

  /** The draft after a change of its grids. */
  #took(step: StepAnswer, by: 1 | -1, isNew: boolean): void {
    const { coverage, draft } = this;
    if (!coverage || !draft) return;
    const applied = draft.applied + by;
    // A new operation forgets those that were undone.
    const operations = isNew ? applied : draft.operations;
    this.draft = { ...draft, revision: step.revision, applied, operations };
    this.coverage = coverage.after(step);
    this.forget();
    this.#selectAfter(step, coverage);
    this.#checkSoon(CHECKS_REST_MS);
    void this.#readHistory();
  }

  /** One change of the draft after the other, each on the revision that the last one made. */
  #change(
    operation: Operation | null,
    change: (id: number, revision: number) => Promise<void>,
  ): Promise<boolean> {
    const done = this.#last.then(() => this.#changeNow(operation, change));
    this.#last = done.catch(() => undefined);
    return done;
  }

  async #changeNow(
    operation: Operation | null,
    change: (id: number, revision: number) => Promise<void>,
  ): Promise<boolean> {
    const { draft } = this;
    if (!draft) return false;
    this.isBusy = true;
    try {
      await change(draft.id, draft.revision);
      connection.answered();
      return true;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      const { changed_by: by, changed_at: at } = error.facts;
      if (error.code === 'draft_changed') {
        this.overtaken = { by: String(by ?? ''), at: String(at ?? ''), operation };
      } else this.refusal = { problem: error, operation, where: placeOf(error) };
      if (error.unreachable) connection.lost();
      return false;
    } finally {
      this.isBusy = false;
    }
  }

  /** What an operation made is what the planner looks at next. */
  #selectAfter(step: StepAnswer, former: Coverage): void {
    const told = step.grids.features.map(({ properties }) => properties.code);
    const made = told.filter((code) => !former.grids.has(code));
    const kept = this.selection.filter((code) => this.coverage?.grids.has(code));
    this.isFresh = made.length > 0;
    if (made.length > 0) this.selection = made.slice(0, MOST_SELECTED);
    else this.selection = kept.length > 0 ? kept : told.slice(0, 1);
  }

  #keepKnown(): void {
    this.selection = this.selection.filter((code) => this.coverage?.grids.has(code));
  }

  async #readHistory(): Promise<void> {
    const { draft } = this;
    if (!draft) return;
    const read = await drafts.fetchDraft(draft.id).catch(() => null);
    // Of a later revision this page knows no grids yet; it reads again after its next step.
    if (read?.revision === this.draft?.revision && read?.id === this.draft?.id) this.draft = read;
  }

  #checkSoon(restMs: number): void {
    clearTimeout(this.#checksTimer);
    this.#checksTimer = setTimeout(() => {
      const { draft } = this;
      if (draft) void this.checks.load((signal) => drafts.fetchChecks(draft.id, signal));
    }, restMs);
  }
}

/** A renumbering makes hundreds: all of them selected would say nothing. */
const MOST_SELECTED = 12;

function placeOf({ facts }: Problem): GeoJSON.Geometry | null {
  const { where } = facts;
  return typeof where === 'object' && where !== null ? (where as GeoJSON.Geometry) : null;
}

export const studio = new Studio();
