import { OPEN_GROUPS, sameGroups, STATE_GROUPS, type StateGroup } from './case_states.ts';
import { type CaseFilter, showsAllStates } from './filters.ts';
import { isDay, PRESETS, type Preset, type TimeRange } from './time_range.ts';

export const DATUMS = ['wgs84', 'gcj02', 'bd09', 'cgcs2000'] as const;
export type Datum = (typeof DATUMS)[number];
export const LANGUAGES = ['zh', 'en'] as const;
export type Language = (typeof LANGUAGES)[number];

export interface MapView {
  lng: number;
  lat: number;
  zoom: number;
}

export type Selection =
  { kind: 'case'; number: number } | { kind: 'place'; lng: number; lat: number; datum: Datum };

/** All that a link to this page carries. */
export interface Address {
  view: MapView | null;
  filter: CaseFilter;
  selection: Selection | null;
  lang: Language | null;
  /** Whether the page is the wall: the city on a large screen, without controls. */
  wall: boolean;
}

/** Read an address; whatever is malformed is left out rather than refused. */
export function readAddress(search: string): Address {
  const params = new URLSearchParams(search);
  return {
    view: readView(params.get('view')),
    filter: {
      categories: words(params.get('category')),
      groups: readGroups(params.get('state')),
      time: readTime(params.get('time')),
    },
    selection: readSelection(params),
    lang: LANGUAGES.find((lang) => lang === params.get('lang')) ?? null,
    wall: params.get('wall') === '1',
  };
}

/** The search part of an address, with its `?`; defaults are left out so that links stay short. */
export function writeAddress({ view, filter, selection, lang, wall }: Address): string {
  const parts: string[] = [];
  const put = (key: string, text: string): void => {
    parts.push(`${key}=${encodeURIComponent(text).replaceAll('%2C', ',')}`);
  };
  if (view) put('view', writeView(view));
  if (filter.categories.length > 0) put('category', filter.categories.join(','));
  if (showsAllStates(filter)) put('state', 'all');
  else if (!sameGroups(filter.groups, OPEN_GROUPS)) put('state', filter.groups.join(','));
  if (filter.time) put('time', writeTime(filter.time));
  if (selection?.kind === 'case') put('case', String(selection.number));
  if (selection?.kind === 'place') {
    const { lng, lat, datum } = selection;
    put('place', datum === 'wgs84' ? `${lng},${lat}` : `${lng},${lat},${datum}`);
  }
  if (lang) put('lang', lang);
  if (wall) put('wall', '1');
  return parts.length > 0 ? `?${parts.join('&')}` : '';
}

/** The part of the map a link shows, `lng,lat,zoom`; null where it is malformed. */
export function readView(text: string | null): MapView | null {
  const [lng, lat, zoom] = (text ?? '').split(',').map(Number);
  if (text === null || !isPlace(lng, lat) || zoom === undefined || !(zoom >= 0 && zoom <= 22)) {
    return null;
  }
  return { lng, lat: lat as number, zoom };
}

export const writeView = ({ lng, lat, zoom }: MapView): string =>
  `${lng.toFixed(6)},${lat.toFixed(6)},${zoom.toFixed(3)}`;

function readGroups(text: string | null): readonly StateGroup[] {
  if (text === 'all') return [];
  const groups = words(text).filter(isGroup);
  return groups.length > 0 ? groups : OPEN_GROUPS;
}

function readTime(text: string | null): TimeRange | null {
  if (text === null) return null;
  if (PRESETS.includes(text as Preset)) return { preset: text as Preset };
  const [from = '', to = ''] = text.split('..');
  const days = { from: isDay(from) ? from : '', to: isDay(to) ? to : '' };
  return days.from || days.to ? { days } : null;
}

function writeTime(time: TimeRange): string {
  return 'preset' in time ? time.preset : `${time.days.from}..${time.days.to}`;
}

function readSelection(params: URLSearchParams): Selection | null {
  const number = Number(params.get('case'));
  if (Number.isSafeInteger(number) && number > 0) return { kind: 'case', number };
  const place = params.get('place');
  if (place === null) return null;
  const [lngText, latText, datumText = 'wgs84'] = place.split(',');
  const [lng, lat] = [Number(lngText || NaN), Number(latText || NaN)];
  const datum = DATUMS.find((known) => known === datumText);
  return datum && isPlace(lng, lat) ? { kind: 'place', lng, lat, datum } : null;
}

function isPlace(lng: number | undefined, lat: number | undefined): lng is number {
  return lng !== undefined && lat !== undefined && Math.abs(lng) <= 180 && Math.abs(lat) <= 90;
}

const isGroup = (word: string): word is StateGroup => STATE_GROUPS.includes(word as StateGroup);

const words = (text: string | null): string[] => (text ? text.split(',').filter(Boolean) : []);
