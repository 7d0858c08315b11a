import { type Answer, answer, client } from '../api/client.ts';

export type OpenData = Answer<'/api/open'>;

/** A cell of the map; its count is null where nothing is told. */
export interface OpenCell {
  cell: string;
  resolution: number;
  km2: number;
  count: number | null;
  tables: number;
  township: string | null;
  township_name: string | null;
}

/** The schema leaves GeoJSON open. */
export interface OpenCells {
  tables: number;
  months: { month: string; least: number }[];
  by_month: { month: string; count: number }[];
  by_category: { category: string; count: number }[];
  features: GeoJSON.Feature<GeoJSON.Polygon, OpenCell>[];
}

/** Months and categories; what is left out means all of them. */
export interface OpenQuery {
  from?: string;
  to?: string;
  category?: string;
}

export const FORMATS = { csv: 'CSV', geojson: 'GeoJSON', parquet: 'GeoParquet' } as const;
export type Format = keyof typeof FORMATS;

export const fetchOpenData = (signal: AbortSignal): Promise<OpenData> =>
  answer(client.GET('/api/open', { signal }));

export const fetchOpenCells = (query: OpenQuery, signal: AbortSignal): Promise<OpenCells> =>
  answer(client.GET('/api/open/cells', { params: { query }, signal }));

export function fileAddress(form: Format, query: OpenQuery): string {
  const search = new URLSearchParams({ ...query }).toString();
  return `/api/open/counts.${form}${search ? `?${search}` : ''}`;
}
