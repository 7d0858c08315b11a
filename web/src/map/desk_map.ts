import 'maplibre-gl/dist/maplibre-gl.css';

import {
  AJAXError,
  AttributionControl,
  Map as MapLibreMap,
  type MapMouseEvent,
  ScaleControl,
  setWorkerUrl,
} from 'maplibre-gl';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?url';

import { Paced } from '../live/paced.ts';
import type { MapView } from '../state/address.ts';

import { showArrival } from './arrival_rings.ts';
import { askForBoundaries } from './base_layers.ts';
import { type Basemap, type BasemapStyle, basemapStyle, NO_BASEMAP } from './basemap.ts';
import type { Bounds } from './areas.ts';
import { CaseDrawing } from './case_drawing.ts';
import { CASE_LAYERS } from './case_layers.ts';
import { CASE_TILES, spotOf } from './case_tiles.ts';
import { MissingTiles } from './missing_tiles.ts';
import type { MarkedPoint } from './selection_layers.ts';
import { showHovered, showSelectedGrid, showSelectedPoint } from './selection_layers.ts';
import { keepGroundInPlace } from './steady_resize.ts';
import { caseTiles, deskStyle } from './style.ts';

setWorkerUrl(workerUrl);

const DEEPEST_ZOOM = 18;
const FLY_MS = 300;
/** What the stream told is drawn in between; the tiles only bring the rest up to date. */
const REDRAW_REST_MS = 500;
const TILES_REST_MS = 4_000;
/** Around the whole city: the legend lies at the foot, the buttons at the right. */
const ROOM = { top: 28, right: 64, bottom: 76, left: 28 };
/** Sources whose tiles decide what `#settle` draws. */
const SETTLED_BY = [CASE_TILES, 'townships'];

export interface DeskMapOptions {
  bounds: Bounds;
  view: MapView | null;
  basemap: Basemap | null;
  /** The filter of the case tiles, as a query string without `?`. */
  caseQuery: string;
  /** The number in a cluster, in the language of the page. */
  label: (count: number) => string;
  onView: (view: MapView, bounds: Bounds) => void;
  onCase: (number: number) => void;
  onCaseHover: (number: number | null) => void;
  onPlace: (lng: number, lat: number) => void;
  /** Some tiles did not come; `reload` asks for them again. */
  onTilesMissing: () => void;
}

/** What the map needs to know of a case that came or changed. */
export interface ToldCase {
  number: number;
  state: string;
  urgency: string;
  lng: number;
  lat: number;
}

/** The map of the live desk. The page tells it what to show; it tells the page what was pointed at. */
export class DeskMap {
  readonly map: MapLibreMap;
  readonly #options: DeskMapOptions;
  readonly #cases: CaseDrawing;
  readonly #missing = new MissingTiles();
  readonly #container: HTMLElement;
  readonly #stopWatchingSize: () => void;
  /** The view that was last drawn for; empty after a tile has come. */
  #settled = '';
  #caseQuery: string;
  #isAsking = false;
  readonly #redraw = new Paced(() => this.#drawAnew(), REDRAW_REST_MS);
  readonly #askTiles = new Paced(() => this.#refreshCases(), TILES_REST_MS);

  /** Throws when the browser has no WebGL2. */
  static async create(container: HTMLElement, options: DeskMapOptions): Promise<DeskMap> {
    const basemap = await basemapStyle(options.basemap, location.origin).catch(() => NO_BASEMAP);
    return new DeskMap(container, options, basemap);
  }

  private constructor(container: HTMLElement, options: DeskMapOptions, basemap: BasemapStyle) {
    this.#container = container;
    this.#options = options;
    this.#caseQuery = options.caseQuery;
    const { bounds, view, caseQuery } = options;
    this.map = new MapLibreMap({
      container,
      style: deskStyle(location.origin, caseQuery, basemap),
      ...(view
        ? { center: [view.lng, view.lat], zoom: view.zoom }
        : { bounds: [...bounds], fitBoundsOptions: { padding: ROOM } }),
      maxZoom: DEEPEST_ZOOM,
      minZoom: 5,
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      trackResize: false,
      fadeDuration: prefersStill() ? 0 : 150,
    });
    this.map.touchZoomRotate.disableRotation();
    this.map.addControl(new ScaleControl({ maxWidth: 90 }), 'bottom-right');
    this.map.addControl(new AttributionControl({ compact: false, customAttribution: 'MapLibre' }));
    this.#cases = new CaseDrawing(this.map, bounds, options.label);
    this.#stopWatchingSize = keepGroundInPlace(this.map, container);
    container.deskMap = this;
    this.#listen();
  }

  /** Show the cases of another filter; the same one again asks for nothing. */
  showCases(query: string): void {
    if (query === this.#caseQuery) return;
    this.#caseQuery = query;
    this.#whenStyled(() => {
      this.#container.dataset.ready = 'false';
      this.#settled = '';
      this.#cases.setTiles(caseTiles(location.origin, query));
    });
  }

  /** A case came or changed; `isShown` when the filter of this map holds it. */
  tellCase(changed: ToldCase, isShown: boolean, isNew: boolean): void {
    const { lng, lat, number, state, urgency } = changed;
    const spot = isShown ? spotOf(lng, lat, { n: 1, number, state, urgency }) : null;
    this.#cases.told.tell(number, spot, isNew);
    if (isShown && isNew && !prefersStill()) showArrival(this.map, lng, lat);
    this.#redraw.ask();
    this.#askTiles.ask();
  }

  setLabel(label: (count: number) => string): void {
    this.#whenStyled(() => this.#cases.setLabel(label));
  }

  showGrid(geometry: GeoJSON.Geometry | null): void {
    this.#whenStyled(() => showSelectedGrid(this.map, geometry));
  }

  showPoint(point: MarkedPoint | null): void {
    this.#whenStyled(() => showSelectedPoint(this.map, point));
  }

  showHover(point: MarkedPoint | null): void {
    this.#whenStyled(() => showHovered(this.map, point));
  }

  flyTo(lng: number, lat: number, leastZoom = 15): void {
    const zoom = Math.max(this.map.getZoom(), leastZoom);
    this.map.easeTo({ center: [lng, lat], zoom, duration: FLY_MS });
  }

  /** Bring a point into view if it is not, without changing the zoom. */
  reveal(lng: number, lat: number): void {
    const { x, y } = this.map.project([lng, lat]);
    const { clientWidth, clientHeight } = this.#container;
    const rim = 40;
    if (x < rim || y < rim || x > clientWidth - rim || y > clientHeight - rim) {
      this.map.easeTo({ center: [lng, lat], duration: FLY_MS });
    }
  }

  fitCity(): void {
    this.map.fitBounds([...this.#options.bounds], { padding: ROOM, duration: FLY_MS });
  }

  zoomBy(steps: number): void {
    this.map.zoomTo(this.map.getZoom() + steps, { duration: FLY_MS });
  }

  /** Ask again for the tiles that did not come. */
  reload(): void {
    this.#missing.askAgain(this.map);
  }

  /** The city has other boundaries: show them. */
  showBoundaries(): void {
    this.#whenStyled(() => {
      this.#container.dataset.ready = 'false';
      askForBoundaries(this.map, location.origin);
    });
  }

  destroy(): void {
    this.#redraw.cancel();
    this.#askTiles.cancel();
    document.removeEventListener('visibilitychange', this.#seenAgain);
    this.#stopWatchingSize();
    delete this.#container.deskMap;
    this.map.remove();
  }

  #drawAnew(): void {
    this.#settled = '';
    this.map.triggerRepaint();
  }

  /** Tiles of a page that nobody looks at are asked for when somebody does. */
  #refreshCases(): void {
    if (document.hidden || !this.map.getSource(CASE_TILES)) return;
    this.#cases.told.ask();
    this.#isAsking = true;
    // The former tiles stay until the new ones are there.
    this.#missing.askForAll(this.map, CASE_TILES);
  }

  readonly #seenAgain = (): void => {
    if (!document.hidden) this.#askTiles.ask();
  };

  #listen(): void {
    const { map } = this;
    document.addEventListener('visibilitychange', this.#seenAgain);
    map.on('movestart', () => (this.#container.dataset.ready = 'false'));
    map.on('moveend', () => this.#tellView());
    map.on('idle', () => void this.#settle());
    map.on('sourcedata', ({ tile, sourceId }) => {
      if (tile && SETTLED_BY.includes(sourceId)) this.#settled = '';
    });
    map.on('error', (event) => {
      this.#missing.note(event);
      if (event.error instanceof AJAXError) this.#options.onTilesMissing();
      else console.error(event.error);
    });
    map.on('click', (event) => this.#click(event));
    map.on('mousemove', (event) => {
      const number = this.#caseAt(event)?.['number'] as number | undefined;
      map.getCanvas().style.cursor = number === undefined ? '' : 'pointer';
      this.#options.onCaseHover(number || null);
    });
    map.on('mouseout', () => this.#options.onCaseHover(null));
    // Without a pointer: Enter asks about the middle of the view.
    map.getCanvas().addEventListener('keydown', (event) => {
      if (event.key !== 'Enter') return;
      const { lng, lat } = map.getCenter();
      this.#options.onPlace(lng, lat);
    });
    this.#tellView();
  }

  /** The map stands still and its tiles are there: gather the cases, place the names, say ready. */
  async #settle(): Promise<void> {
    if (this.#isAsking) {
      this.#isAsking = false;
      this.#cases.told.arrived();
      this.#settled = '';
    }
    const key = `${this.map.getCenter().toString()}/${this.map.getZoom()}`;
    if (this.#settled !== key) {
      this.#settled = key;
      this.#container.dataset.ready = 'false';
      const drawn = await this.#cases.draw();
      if (drawn !== null) this.#container.dataset.cases = String(drawn);
      return;
    }
    this.#container.dataset.ready = 'true';
  }

  #tellView(): void {
    const { lng, lat } = this.map.getCenter();
    const box = this.map.getBounds();
    this.#options.onView({ lng, lat, zoom: this.map.getZoom() }, [
      box.getWest(),
      box.getSouth(),
      box.getEast(),
      box.getNorth(),
    ]);
  }

  #click(event: MapMouseEvent): void {
    const found = this.#caseAt(event);
    if (!found) {
      this.#options.onPlace(event.lngLat.lng, event.lngLat.lat);
    } else if (found['number']) {
      this.#options.onCase(found['number'] as number);
    } else {
      const zoom = Math.min(this.map.getZoom() + 2, DEEPEST_ZOOM);
      this.map.easeTo({ center: event.lngLat, zoom, duration: FLY_MS });
    }
  }

  #caseAt({ point }: MapMouseEvent): Record<string, unknown> | undefined {
    if (!this.map.getLayer(CASE_LAYERS[0] as string)) return undefined;
    return this.map.queryRenderedFeatures(point, { layers: CASE_LAYERS })[0]?.properties;
  }

  #whenStyled(action: () => void): void {
    if (this.map.getSource('cases')) action();
    else void this.map.once('styledata', () => this.#whenStyled(action));
  }
}

const prefersStill = (): boolean => matchMedia('(prefers-reduced-motion: reduce)').matches;

declare global {
  interface HTMLElement {
    /** The map living in its container, for tests and the browser's console. */
    deskMap?: DeskMap;
  }
}
