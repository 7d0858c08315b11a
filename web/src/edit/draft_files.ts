import { answer, client } from '../api/client.ts';
import type { components, paths } from '../api/schema.gen.ts';

export type FromFile = components['schemas']['FromFileOut'];
export type FromFileQuery = paths['/api/drafts/from-file']['post']['parameters']['query'];
export type Datum = NonNullable<FromFileQuery['datum']>;

/** The formats a draft is handed out in, as the service calls them. */
export const FORMATS = {
  gpkg: 'GeoPackage',
  shp: 'Shapefile',
  geojson: 'GeoJSON',
  fgb: 'FlatGeobuf',
} as const;
export type Format = keyof typeof FORMATS;

/** Begin a draft with what was done elsewhere to the grids in a file. */
export const beginFromFile = (file: File, query: FromFileQuery): Promise<FromFile> =>
  answer<FromFile>(
    client.POST('/api/drafts/from-file', {
      params: { query },
      body: file as never,
      bodySerializer: (body: unknown) => body as File,
      headers: { 'Content-Type': 'application/octet-stream' },
    }),
  );

/** Where the grids of a draft are handed out as a file. */
export function fileAddress(draft: number, format: Format, crs: string): string {
  const query = new URLSearchParams({ format, ...(crs ? { crs } : {}) });
  return `/api/drafts/${draft}/file?${query.toString()}`;
}

