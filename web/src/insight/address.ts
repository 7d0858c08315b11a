import { type Language, LANGUAGES, type MapView, readView, writeView } from '../state/address.ts';
import { isDay } from '../state/time_range.ts';

import { isCell, type Resolution, RESOLUTIONS } from './cell_resolution.ts';
import type { Period } from './period.ts';

export const METRICS = ['count', 'rate', 'z', 'class'] as const;
export type Metric = (typeof METRICS)[number];

/** The published definitions of the classes in time. */
export const VARIANTS = ['esri-new', 'esri-old'] as const;
export type Variant = (typeof VARIANTS)[number];

/** All that a link to the page of hotspots carries. */
export interface InsightAddress {
  metric: Metric;
  variant: Variant;
  categories: readonly string[];
  channels: readonly string[];
  /** Null for the last weeks there are. */
  period: Period | null;
  /** Whether the period before stands beside it. */
  isPair: boolean;
  /** The cell in hand. */
  cell: string | null;
  /** A resolution that does not follow the zoom. */
  pinned: Resolution | null;
  view: MapView | null;
  lang: Language | null;
}

/** Read an address; whatever is malformed is left out rather than refused. */
export function readInsightAddress(search: string): InsightAddress {
  const params = new URLSearchParams(search);
  const cell = params.get('cell') ?? '';
  return {
    metric: METRICS.find((metric) => metric === params.get('metric')) ?? 'count',
    variant: VARIANTS.find((variant) => variant === params.get('variant')) ?? 'esri-new',
    categories: words(params.get('category')),
    channels: words(params.get('channel')),
    period: readPeriod(params.get('time')),
    isPair: params.get('pair') === '1',
    cell: isCell(cell) ? cell : null,
    pinned: RESOLUTIONS.find((known) => String(known) === params.get('res')) ?? null,
    view: readView(params.get('view')),
    lang: LANGUAGES.find((lang) => lang === params.get('lang')) ?? null,
  };
}

/** The search part of an address, with its `?`; defaults are left out so that links stay short. */
export function writeInsightAddress(address: InsightAddress): string {
  const { metric, variant, categories, channels, period, isPair, cell, pinned, view, lang } =
    address;
  const parts: string[] = [];
  const put = (key: string, text: string): void => {
    parts.push(`${key}=${encodeURIComponent(text).replaceAll('%2C', ',')}`);
  };
  if (metric !== 'count') put('metric', metric);
  if (variant !== 'esri-new') put('variant', variant);
  if (categories.length > 0) put('category', categories.join(','));
  if (channels.length > 0) put('channel', channels.join(','));
  if (period) put('time', `${period.from}..${period.to}`);
  if (isPair) put('pair', '1');
  if (cell) put('cell', cell);
  if (pinned) put('res', String(pinned));
  if (view) put('view', writeView(view));
  if (lang) put('lang', lang);
  return parts.length > 0 ? `?${parts.join('&')}` : '';
}

function readPeriod(text: string | null): Period | null {
  const [from = '', to = ''] = (text ?? '').split('..');
  return isDay(from) && isDay(to) && from <= to ? { from, to } : null;
}

const words = (text: string | null): string[] => (text ? text.split(',').filter(Boolean) : []);
