import type { StyleSpecification } from 'maplibre-gl';

import { backgroundLabels, backgroundLayers, backgroundSources } from './background_layers.ts';
import { citySources, dedicatedLayer, edgeLayers, groundLayers } from './base_layers.ts';
import type { BasemapStyle } from './basemap.ts';
import { caseLayers, caseSources } from './case_layers.ts';
import { labelLayers, labelSources } from './label_layers.ts';
import {
  selectionFill,
  selectionMarks,
  selectionOutline,
  selectionSources,
} from './selection_layers.ts';

/** The whole style, bottom to top. It names no glyph server: text comes from local fonts. */
export function deskStyle(
  origin: string,
  caseQuery: string,
  basemap: BasemapStyle,
): StyleSpecification {
  const [outside, ground] = groundLayers(basemap.under.length > 0);
  return {
    version: 8,
    sources: {
      ...basemap.sources,
      ...backgroundSources(origin),
      ...citySources(origin),
      ...selectionSources(),
      ...labelSources(),
      ...caseSources(caseTiles(origin, caseQuery)),
    },
    layers: [
      outside,
      ...basemap.under,
      ground,
      dedicatedLayer(),
      ...backgroundLayers(),
      ...basemap.over,
      selectionFill(),
      ...edgeLayers(),
      ...selectionOutline(),
      ...backgroundLabels(),
      ...labelLayers(),
      ...caseLayers(),
      ...selectionMarks(),
    ],
  };
}

/** The address of the case tiles under a filter (a query string without `?`). */
export const caseTiles = (origin: string, query: string): string =>
  `${origin}/tiles/cases/{z}/{x}/{y}.mvt${query ? `?${query}` : ''}`;
