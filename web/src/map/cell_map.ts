import 'maplibre-gl/dist/maplibre-gl.css';

import {
  AJAXError,
  AttributionControl,
  type GeoJSONSource,
  Map as MapLibreMap,
  type MapMouseEvent,
  ScaleControl,
  setWorkerUrl,
  type VectorTileSource,
} from 'maplibre-gl';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?url';

import type { MapView } from '../state/address.ts';

import type { Bounds } from './areas.ts';
import { askForBoundaries } from './base_layers.ts';
import { type Basemap, type BasemapStyle, basemapStyle, NO_BASEMAP } from './basemap.ts';
import { beyondOf, fetchOutline } from './beyond.ts';
import { addHatches } from './cell_hatch.ts';
import { highShapes, lowShapes, signPoints } from './cell_marks.ts';
import { BEYOND, CELLS, cellStyle, cellTiles, type Mark, toneColour } from './cell_style.ts';
import { boxOfCells, cellAt, joinedCells } from './h3_cells.ts';
import type { Marked } from './marked.ts';
import { MissingTiles } from './missing_tiles.ts';
import { keepGroundInPlace } from './steady_resize.ts';
import { nameTownships } from './township_names.ts';

setWorkerUrl(workerUrl);

const FLY_MS = 300;
const DEEPEST_ZOOM = 16;
const CLOSEST_FIT = 13.4;
const ROOM = { top: 48, right: 56, bottom: 36, left: 28 };

export interface CellMapOptions {
  bounds: Bounds;
  view: MapView | null;
  basemap: Basemap | null;
  resolution: number;
  /** Number of the boundary version whose cells are drawn. */
  version: number;
  onView: (view: MapView) => void;
  /** The cell that was clicked or chosen with Enter, at the resolution that is drawn. */
  onPick: (cell: string, lng: number, lat: number) => void;
  onPoint: (cell: string | null, at: { x: number; y: number }) => void;
  onTilesMissing: () => void;
}

/** What is painted: a tone for each named feature, of cells or of communities. */
export interface Painting {
  on: 'cells' | 'areas';
  /** Aligned with `tones`; a name not among them is left as the ground. */
  names: readonly string[];
  tones: ArrayLike<number>;
  colours: readonly string[];
}

/** The city's cells, what they are painted with, and what stands out of them. */
export class CellMap {
  readonly map: MapLibreMap;
  readonly ready: Promise<void>;
  readonly #options: CellMapOptions;
  readonly #container: HTMLElement;
  readonly #missing = new MissingTiles();
  readonly #stopWatchingSize: () => void;
  readonly #told = { cells: new Map<string, number>(), areas: new Map<string, number>() };
  #resolution: number;
  #paintings = 0;
  #isGone = false;

  /** Throws when the browser has no WebGL2. */
  static async create(container: HTMLElement, options: CellMapOptions): Promise<CellMap> {
    const basemap = await basemapStyle(options.basemap, location.origin).catch(() => NO_BASEMAP);
    const made = new CellMap(container, options, basemap);
    await made.ready;
    // On a basemap the land beyond the city is there to be seen.
    if (basemap.under.length === 0) void made.#hideBeyond();
    return made;
  }

  private constructor(container: HTMLElement, options: CellMapOptions, basemap: BasemapStyle) {
    const { bounds, view, resolution, version } = options;
    [this.#options, this.#container, this.#resolution] = [options, container, resolution];
    this.map = new MapLibreMap({
      container,
      style: cellStyle(location.origin, cellTiles(location.origin, resolution, version), basemap),
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
      fadeDuration: 0,
    });
    this.map.touchZoomRotate.disableRotation();
    this.map.addControl(new ScaleControl({ maxWidth: 90 }), 'bottom-right');
    this.map.addControl(new AttributionControl({ compact: false, customAttribution: 'MapLibre' }));
    this.#stopWatchingSize = keepGroundInPlace(this.map, container);
    this.ready = new Promise((resolve) => {
      void this.map.once('style.load', () => {
        addHatches(this.map);
        resolve();
      });
    });
    container.cellMap = this;
    this.#listen();
  }

  /** Draw the cells of another resolution; what the former ones were painted with is forgotten. */
  showResolution(resolution: number): void {
    if (resolution === this.#resolution || this.#isGone) return;
    this.#resolution = resolution;
    this.#container.dataset['ready'] = 'false';
    this.map.removeFeatureState({ source: CELLS, sourceLayer: CELLS });
    this.#told.cells.clear();
    const tiles = cellTiles(location.origin, resolution, this.#options.version);
    (this.map.getSource(CELLS) as VectorTileSource).setTiles([tiles]);
  }

  /** Only features whose tone is another one are told anew. */
  paint({ on, names, tones, colours }: Painting): void {
    if (this.#isGone) return;
    const told = this.#told[on];
    const at = on === 'cells' ? CELLS : 'communities';
    const gone = new Set(told.keys());
    names.forEach((name, index) => {
      const tone = tones[index] as number;
      gone.delete(name);
      if (told.get(name) === tone) return;
      told.set(name, tone);
      this.map.setFeatureState({ source: at, sourceLayer: at, id: name }, { tone });
    });
    for (const name of gone) {
      told.delete(name);
      this.map.removeFeatureState({ source: at, sourceLayer: at, id: name });
    }
    this.map.setPaintProperty(on, 'fill-color', toneColour(colours));
    this.#container.dataset['painted'] = String((this.#paintings += 1));
    for (const layer of ['cells', 'areas'] as const) {
      this.map.setLayoutProperty(layer, 'visibility', layer === on ? 'visible' : 'none');
    }
  }

  /** White gaps between the cells; below some pixels they would be all that is seen. */
  showGaps(areShown: boolean): void {
    if (!this.#isGone) {
      this.map.setLayoutProperty('cell-gaps', 'visibility', areShown ? 'visible' : 'none');
    }
  }

  /** What is significant, by lines and hatches; `signs` are the classes in time, by cell. */
  showSignificant(marked: Marked, signs: ReadonlyMap<string, { sign: string; isDark: boolean }>): void {
    this.#mark('high', highShapes(marked));
    this.#mark('low', lowShapes(marked));
    this.#mark('signs', signPoints(signs));
  }

  choose(cells: readonly string[]): void {
    this.#mark('chosen', shapesOf(cells));
  }

  inspect(cell: string | null): void {
    this.#mark('inspected', shapesOf(cell ? [cell] : []));
  }

  goToCells(cells: readonly string[]): void {
    const box = boxOfCells(cells);
    if (box) this.map.fitBounds(box, { padding: 90, maxZoom: CLOSEST_FIT, duration: flyMs() });
  }

  /** Go there only where it is not in view already. */
  revealCells(cells: readonly string[]): void {
    const box = boxOfCells(cells);
    const view = this.map.getBounds();
    if (box && !(view.contains([box[0], box[1]]) && view.contains([box[2], box[3]]))) {
      this.map.easeTo({ center: [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2], duration: flyMs() });
    }
  }

  flyTo(lng: number, lat: number, leastZoom: number): void {
    const zoom = Math.max(this.map.getZoom(), leastZoom);
    this.map.easeTo({ center: [lng, lat], zoom, duration: flyMs() });
  }

  fitCity(): void {
    this.map.fitBounds([...this.#options.bounds], { padding: ROOM, duration: flyMs() });
  }

  zoomBy(steps: number): void {
    this.map.zoomTo(this.map.getZoom() + steps, { duration: flyMs() });
  }

  reload(): void {
    this.#missing.askAgain(this.map);
  }

  /** The city has other boundaries: show them. */
  showBoundaries(): void {
    if (this.#isGone) return;
    askForBoundaries(this.map, location.origin);
    void this.#hideBeyond();
  }

  /** Let another map show what this one does, and this one what the other; returns how to stop. */
  pairWith(other: CellMap): () => void {
    let isFollowing = false;
    const follow = (leader: CellMap, follower: CellMap) => (): void => {
      if (isFollowing) return;
      isFollowing = true;
      follower.map.jumpTo({ center: leader.map.getCenter(), zoom: leader.map.getZoom() });
      isFollowing = false;
    };
    const [there, back] = [follow(this, other), follow(other, this)];
    there();
    this.map.on('move', there);
    other.map.on('move', back);
    return () => {
      this.map.off('move', there);
      other.map.off('move', back);
    };
  }

  /** The map as it is drawn now. */
  picture(): Promise<ImageBitmap> {
    return new Promise((resolve, reject) => {
      // Outside of a frame the canvas holds nothing.
      void this.map.once('render', () => createImageBitmap(this.map.getCanvas()).then(resolve, reject));
      this.map.triggerRepaint();
    });
  }

  destroy(): void {
    this.#isGone = true;
    this.#stopWatchingSize();
    delete this.#container.cellMap;
    this.map.remove();
  }

  /** Cells that reach over the city's outline are cut off there. */
  async #hideBeyond(): Promise<void> {
    const outline = await fetchOutline(location.origin);
    if (outline) this.#mark(BEYOND, beyondOf(outline));
  }

  #mark(mark: Mark | typeof BEYOND, features: GeoJSON.Feature[]): void {
    if (this.#isGone) return;
    (this.map.getSource(mark) as GeoJSONSource).setData({ type: 'FeatureCollection', features });
  }

  #listen(): void {
    const { map } = this;
    map.on('movestart', () => (this.#container.dataset['ready'] = 'false'));
    map.on('moveend', () => {
      const { lng, lat } = map.getCenter();
      this.#options.onView({ lng, lat, zoom: map.getZoom() });
    });
    map.on('idle', () => {
      if (!nameTownships(map)) this.#container.dataset['ready'] = 'true';
    });
    map.on('error', (event) => {
      this.#missing.note(event);
      if (event.error instanceof AJAXError) this.#options.onTilesMissing();
      else console.error(event.error);
    });
    map.on('click', (event) => this.#pick(event.lngLat.lng, event.lngLat.lat));
    map.on('mousemove', (event) => this.#options.onPoint(this.#cellUnder(event), event.point));
    map.on('mouseout', (event) => this.#options.onPoint(null, event.point));
    // Without a pointer: Enter asks about the middle of the view.
    map.getCanvas().addEventListener('keydown', (event) => {
      if (event.key !== 'Enter') return;
      const { lng, lat } = map.getCenter();
      this.#pick(lng, lat);
    });
  }

  #pick(lng: number, lat: number): void {
    this.#options.onPick(cellAt(lng, lat, this.#resolution), lng, lat);
  }

  #cellUnder({ lngLat: { lng, lat } }: MapMouseEvent): string {
    return cellAt(lng, lat, this.#resolution);
  }
}

const shapesOf = (cells: readonly string[]): GeoJSON.Feature[] =>
  cells.length > 0
    ? [{ type: 'Feature', properties: {}, geometry: joinedCells(cells) }]
    : [];

const flyMs = (): number => (matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : FLY_MS);

declare global {
  interface HTMLElement {
    /** The map of cells living in its container, for tests and the browser's console. */
    cellMap?: CellMap;
  }
}
