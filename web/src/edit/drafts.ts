import { type Answer, answer, client } from '../api/client.ts';
import type { paths } from '../api/schema.gen.ts';

import type { StepAnswer } from './coverage.ts';

export type DraftRow = Answer<'/api/drafts'>['drafts'][number];
export type Draft = Answer<'/api/drafts/{draft_id}'>;
export type HistoryRow = Draft['history'][number];
export type Community = Answer<'/api/drafts/{draft_id}/communities'>['communities'][number];
/** The schema leaves GeoJSON open. */
export type Checks = Omit<Answer<'/api/drafts/{draft_id}/checks'>, 'checks'> & {
  checks: Finding[];
};
export type Finding = Omit<
  Answer<'/api/drafts/{draft_id}/checks'>['checks'][number],
  'where' | 'severity'
> & { severity: 'error' | 'warning'; where: GeoJSON.Geometry | null };

type FiguresHere = Answer<'/api/drafts/{draft_id}/figures'>;
/** What was counted on a piece of ground; null where nobody did. */
export type Counts = FiguresHere['areas'][number];
export type Limits = FiguresHere['limits'];

export type Impact = Answer<'/api/drafts/{draft_id}/impact'>;

type Asked<Path extends keyof paths> = paths[Path] extends {
  post: { requestBody: { content: { 'application/json': infer Body } } };
}
  ? Body
  : never;

type Note = { note?: string };
type Line = GeoJSON.LineString;
type Area = GeoJSON.Polygon | GeoJSON.MultiPolygon;
/** What may be done about an edge of a community, or about a piece that is cut off. */
export interface Allowances {
  allow_community_change?: boolean;
  cut_off_to?: string;
}

/** The operations as the service takes them. */
export type Operation = Note &
  (
    | { op: 'split'; grid: string; line: Line }
    | ({ op: 'merge'; grids: string[] } & Allowances)
    | ({ op: 'move_boundary'; from: readonly number[]; to: readonly number[] } & Allowances)
    | ({ op: 'move_boundary'; line: Line } & Allowances)
    | ({ op: 'transfer'; to: string; area: Area } & Allowances)
    | ({ op: 'carve'; area: Area; name: string; community?: string } & Allowances)
    | ({ op: 'dissolve'; grid: string; to?: string } & Allowances)
    | ({ op: 'redraw'; grid: string; area: Area } & Allowances)
    | { op: 'recode'; grid: string; code: string }
    | { op: 'rename'; grid: string; name: string }
    | { op: 'change_community'; grid: string; community: string }
    | { op: 'renumber'; community: string }
  );

const of = (draft_id: number): { path: { draft_id: number } } => ({ path: { draft_id } });
const knowing = (revision: number): { header: { 'If-Match': string } } => ({
  header: { 'If-Match': `"${revision}"` },
});

export const fetchDrafts = async (signal: AbortSignal): Promise<DraftRow[]> =>
  (await answer<Answer<'/api/drafts'>>(client.GET('/api/drafts', { signal }))).drafts;

export const beginDraft = (name: string): Promise<{ id: number }> =>
  answer(client.POST('/api/drafts', { body: { name } }));

export const fetchDraft = (id: number): Promise<Draft> =>
  answer(client.GET('/api/drafts/{draft_id}', { params: of(id) }));

/** All grids of a draft, or only those that are not as in its base. */
export const fetchGrids = (id: number, changed: boolean): Promise<StepAnswer> =>
  answer(
    client.GET('/api/drafts/{draft_id}/grids', { params: { ...of(id), query: { changed } } }),
  );

export const fetchBase = (id: number): Promise<StepAnswer> =>
  answer(client.GET('/api/drafts/{draft_id}/base', { params: of(id) }));

export type Version = Answer<'/api/versions'>['versions'][number];

/** The boundary versions of the city, the latest first. */
export const fetchVersions = async (signal: AbortSignal): Promise<Version[]> =>
  (await answer<Answer<'/api/versions'>>(client.GET('/api/versions', { signal }))).versions;

export const fetchVersionGrids = (number: number, signal: AbortSignal): Promise<StepAnswer> =>
  answer(
    client.GET('/api/versions/{number}/grids', { params: { path: { number } }, signal }),
  );

export const fetchCommunities = async (id: number): Promise<Community[]> =>
  (
    await answer<Answer<'/api/drafts/{draft_id}/communities'>>(
      client.GET('/api/drafts/{draft_id}/communities', { params: of(id) }),
    )
  ).communities;

export const fetchChecks = (id: number, signal: AbortSignal): Promise<Checks> =>
  answer(client.GET('/api/drafts/{draft_id}/checks', { params: of(id), signal }));

export const fetchImpact = (id: number, signal: AbortSignal): Promise<Impact> =>
  answer(client.GET('/api/drafts/{draft_id}/impact', { params: of(id), signal }));

/** What was counted in grids of a draft, and on areas given as WKT. */
export const fetchFigures = (
  id: number,
  grid: string[],
  area: string[],
): Promise<FiguresHere> =>
  answer(
    client.GET('/api/drafts/{draft_id}/figures', { params: { ...of(id), query: { grid, area } } }),
  );

export const operate = (
  id: number,
  revision: number,
  operation: Operation,
): Promise<StepAnswer> =>
  answer(
    client.POST('/api/drafts/{draft_id}/operations', {
      params: { ...of(id), ...knowing(revision) },
      body: operation as unknown as Asked<'/api/drafts/{draft_id}/operations'>,
    }),
  );

export const walk = (id: number, revision: number, to: 'undo' | 'redo'): Promise<StepAnswer> =>
  answer(
    client.POST(`/api/drafts/{draft_id}/${to}`, {
      params: { ...of(id), ...knowing(revision) },
    }),
  );

export type Turn = 'submit' | 'reopen' | 'approve';

export const turn = (
  id: number,
  revision: number,
  to: Turn,
): Promise<{ revision: number; state: string }> =>
  answer(
    client.POST(`/api/drafts/{draft_id}/${to}`, {
      params: { ...of(id), ...knowing(revision) },
    }),
  );

export const publish = (
  id: number,
  revision: number,
  effective_at: string | null,
): Promise<{ version: number; effective_at: string }> =>
  answer(
    client.POST('/api/drafts/{draft_id}/publish', {
      params: { ...of(id), ...knowing(revision) },
      body: effective_at === null ? {} : { effective_at },
    }),
  );

export const rebase = (
  id: number,
  revision: number,
  leave_out: boolean,
): Promise<{ revision: number }> =>
  answer(
    client.POST('/api/drafts/{draft_id}/rebase', {
      params: { ...of(id), ...knowing(revision) },
      body: { leave_out },
    }),
  );

export const discard = (id: number, revision: number): Promise<unknown> =>
  answer(
    client.DELETE('/api/drafts/{draft_id}', { params: { ...of(id), ...knowing(revision) } }),
  );
