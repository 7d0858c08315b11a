import type { LayerSpecification, Map as MapLibreMap, SourceSpecification } from 'maplibre-gl';
import type { GeoJSONSource, VectorTileSource } from 'maplibre-gl';

import { clusterDiameterPx } from '../symbols/cluster_symbol.ts';

import { type Gathered, gather, type Spot } from './gather.ts';
import { BOLD, INK } from './paint.ts';
import { addCaseImages, caseImage, clusterImage } from './symbol_images.ts';

const TILES = 'case-tiles';
const DRAWN = 'cases';
/** Layers a click or a pointer can meet a case in, uppermost first. */
export const CASE_LAYERS = ['case-singles', 'case-clusters'];

export function caseSources(tiles: string): Record<string, SourceSpecification> {
  return {
    // The service serves single cases from zoom 13; deeper tiles would hold the same points.
    [TILES]: { type: 'vector', tiles: [tiles], minzoom: 0, maxzoom: 14 },
    [DRAWN]: { type: 'geojson', data: { type: 'FeatureCollection', features: [] } },
  };
}

export function caseLayers(): LayerSpecification[] {
  return [
    {
      // Draws nothing: it makes the map load the tiles that `gather` reads.
      id: 'case-tiles',
      type: 'circle',
      source: TILES,
      'source-layer': 'cases',
      paint: { 'circle-radius': 0, 'circle-opacity': 0 },
    },
    {
      id: 'case-clusters',
      type: 'symbol',
      source: DRAWN,
      filter: ['>', ['get', 'n'], 1],
      layout: {
        'icon-image': ['get', 'image'],
        // Drawn over each other rather than dropped, yet labels below keep clear of them.
        'icon-allow-overlap': true,
        'text-field': ['get', 'label'],
        'text-font': BOLD,
        'text-size': ['case', ['>', ['length', ['get', 'label']], 4], 12, 13],
        'text-allow-overlap': true,
      },
      paint: { 'text-color': INK },
    },
    {
      id: 'case-singles',
      type: 'symbol',
      source: DRAWN,
      filter: ['==', ['get', 'n'], 1],
      layout: {
        'icon-image': ['get', 'image'],
        'icon-allow-overlap': true,
        'symbol-sort-key': ['get', 'rank'],
      },
    },
  ];
}

/** Keeps what is drawn of the cases in step with their tiles. */
export class CaseDrawing {
  #map: MapLibreMap;
  #label: (count: number) => string;
  #run = 0;

  constructor(map: MapLibreMap, label: (count: number) => string) {
    this.#map = map;
    this.#label = label;
  }

  setTiles(tiles: string): void {
    (this.#map.getSource(TILES) as VectorTileSource).setTiles([tiles]);
  }

  setLabel(label: (count: number) => string): void {
    this.#label = label;
    void this.draw();
  }

  /** Gather what the loaded tiles hold and draw it; how many cases are drawn inside the view. */
  async draw(): Promise<number | null> {
    const run = ++this.#run;
    // Half zoom steps: finer ones would regroup the discs at every turn of the wheel.
    const gathered = gather(this.#spots(), Math.round(this.#map.getZoom() * 2) / 2);
    await addCaseImages(this.#map);
    const features = await Promise.all(gathered.map((place) => this.#feature(place)));
    if (run !== this.#run) return null;
    const source = this.#map.getSource(DRAWN) as GeoJSONSource;
    source.setData({ type: 'FeatureCollection', features });
    const view = this.#map.getBounds();
    return gathered
      .filter(({ lng, lat }) => view.contains([lng, lat]))
      .reduce((sum, { n }) => sum + n, 0);
  }

  #spots(): Spot[] {
    const numbers = new Set<number>();
    const spots: Spot[] = [];
    for (const feature of this.#map.querySourceFeatures(TILES, { sourceLayer: 'cases' })) {
      if (feature.geometry.type !== 'Point') continue;
      const [lng, lat] = feature.geometry.coordinates as [number, number];
      const { n, number, state, urgency } = feature.properties as Omit<Spot, 'lng' | 'lat'>;
      if (number !== undefined) {
        if (numbers.has(number)) continue;
        numbers.add(number);
      }
      spots.push({
        lng,
        lat,
        n,
        ...(number === undefined ? {} : { number }),
        ...(state === undefined ? {} : { state }),
        ...(urgency === undefined ? {} : { urgency }),
      });
    }
    return spots;
  }

  async #feature(place: Gathered): Promise<GeoJSON.Feature<GeoJSON.Point>> {
    const { lng, lat, n, single, split } = place;
    const { state = '', urgency = '', number = 0 } = single ?? {};
    return {
      type: 'Feature',
      geometry: { type: 'Point', coordinates: [lng, lat] },
      properties: {
        n,
        number,
        label: this.#label(n),
        image: single
          ? caseImage(state, urgency)
          : await clusterImage(this.#map, clusterDiameterPx(n), split),
        rank: rank(state, urgency),
      },
    };
  }
}

/** Urgent and new cases are drawn on top of the others. */
function rank(state: string, urgency: string): number {
  const image = caseImage(state, urgency);
  if (image.endsWith('-urgent')) return 2;
  return image === 'case-new' ? 1 : image === 'case-done' ? -1 : 0;
}
