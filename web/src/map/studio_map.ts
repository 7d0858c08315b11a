import 'maplibre-gl/dist/maplibre-gl.css';

import {
  AttributionControl,
  type GeoJSONSource,
  Map as MapLibreMap,
  type MapMouseEvent,
  ScaleControl,
  setWorkerUrl,
} from 'maplibre-gl';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?url';

import { metresPerDegree } from '../edit/area.ts';
import type { Coverage } from '../edit/coverage.ts';
import { boxAround, type Position } from '../edit/shapes.ts';
import { type Snap, snap } from '../edit/snapping.ts';
import type { MapView } from '../state/address.ts';

import type { Bounds } from './areas.ts';
import { askForBoundaries } from './base_layers.ts';
import { type Basemap, basemapStyle, NO_BASEMAP } from './basemap.ts';
import { CoverageDrawing } from './coverage_drawing.ts';
import { keepGroundInPlace } from './steady_resize.ts';
import { type Mark, NODE_IMAGE, nodeImage, setMark } from './studio_marks.ts';
import { studioStyle } from './studio_style.ts';
import { nameTownships } from './township_names.ts';

setWorkerUrl(workerUrl);

const DEEPEST_ZOOM = 20;
const FLY_MS = 300;
const ROOM = { top: 40, right: 64, bottom: 56, left: 40 };
/** What is gone to closer than this says less than its surroundings. */
const CLOSEST_FIT = 17;
const SNAP_PX = 9;
/** Narrower than this nobody sees what it is. */
const LEAST_SEEN_PX = 24;

export interface StudioMapOptions {
  bounds: Bounds;
  view: MapView | null;
  basemap: Basemap | null;
  /** Whether the service's tiles show the version the draft stands on. */
  isTiled: boolean;
  interactive: boolean;
  onView: (view: MapView) => void;
  /** A place was clicked; `more` with Shift or Ctrl, to add to what is selected. */
  onPick: (place: Position, more: boolean) => void;
  onPoint: (place: Position | null, at: { x: number; y: number }) => void;
}

/** The map of the boundary studio: the draft's coverage, what is marked in it, and the camera. */
export class StudioMap {
  readonly map: MapLibreMap;
  readonly ready: Promise<void>;
  readonly #options: StudioMapOptions;
  readonly #container: HTMLElement;
  readonly #coverage: CoverageDrawing;
  readonly #stopWatchingSize: () => void;
  #shown: Coverage | null = null;
  #isLoaded = false;
  #isGone = false;

  /** Throws when the browser has no WebGL2. */
  static async create(container: HTMLElement, options: StudioMapOptions): Promise<StudioMap> {
    const basemap = await basemapStyle(options.basemap, location.origin).catch(() => NO_BASEMAP);
    const made = new StudioMap(container, options, basemap);
    await made.ready;
    return made;
  }

  private constructor(
    container: HTMLElement,
    options: StudioMapOptions,
    basemap: Awaited<ReturnType<typeof basemapStyle>>,
  ) {
    const { bounds, view, interactive } = options;
    [this.#options, this.#container] = [options, container];
    this.map = new MapLibreMap({
      container,
      style: studioStyle(location.origin, basemap),
      ...(view
        ? { center: [view.lng, view.lat], zoom: view.zoom }
        : { bounds: [...bounds], fitBoundsOptions: { padding: ROOM } }),
      maxZoom: DEEPEST_ZOOM,
      minZoom: 5,
      interactive,
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      doubleClickZoom: false,
      // Shift adds to the selection.
      boxZoom: false,
      trackResize: false,
      fadeDuration: 0,
    });
    this.map.touchZoomRotate.disableRotation();
    if (interactive) {
      this.map.addControl(new ScaleControl({ maxWidth: 90 }), 'bottom-right');
      this.map.addControl(new AttributionControl({ compact: false, customAttribution: 'MapLibre' }));
    } else this.map.getCanvas().tabIndex = -1;
    this.#coverage = new CoverageDrawing(this.map, options.isTiled);
    this.#stopWatchingSize = keepGroundInPlace(this.map, container);
    this.ready = new Promise((resolve) => {
      void this.map.once('style.load', () => {
        this.map.addImage(NODE_IMAGE, nodeImage(), { pixelRatio: 2 });
        this.#isLoaded = true;
        resolve();
      });
    });
    container.studioMap = this;
    this.#listen();
  }

  showCoverage(coverage: Coverage, isWhole: boolean): void {
    if (this.#isGone) return;
    this.#shown = coverage;
    this.#container.dataset.ready = 'false';
    this.#coverage.show(coverage, isWhole);
  }

  /** The city has other boundaries; of the draft's own this changes nothing. */
  showBoundaries(): void {
    if (!this.#isGone) askForBoundaries(this.map, location.origin);
  }

  mark(mark: Mark, features: GeoJSON.Feature[]): void {
    if (this.#isLoaded && !this.#isGone) setMark(this.map, mark, features);
  }

  /** Whether a grid is in the coverage that is drawn. */
  shows(code: string): boolean {
    return this.#shown?.grids.has(code) ?? false;
  }

  /** What a place is drawn to, of all grids of the draft. */
  snap(place: Position): Snap | null {
    if (!this.#shown) return null;
    return snap(this.#shown.grids.values(), place, this.pixelM(place[1]) * SNAP_PX);
  }

  /** Metres of a pixel on the screen. */
  pixelM(lat: number): number {
    return (metresPerDegree(lat)[0] * 360) / (512 * 2 ** this.map.getZoom());
  }

  /** Go to where something is, so that all of it is seen. */
  goTo(geometries: readonly GeoJSON.Geometry[], closest = CLOSEST_FIT): void {
    const box = boxAround(geometries);
    if (!box) return;
    const padding = this.#padding(90);
    this.map.fitBounds([...box], { padding, maxZoom: closest, duration: flyMs() });
  }

  /** Go there only where it is not in view already. */
  reveal(geometries: readonly GeoJSON.Geometry[]): void {
    const box = boxAround(geometries);
    if (!box) return;
    const view = this.map.getBounds();
    const isIn = view.contains([box[0], box[1]]) && view.contains([box[2], box[3]]);
    const isPoint = box[0] === box[2] && box[1] === box[3];
    const widthPx = this.map.project([box[2], box[1]]).x - this.map.project([box[0], box[1]]).x;
    if (!isIn || !(isPoint || widthPx > LEAST_SEEN_PX)) this.goTo(geometries, 16);
  }

  fitCity(): void {
    this.map.fitBounds([...this.#options.bounds], { padding: ROOM, duration: flyMs() });
  }

  zoomBy(steps: number): void {
    this.map.zoomTo(this.map.getZoom() + steps, { duration: flyMs() });
  }

  /** Let another map show what this one does; returns how to stop. */
  lead(other: MapLibreMap): () => void {
    const follow = (): void => {
      other.jumpTo({ center: this.map.getCenter(), zoom: this.map.getZoom() });
    };
    follow();
    this.map.on('move', follow);
    return () => this.map.off('move', follow);
  }

  destroy(): void {
    this.#isGone = true;
    this.#stopWatchingSize();
    delete this.#container.studioMap;
    this.map.remove();
  }

  /** Room around what is gone to; less where the map is small. */
  #padding(px: number): number {
    const { clientWidth, clientHeight } = this.#container;
    return Math.min(px, clientWidth / 5, clientHeight / 5);
  }

  #listen(): void {
    const { map } = this;
    map.on('movestart', () => (this.#container.dataset.ready = 'false'));
    map.on('moveend', () => {
      const { lng, lat } = map.getCenter();
      this.#options.onView({ lng, lat, zoom: map.getZoom() });
    });
    map.on('idle', () => {
      const labels = map.getSource('township-labels') as GeoJSONSource | undefined;
      // Names lie in the visible part of each township; setting them wakes the map once more.
      if (labels && nameTownships(map)) return;
      this.#container.dataset.ready = String(this.#coverage.isWhole);
    });
    map.on('error', (event) => {
      if (!('tile' in event)) console.error(event.error);
    });
    if (!this.#options.interactive) return;
    map.on('click', (event) => this.#options.onPick(placeOf(event), hasMore(event)));
    map.on('mousemove', (event) => this.#options.onPoint(placeOf(event), event.point));
    map.on('mouseout', (event) => this.#options.onPoint(null, event.point));
  }
}

const placeOf = ({ lngLat: { lng, lat } }: MapMouseEvent): Position => [lng, lat];

const hasMore = ({ originalEvent: { shiftKey, ctrlKey, metaKey } }: MapMouseEvent): boolean =>
  shiftKey || ctrlKey || metaKey;

const flyMs = (): number =>
  matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : FLY_MS;

declare global {
  interface HTMLElement {
    /** The studio's map living in its container, for tests and the browser's console. */
    studioMap?: StudioMap;
  }
}
