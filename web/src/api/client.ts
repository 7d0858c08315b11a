import createClient from 'openapi-fetch';

import { csrfWord } from './csrf.ts';
import { Problem, problemFrom } from './problem.ts';
import type { paths } from './schema.gen.ts';

/** What `GET` of a path answers, as the service's own schema says it. */
export type Answer<Path extends keyof paths> = paths[Path] extends {
  get: { responses: { 200: { content: { 'application/json': infer Body } } } };
}
  ? Body
  : never;

export type City = Answer<'/api/city'>;
export type CasePage = Answer<'/api/cases'>;
export type Case = CasePage['cases'][number];
export type CaseDetail = Answer<'/api/cases/{number}'>;
export type OpenCounts = Answer<'/api/desk'>['open'];
export type Report = CaseDetail['reports'][number];
export type Staff = NonNullable<CaseDetail['staff']>;
export type Located = Answer<'/api/locate'>;
/** The schema leaves GeoJSON open; the service writes areas only. */
export type GridShape = Omit<Answer<'/api/grids/{code}'>, 'geometry'> & {
  geometry: GeoJSON.Polygon | GeoJSON.MultiPolygon;
};

export type CaseQuery = NonNullable<paths['/api/cases']['get']['parameters']['query']>;
export type LocateQuery = paths['/api/locate']['get']['parameters']['query'];

export const client = createClient<paths>({ baseUrl: '/' });

const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS'];

let tellSignInNeeded: () => void = () => undefined;

/** Hear when the service no longer knows who is asking. */
export function onSignInNeeded(tell: () => void): void {
  tellSignInNeeded = tell;
}

client.use({
  /** What changes something carries the word that only this site's pages can read. */
  onRequest({ request }) {
    if (SAFE_METHODS.includes(request.method)) return;
    const csrf = csrfWord();
    if (csrf) request.headers.set('X-CSRF-Token', csrf);
  },
  onResponse({ response, schemaPath }) {
    if (response.status === 401 && !(schemaPath as string).endsWith('/session')) tellSignInNeeded();
  },
});

export const fetchCity = (signal: AbortSignal): Promise<City> =>
  answer(client.GET('/api/city', { signal }));

export const fetchCases = (query: CaseQuery, signal: AbortSignal): Promise<CasePage> =>
  answer(client.GET('/api/cases', { params: { query }, signal }));

export const fetchCase = (number: number, signal: AbortSignal): Promise<CaseDetail> =>
  answer(client.GET('/api/cases/{number}', { params: { path: { number } }, signal }));

/** Show a held case to everybody whose it is. */
export const releaseCase = (number: number): Promise<unknown> =>
  answer(client.POST('/api/cases/{number}/release', { params: { path: { number } } }));

/** Of each open state, how many cases are normal and how many urgent. */
export const fetchOpenCounts = async (signal: AbortSignal): Promise<OpenCounts> =>
  (await answer<Answer<'/api/desk'>>(client.GET('/api/desk', { signal }))).open;

export const fetchGrid = (code: string, signal: AbortSignal): Promise<GridShape> =>
  answer(client.GET('/api/grids/{code}', { params: { path: { code } }, signal }));

export const locate = (query: LocateQuery, signal: AbortSignal): Promise<Located> =>
  answer(client.GET('/api/locate', { params: { query }, signal }));

/**
 * The data of a call, or a `Problem`. An aborted call rejects with the browser's AbortError.
 *
 * The body is taken as `Answer` says: openapi-fetch would turn the schema's tuples into arrays.
 */
export async function answer<Body>(
  call: Promise<{ data?: unknown; error?: unknown; response: Response }>,
): Promise<Body> {
  let result;
  try {
    result = await call;
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new Problem(0, '', '');
  }
  const { response } = result;
  if (!response.ok) throw problemFrom(response, result.error);
  return result.data as Body;
}
