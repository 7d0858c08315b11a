import 'maplibre-gl/dist/maplibre-gl.css';

import {
  AttributionControl,
  type ExpressionSpecification,
  type GeoJSONSource,
  type LayerSpecification,
  Map as MapLibreMap,
  type MapMouseEvent,
  ScaleControl,
  setWorkerUrl,
} from 'maplibre-gl';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?url';

import type { Bounds } from './areas.ts';
import { citySources, edgeLayers, groundLayers } from './base_layers.ts';
import { type Basemap, type BasemapStyle, basemapStyle, NO_BASEMAP } from './basemap.ts';
import { beyondOf, fetchOutline } from './beyond.ts';
import { labelLayers, labelSources } from './label_layers.ts';
import { ACCENT, INK, OUTSIDE } from './paint.ts';
import { keepGroundInPlace } from './steady_resize.ts';
import { nameTownships } from './township_names.ts';

setWorkerUrl(workerUrl);

const FLY_MS = 300;
const DEEPEST_ZOOM = 14;
const ROOM = { top: 28, right: 56, bottom: 40, left: 28 };
const CASING = '#FFFFFF';
const BEYOND = 'beyond';
const HATCH = 'too-few';
const HATCH_LINE = '#9AA5AE';
const HATCH_PX = 7;
const PIXEL_RATIO = 2;

/** A cell as it is drawn: its tone among the colours, or none where too little is told. */
export interface PaintedCell {
  cell: string;
  tone: number | null;
  shape: GeoJSON.Polygon;
}

export interface OpenMapOptions {
  bounds: Bounds;
  basemap: Basemap | null;
  colours: readonly string[];
  /** Says that two fingers move the map, on a page that scrolls. */
  fingers: string;
  /** A cell was clicked; null beside all of them. */
  onPick: (cell: string | null) => void;
  onPoint: (cell: string | null, at: { x: number; y: number }) => void;
}

/** The city under the cells whose counts everybody may know. */
export class OpenMap {
  readonly #map: MapLibreMap;
  readonly #options: OpenMapOptions;
  readonly #container: HTMLElement;
  readonly #stopWatchingSize: () => void;
  #cells: readonly PaintedCell[] = [];
  #isGone = false;

  /** Throws when the browser has no WebGL2. */
  static async create(container: HTMLElement, options: OpenMapOptions): Promise<OpenMap> {
    const basemap = await basemapStyle(options.basemap, location.origin).catch(() => NO_BASEMAP);
    const made = new OpenMap(container, options, basemap);
    await new Promise<void>((resolve) => {
      void made.#map.once('style.load', () => resolve());
    });
    made.#map.addImage(HATCH, hatch(), { pixelRatio: PIXEL_RATIO });
    // On a basemap the land beyond the city is there to be seen.
    if (basemap.under.length === 0) void made.#hideBeyond();
    return made;
  }

  private constructor(container: HTMLElement, options: OpenMapOptions, basemap: BasemapStyle) {
    [this.#options, this.#container] = [options, container];
    const [outside, ground] = groundLayers(basemap.under.length > 0);
    this.#map = new MapLibreMap({
      container,
      style: {
        version: 8,
        sources: {
          ...basemap.sources,
          ...citySources(location.origin),
          ...labelSources(),
          cells: { type: 'geojson', data: EMPTY },
          [BEYOND]: { type: 'geojson', data: EMPTY },
        },
        layers: [
          outside,
          ...basemap.under,
          ground,
          ...basemap.over,
          ...cellLayers(options.colours),
          {
            id: BEYOND,
            type: 'fill',
            source: BEYOND,
            paint: { 'fill-color': OUTSIDE, 'fill-antialias': false },
          },
          ...edgeLayers().filter(({ id }) => /township$|city$/.test(id)),
          ...labelLayers().filter(({ id }) => id.startsWith('label-township')),
          marked('inspected', INK, 1.6),
          marked('chosen-casing', CASING, 5.4),
          marked('chosen', ACCENT, 3),
        ],
      },
      bounds: [...options.bounds],
      fitBoundsOptions: { padding: ROOM },
      maxZoom: DEEPEST_ZOOM,
      minZoom: 5,
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      trackResize: false,
      // A page that scrolls, on a phone: one finger scrolls it, two move the map.
      cooperativeGestures: matchMedia('(max-width: 699px)').matches,
      locale: { 'CooperativeGesturesHandler.MobileHelpText': options.fingers },
      fadeDuration: 0,
    });
    this.#map.touchZoomRotate.disableRotation();
    this.#map.addControl(new ScaleControl({ maxWidth: 90 }), 'bottom-right');
    this.#map.addControl(new AttributionControl({ compact: false, customAttribution: 'MapLibre' }));
    this.#stopWatchingSize = keepGroundInPlace(this.#map, container);
    this.#listen();
  }

  paint(cells: readonly PaintedCell[]): void {
    if (this.#isGone) return;
    this.#cells = cells;
    this.#container.dataset['ready'] = 'false';
    const features = cells.map(({ cell, tone, shape }): GeoJSON.Feature => ({
      type: 'Feature',
      properties: { cell, tone: tone ?? -1 },
      geometry: shape,
    }));
    (this.#map.getSource('cells') as GeoJSONSource).setData({ type: 'FeatureCollection', features });
  }

  choose(cell: string | null): void {
    this.#mark(['chosen-casing', 'chosen'], cell);
  }

  inspect(cell: string | null): void {
    this.#mark(['inspected'], cell);
  }

  /** Go where a cell is, unless it is in view. */
  reveal(cell: string): void {
    const shape = this.#cells.find((painted) => painted.cell === cell)?.shape;
    const [corner] = shape?.coordinates[0] ?? [];
    if (!corner || this.#map.getBounds().contains(corner as [number, number])) return;
    this.#map.easeTo({ center: corner as [number, number], duration: flyMs() });
  }

  fitCity(): void {
    this.#map.fitBounds([...this.#options.bounds], { padding: ROOM, duration: flyMs() });
  }

  zoomBy(steps: number): void {
    this.#map.zoomTo(this.#map.getZoom() + steps, { duration: flyMs() });
  }

  destroy(): void {
    this.#isGone = true;
    this.#stopWatchingSize();
    this.#map.remove();
  }

  /** Cells that reach over the city's outline are cut off there. */
  async #hideBeyond(): Promise<void> {
    const outline = await fetchOutline(location.origin);
    if (!outline || this.#isGone) return;
    const features = beyondOf(outline);
    (this.#map.getSource(BEYOND) as GeoJSONSource).setData({ type: 'FeatureCollection', features });
  }

  #mark(layers: readonly string[], cell: string | null): void {
    if (this.#isGone) return;
    for (const layer of layers) this.#map.setFilter(layer, ['==', ['get', 'cell'], cell ?? '']);
  }

  #listen(): void {
    const map = this.#map;
    map.on('movestart', () => (this.#container.dataset['ready'] = 'false'));
    map.on('idle', () => {
      // Names lie in the visible part of each township; setting them wakes the map once more.
      if (!nameTownships(map)) this.#container.dataset['ready'] = 'true';
    });
    map.on('error', (event) => {
      if (!('tile' in event)) console.error(event.error);
    });
    map.on('click', (event) => this.#options.onPick(this.#cellUnder(event)));
    map.on('mousemove', (event) => this.#options.onPoint(this.#cellUnder(event), event.point));
    map.on('mouseout', (event) => this.#options.onPoint(null, event.point));
  }

  #cellUnder({ point }: MapMouseEvent): string | null {
    const [found] = this.#map.queryRenderedFeatures(point, { layers: ['told', 'too-few'] });
    return (found?.properties['cell'] as string | undefined) ?? null;
  }
}

const EMPTY: GeoJSON.FeatureCollection = { type: 'FeatureCollection', features: [] };

/** Told cells by their tone; the others hatched: it says so without a colour. */
function cellLayers(colours: readonly string[]): LayerSpecification[] {
  const told: ExpressionSpecification = ['>=', ['get', 'tone'], 0];
  return [
    {
      id: 'too-few',
      type: 'fill',
      source: 'cells',
      filter: ['!', told],
      paint: { 'fill-pattern': HATCH },
    },
    {
      id: 'told',
      type: 'fill',
      source: 'cells',
      filter: told,
      paint: {
        'fill-color': ['to-color', ['at', ['get', 'tone'], ['literal', [...colours]]]],
        'fill-antialias': false,
      },
    },
    {
      id: 'cell-gaps',
      type: 'line',
      source: 'cells',
      paint: { 'line-color': CASING, 'line-width': 1.2 },
    },
  ];
}

const marked = (id: string, colour: string, width: number): LayerSpecification => ({
  id,
  type: 'line',
  source: 'cells',
  filter: ['==', ['get', 'cell'], ''],
  layout: { 'line-join': 'round' },
  paint: { 'line-color': colour, 'line-width': width },
});

/** Thin grey lines at 45 degrees, nothing between them. */
function hatch(): ImageData {
  const side = HATCH_PX * PIXEL_RATIO;
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [side, side];
  const pen = canvas.getContext('2d') as CanvasRenderingContext2D;
  [pen.strokeStyle, pen.lineWidth] = [HATCH_LINE, PIXEL_RATIO * 0.7];
  // Thrice, so that the corners of the tile are filled too.
  for (const shift of [-side, 0, side]) {
    pen.beginPath();
    pen.moveTo(shift - 1, side + 1);
    pen.lineTo(shift + side + 1, -1);
    pen.stroke();
  }
  return pen.getImageData(0, 0, side, side);
}

const flyMs = (): number => (matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : FLY_MS);
