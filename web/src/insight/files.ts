import type { CasesMeant } from './asked.ts';

export type FileFormat = 'gpkg' | 'parquet';

/** Where the cells of a question are to be had as a file. */
export function fileOf(format: FileFormat, query: CasesMeant & { resolution: number }): string {
  const params = new URLSearchParams(
    Object.entries(query).map(([key, value]) => [key, String(value)]),
  );
  return `/api/hotspots/cells.${format}?${params}`;
}
