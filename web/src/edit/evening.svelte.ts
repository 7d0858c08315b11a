import { Problem } from '../api/problem.ts';
import { Loaded } from '../state/loaded.svelte.ts';

import { type Grid, gridOf } from './coverage.ts';
import { fetchGrids } from './drafts.ts';
import { type By, type Proposal, type Proposals, propose, type Wish } from './proposals.ts';

/** As many grids as the service makes even at once. */
export const MOST_EVENED = 300;

/** Making grids even: what is asked for, the proposals, and the one that is looked at on the map. */
class Evening {
  by = $state<By>('households');
  keepsCommunities = $state(true);
  readonly told = new Loaded<Proposals>();
  seen = $state.raw<Proposal | null>(null);
  /** The grids that it draws anew. */
  shapes = $state.raw<readonly Grid[]>([]);

  async ask(what: Pick<Wish, 'grids' | 'community'>): Promise<void> {
    this.look(null);
    const wish = { ...what, by: this.by, keep_communities: this.keepsCommunities };
    await this.told.load((signal) => propose(wish, signal), true);
    this.look(this.told.value?.proposals[0] ?? null);
  }

  /** Show a proposal on the map; null for none. */
  look(proposal: Proposal | null): void {
    [this.seen, this.shapes] = [proposal, []];
    if (proposal) void this.#read(proposal);
  }

  /** Call the search off, and put away what it found. */
  close(): void {
    this.told.clear();
    this.look(null);
  }

  async #read(proposal: Proposal): Promise<void> {
    try {
      const { grids } = await fetchGrids(proposal.draft, true);
      if (this.seen === proposal) this.shapes = grids.features.map(gridOf);
    } catch (error) {
      // Its table is there all the same.
      if (!(error instanceof Problem)) throw error;
    }
  }
}

export const evening = new Evening();
