import type { Map as MapLibreMap } from 'maplibre-gl';
import {
  TerraDraw,
  TerraDrawFreehandMode,
  TerraDrawLineStringMode,
  TerraDrawPolygonMode,
} from 'terra-draw';
import { TerraDrawMapLibreGLAdapter } from 'terra-draw-maplibre-gl-adapter';

import type { Position } from '../edit/shapes.ts';

import { ACCENT } from './paint.ts';

export type Drawing = 'linestring' | 'polygon' | 'freehand';
export type Drawn = GeoJSON.LineString | GeoJSON.Polygon;

export interface SketchOptions {
  /** Where a place on the map is drawn to; undefined where it stays. */
  snap: (place: Position) => Position | undefined;
  /** What is being drawn, with every move; null when nothing is. */
  onSketch: (drawn: Drawn | null) => void;
  onDrawn: (drawn: Drawn) => void;
}

const POINT = {
  closingPointColor: ACCENT,
  closingPointWidth: 5,
  closingPointOutlineColor: '#FFFFFF',
  closingPointOutlineWidth: 2,
  coordinatePointColor: ACCENT,
  coordinatePointWidth: 5,
  coordinatePointOutlineColor: '#FFFFFF',
  coordinatePointOutlineWidth: 2,
} as const;
const SNAPPED = {
  snappingPointColor: '#FFFFFF',
  snappingPointWidth: 6,
  snappingPointOutlineColor: ACCENT,
  snappingPointOutlineWidth: 2.6,
} as const;
const AREA = {
  fillColor: ACCENT,
  fillOpacity: 0.14,
  outlineColor: ACCENT,
  outlineWidth: 3,
} as const;

/** A click this near the last point, or the first of an area, ends the drawing; 40 px were the default. */
const CLOSE_PX = 12;

/** Drawing by hand. Only the gesture is terra-draw's: what is drawn is sent to the service. */
export class Sketch {
  readonly #draw: TerraDraw;
  readonly #map: MapLibreMap;
  readonly #options: SketchOptions;
  #drawing: Drawing | null = null;

  constructor(map: MapLibreMap, options: SketchOptions) {
    this.#map = map;
    this.#options = options;
    const snapping = { toCustom: this.#snapped };
    this.#draw = new TerraDraw({
      adapter: new TerraDrawMapLibreGLAdapter({ map, coordinatePrecision: 9 }),
      modes: [
        new TerraDrawLineStringMode({
          snapping,
          pointerDistance: CLOSE_PX,
          showCoordinatePoints: true,
          styles: { ...POINT, ...SNAPPED, lineStringColor: ACCENT, lineStringWidth: 3.2 },
        }),
        new TerraDrawPolygonMode({
          snapping,
          pointerDistance: CLOSE_PX,
          showCoordinatePoints: true,
          styles: { ...POINT, ...SNAPPED, ...AREA },
        }),
        new TerraDrawFreehandMode({
          minDistance: 8,
          pointerDistance: CLOSE_PX,
          drawInteraction: 'click-move-or-drag',
          styles: { ...AREA },
        }),
      ],
    });
    this.#draw.start();
    this.#draw.on('change', () => this.#options.onSketch(this.#current()));
    this.#draw.on('finish', (id) => {
      const drawn = this.#draw.getSnapshotFeature(id)?.geometry as Drawn | undefined;
      // Not within its own event: the mode has still to finish with what it drew.
      setTimeout(() => {
        this.#draw.clear();
        if (drawn) this.#options.onDrawn(drawn);
      });
    });
  }

  /** Take up a way of drawing, or put it down; what was not finished is gone. */
  take(drawing: Drawing | null): void {
    if (drawing === this.#drawing) return;
    this.#drawing = drawing;
    this.#draw.clear();
    this.#draw.setMode(drawing ?? 'static');
    this.#options.onSketch(null);
  }

  get isUnderWay(): boolean {
    return this.#current() !== null;
  }

  /** As if Enter or Escape were pressed on the map, wherever the focus is. */
  press(key: 'Enter' | 'Escape'): void {
    this.#map.getCanvas().dispatchEvent(new KeyboardEvent('keyup', { key, bubbles: false }));
  }

  /** Take back the last point; whether there was one. */
  back(): boolean {
    return this.#draw.canUndo() && this.#draw.undo();
  }

  stop(): void {
    this.#draw.stop();
  }

  readonly #snapped = ({ lng, lat }: { lng: number; lat: number }): [number, number] | undefined => {
    const at = this.#options.snap([lng, lat]);
    return at && [at[0], at[1]];
  };

  #current(): Drawn | null {
    if (!this.#drawing) return null;
    const found = this.#draw
      .getSnapshot()
      .find(({ geometry, properties }) => {
        return geometry.type !== 'Point' && properties['mode'] === this.#drawing;
      });
    return (found?.geometry as Drawn | undefined) ?? null;
  }
}
