import createClient from 'openapi-fetch';

import { Problem, problemFrom } from './problem.ts';
import type { components, paths } from './schema.gen.ts';

type Schemas = components['schemas'];
export type City = Schemas['City'];
export type Category = Schemas['Category'];
export type Case = Schemas['Case'];
export type CasePage = Schemas['CasePage'];
export type CaseDetail = Schemas['CaseDetail'];
export type CaseGrid = Schemas['CaseGrid'];
export type Report = Schemas['Report'];
export type Staff = Schemas['Staff'];
export type Located = Schemas['Located'];
export type GridShape = Schemas['GridShape'];
export type CaseQuery = NonNullable<paths['/api/cases']['get']['parameters']['query']>;
export type LocateQuery = paths['/api/locate']['get']['parameters']['query'];

const client = createClient<paths>({ baseUrl: '/' });

/** What `GET` of a path answers, as the service's own schema says it. */
type Answer<Path extends keyof paths> = paths[Path] extends {
  get: { responses: { 200: { content: { 'application/json': infer Body } } } };
}
  ? Body
  : never;

export const fetchCity = (signal: AbortSignal): Promise<Answer<'/api/city'>> =>
  answer(client.GET('/api/city', { signal }));

export const fetchCases = (query: CaseQuery, signal: AbortSignal): Promise<Answer<'/api/cases'>> =>
  answer(client.GET('/api/cases', { params: { query }, signal }));

export const fetchCase = (
  number: number,
  signal: AbortSignal,
): Promise<Answer<'/api/cases/{number}'>> =>
  answer(client.GET('/api/cases/{number}', { params: { path: { number } }, signal }));

export const fetchGrid = (
  code: string,
  signal: AbortSignal,
): Promise<Answer<'/api/grids/{code}'>> =>
  answer(client.GET('/api/grids/{code}', { params: { path: { code } }, signal }));

export const locate = (query: LocateQuery, signal: AbortSignal): Promise<Answer<'/api/locate'>> =>
  answer(client.GET('/api/locate', { params: { query }, signal }));

/**
 * The data of a call, or a `Problem`. An aborted call rejects with the browser's AbortError.
 *
 * The body is taken as `Answer` says: openapi-fetch would turn the schema's tuples into arrays.
 */
async function answer<Body>(
  call: Promise<{ data?: unknown; error?: unknown; response: Response }>,
): Promise<Body> {
  let result;
  try {
    result = await call;
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new Problem(0, '', '');
  }
  if (result.data === undefined) throw problemFrom(result.response.status, result.error);
  return result.data as Body;
}
