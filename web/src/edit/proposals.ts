import { answer, client } from '../api/client.ts';
import type { components } from '../api/schema.gen.ts';

import type { StepAnswer } from './coverage.ts';

export type Proposals = components['schemas']['ProposalsOut'];
export type Because = Proposals['because'][number];
export type Proposal = Proposals['proposals'][number];
export type By = Proposals['by'];

/** What is to be made even: grids, or the base grids of a community. */
export interface Wish {
  grids?: string[];
  community?: string;
  by: By;
  keep_communities: boolean;
}

/** Up to three drafts that are more even than today; the search ends when it is called off. */
export const propose = (wish: Wish, signal: AbortSignal): Promise<Proposals> =>
  answer(
    client.POST('/api/proposals', { body: { ...wish, seconds: SEARCH_S, seed: 0 }, signal }),
  );

/** As long as a planner waits without going away. */
const SEARCH_S = 15;
const DIVIDE_S = 5;

/** Divide a grid of a draft into even parts. */
export const divide = (
  id: number,
  revision: number,
  wish: { grid: string; parts: number; by: By },
): Promise<StepAnswer & { deviation: number }> =>
  answer(
    client.POST('/api/drafts/{draft_id}/divide', {
      params: { path: { draft_id: id }, header: { 'If-Match': `"${revision}"` } },
      body: { ...wish, seconds: DIVIDE_S, seed: 0 },
    }),
  );
