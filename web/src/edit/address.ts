import { type Language, LANGUAGES, type MapView, readView, writeView } from '../state/address.ts';

/** All that a link to the studio carries. */
export interface StudioAddress {
  draft: number | null;
  grids: string[];
  view: MapView | null;
  lang: Language | null;
}

/** Read an address; whatever is malformed is left out rather than refused. */
export function readStudioAddress(search: string): StudioAddress {
  const params = new URLSearchParams(search);
  const draft = Number(params.get('draft'));
  return {
    draft: Number.isSafeInteger(draft) && draft > 0 ? draft : null,
    grids: (params.get('grid') ?? '').split(',').filter(Boolean),
    view: readView(params.get('view')),
    lang: LANGUAGES.find((lang) => lang === params.get('lang')) ?? null,
  };
}

/** The search part of an address, with its `?`. */
export function writeStudioAddress({ draft, grids, view, lang }: StudioAddress): string {
  const parts: string[] = [];
  if (draft !== null) parts.push(`draft=${draft}`);
  if (grids.length > 0) parts.push(`grid=${grids.map(encodeURIComponent).join(',')}`);
  if (view) parts.push(`view=${writeView(view)}`);
  if (lang) parts.push(`lang=${lang}`);
  return parts.length > 0 ? `?${parts.join('&')}` : '';
}
