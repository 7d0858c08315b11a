import type { Map as MapLibreMap, MapMouseEvent, MapTouchEvent } from 'maplibre-gl';

import type { Corner } from '../edit/corners.ts';
import type { Position } from '../edit/shapes.ts';
import { rounded } from '../edit/snapping.ts';

/** How near the pointer has to be to a corner to take hold of it. */
const HOLD_PX = 10;

export interface CornerDragOptions {
  /** The corners that may be taken hold of; none while another tool is in hand. */
  corners: () => readonly Corner[];
  /** A corner where there is none yet: the place on an edge of the grid in hand, or null. */
  onEdge: (place: Position) => Position | null;
  onDrag: (from: Position, to: Position) => void;
  onDrop: (from: Position, to: Position) => void;
}

/** Takes hold of a corner, or of an edge, and moves it with the pointer. Returns how to stop. */
export function dragCorners(map: MapLibreMap, options: CornerDragOptions): () => void {
  let held: { from: Position; to: Position } | null = null;

  function cornerAt({ x, y }: { x: number; y: number }): Position | null {
    let best: { at: Position; away: number } | null = null;
    for (const { at, isFixed } of options.corners()) {
      if (isFixed) continue;
      const on = map.project([at[0], at[1]]);
      const away = Math.hypot(on.x - x, on.y - y);
      if (away <= HOLD_PX && away < (best?.away ?? Infinity)) best = { at, away };
    }
    return best?.at ?? null;
  }

  function take(event: MapMouseEvent | MapTouchEvent): void {
    if (options.corners().length === 0) return;
    const place: Position = [event.lngLat.lng, event.lngLat.lat];
    const from = cornerAt(event.point) ?? options.onEdge(place);
    if (!from) return;
    // The map would move along.
    event.preventDefault();
    held = { from, to: from };
    map.getCanvas().style.cursor = 'grabbing';
  }

  function move(event: MapMouseEvent | MapTouchEvent): void {
    if (held) {
      held.to = rounded([event.lngLat.lng, event.lngLat.lat]);
      options.onDrag(held.from, held.to);
    } else if (options.corners().length > 0) {
      map.getCanvas().style.cursor = cornerAt(event.point) ? 'grab' : '';
    }
  }

  function drop(): void {
    if (!held) return;
    const { from, to } = held;
    held = null;
    map.getCanvas().style.cursor = '';
    options.onDrop(from, to);
  }

  map.on('mousedown', take);
  map.on('touchstart', take);
  map.on('mousemove', move);
  map.on('touchmove', move);
  // Also beside the map.
  window.addEventListener('mouseup', drop);
  window.addEventListener('touchend', drop);
  return () => {
    window.removeEventListener('mouseup', drop);
    window.removeEventListener('touchend', drop);
  };
}
