import type { DataDrivenPropertyValueSpecification } from 'maplibre-gl';

/** Colours and widths of the map: ground and lines stay pale, only cases and selections are saturated. */
export const GROUND = '#F8F8F4';
export const OUTSIDE = '#E7EBE7';
export const DEDICATED = '#EBE7DA';
export const WATER = '#D3E3E8';
export const HILL = '#F0F1E7';
export const ROAD = '#FFFFFF';
export const ROAD_EDGE = '#E3E5DE';
export const ACCENT = '#0B6E63';
export const HALO = '#FBFBF8';
export const INK = '#16202A';

export const GRID_EDGE = '#7E8B97';
export const COMMUNITY_EDGE = '#66747F';
export const TOWNSHIP_EDGE = '#3E4B57';
export const CITY_EDGE = '#2A3540';
export const QUIET_LABEL = '#56636F';
export const WATER_LABEL = '#47697A';
export const TOWNSHIP_LABEL = '#2A3540';

/** A number that grows with the zoom, given at zoom 9, 12 and 14. */
export function byZoom(
  at9: number,
  at12: number,
  at14: number,
): DataDrivenPropertyValueSpecification<number> {
  return ['interpolate', ['linear'], ['zoom'], 9, at9, 12, at12, 14, at14];
}

/**
 * Fonts of map labels. With no glyph server MapLibre draws them from the page's and the system's
 * fonts and reads the weight from the first name, so "Regular" and "Bold" need not exist.
 */
const FAMILIES = [
  'Inter Latin',
  'PingFang SC',
  'Microsoft YaHei',
  'Noto Sans CJK SC',
  'Noto Sans SC',
];
export const REGULAR = ['Regular', ...FAMILIES];
export const MEDIUM = ['Medium', ...FAMILIES];
export const BOLD = ['Semibold', ...FAMILIES];
