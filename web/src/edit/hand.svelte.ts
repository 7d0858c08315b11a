import { words } from '../i18n/studio_words.ts';
import type { Sketch } from '../map/sketch.ts';
import type { StudioMap } from '../map/studio_map.ts';

import { areaM2, metresPerDegree, stretchOf } from './area.ts';
import { counted } from './counted.svelte.ts';
import { type Corner, cornersOf, withCornerMoved } from './corners.ts';
import type { Grid } from './coverage.ts';
import { edgesNotIn } from './edges.ts';
import { type Drawn, type Figure, figuresOf, nudged, operationOf } from './gestures.ts';
import { type Area, boxOf, type Position } from './shapes.ts';
import { rounded, type Snap } from './snapping.ts';
import { studio } from './studio.svelte.ts';
import { drawnWith, needsGrid } from './instruments.ts';

/** A word beside the pointer. */
export interface Tip {
  x: number;
  y: number;
  text: string;
}

/** Smaller than this on the screen nothing is drawn on purpose. */
const SLIP_PX = 6;
const NUDGE_M = 1;
const FAR_NUDGE_M = 10;
const ARROWS: Record<string, readonly [east: number, north: number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};

/** The planner's hand on the map: what is drawn or moved right now, and what it would come to. */
class Hand {
  map = $state.raw<StudioMap | null>(null);
  sketch: Sketch | null = null;
  tip = $state.raw<Tip | null>(null);
  /** What is known of what is being drawn. */
  figures = $state.raw<readonly Figure[]>([]);
  /** The pieces a line would make of a grid. */
  pieces: readonly Area[] = $derived(
    this.figures.length > 1 && studio.tool === 'split' ? this.figures.map(({ shape }) => shape) : [],
  );
  /** The grids as they would be with the corner where the hand holds it. */
  moved = $state.raw<readonly Grid[]>([]);
  /** Their edges that would be others. */
  movedEdges: Position[][] = $derived.by(() => {
    const now = this.moved.flatMap(({ code }) => studio.coverage?.grids.get(code) ?? []);
    return edgesNotIn(this.moved, now);
  });
  /** The corner in hand, by the keys; with where it goes. */
  corner = $state.raw<{ from: Position; to: Position } | null>(null);
  isDrawing = $state(false);

  corners: Corner[] = $derived.by(() => {
    const [one] = studio.chosen;
    const isMoving = studio.tool === 'move' && studio.canEdit && studio.chosen.length === 1;
    return isMoving && studio.coverage && one ? cornersOf(studio.coverage, one) : [];
  });
  /** How the tool in hand draws right now; null when a click selects. */
  drawing = $derived.by(() => {
    const drawn = studio.canEdit ? drawnWith(studio.tool) : null;
    if (!drawn || (needsGrid(studio.tool) && studio.chosen.length !== 1)) return null;
    if (drawn === 'line') return 'linestring' as const;
    return studio.isFreehand ? ('freehand' as const) : ('polygon' as const);
  });

  pick(place: Position, more: boolean): void {
    if (this.drawing || !studio.coverage) return;
    const grid = studio.coverage.at(place);
    if (grid && (more || studio.tool === 'merge')) studio.toggle(grid.code);
    else if (!more) studio.select(grid ? [grid.code] : []);
  }

  /** The pointer is over a place: say what it would be drawn to. */
  point(place: Position | null, { x, y }: { x: number; y: number }): void {
    const isAsked = this.drawing === 'linestring' || this.drawing === 'polygon';
    const snap = place && isAsked ? (this.map?.snap(place) ?? null) : null;
    this.tip = snap ? { x, y, text: this.#said(snap) } : null;
  }

  /** Something is drawn on. */
  sketched(drawn: Drawn | null): void {
    this.isDrawing = drawn !== null;
    const { coverage, chosen, tool } = studio;
    if (drawn && studio.sketch) studio.forget();
    this.figures = drawn && coverage ? figuresOf(tool, drawn, coverage, chosen) : [];
    counted.draw(this.figures.map(({ shape }) => shape));
  }

  /** Something was drawn to its end. */
  drawn(drawn: Drawn): void {
    const { coverage, chosen, tool } = studio;
    if (!coverage || this.#isSlip(drawn)) return;
    [studio.sketch, this.tip] = [drawn, null];
    studio.refusal = null;
    const operation = operationOf(tool, drawn, coverage, chosen);
    if (operation) void studio.operate(operation);
  }

  /** A corner is dragged: show every grid that has it with it. */
  dragged(from: Position, to: Position): void {
    const { coverage } = studio;
    if (!coverage) return;
    this.corner = { from, to };
    const codes = new Set(
      this.corners.find(({ at }) => at === from)?.codes ?? this.map?.snap(from)?.codes ?? [],
    );
    const grids = [...codes].flatMap((code) => coverage.grids.get(code) ?? []);
    this.moved = grids.map((grid) => withCornerMoved(grid, from, to));
    this.figures = grids.map((grid, i) => ({
      name: grid.name || grid.code,
      before: grid.area_m2,
      after: areaM2((this.moved[i] as Grid).geometry) * stretchOf(grid),
      of: grid,
      shape: (this.moved[i] as Grid).geometry,
    }));
    counted.draw(this.figures.map(({ shape }) => shape));
  }

  async dropped(from: Position, to: Position): Promise<void> {
    const isMoved = from[0] !== to[0] || from[1] !== to[1];
    // What is refused stays where the hand left it.
    const isDone = isMoved && (await studio.operate({ op: 'move_boundary', from, to }));
    if (isDone || !isMoved) this.letGo();
  }

  /** What Enter means with the tool in hand; whether it means anything. */
  finish(): boolean {
    const { tool, chosen, canEdit } = studio;
    if (!canEdit) return false;
    if (tool === 'merge' && chosen.length > 1) {
      void studio.operate({ op: 'merge', grids: chosen.map(({ code }) => code) });
      return true;
    }
    if (this.corner) {
      void this.dropped(this.corner.from, this.corner.to);
      return true;
    }
    if (this.isDrawing) this.sketch?.press('Enter');
    return this.isDrawing;
  }

  /** One step back out of what is in hand; whether there was one. */
  back(): boolean {
    if (this.corner) {
      this.letGo();
      studio.forget();
    } else if (this.isDrawing) this.sketch?.press('Escape');
    else if (studio.sketch || studio.refusal || studio.place) studio.forget();
    else if (studio.tool !== 'select') studio.take('select');
    else if (studio.selection.length > 0) studio.select([]);
    else return false;
    return true;
  }

  letGo(): void {
    [this.corner, this.moved, this.figures, this.tip] = [null, [], [], null];
    counted.draw([]);
  }

  /** Take the next corner (1) or the one before (-1) in hand. */
  nextCorner(step: 1 | -1): void {
    const free = this.corners.filter(({ isFixed }) => !isFixed);
    if (free.length === 0) return;
    const index = free.findIndex(({ at }) => at === this.corner?.from);
    const next = index < 0 ? 0 : (index + step + free.length) % free.length;
    const { at } = free[next] as Corner;
    this.dragged(at, at);
    this.map?.reveal([{ type: 'Point', coordinates: [...at] }]);
  }

  /** Move the corner in hand by an arrow key; whether there was one. */
  nudge(key: string, isFar: boolean): boolean {
    const way = ARROWS[key];
    if (!way || !this.corner) return false;
    const metres = isFar ? FAR_NUDGE_M : NUDGE_M;
    const { from, to } = this.corner;
    this.dragged(from, rounded(nudged(to, way[0] * metres, way[1] * metres)));
    return true;
  }

  /** Nothing was drawn: the pointer shook while it was clicked. */
  #isSlip(drawn: Drawn): boolean {
    const box = boxOf(drawn);
    if (!box || !this.map) return false;
    const [lngM, latM] = metresPerDegree(box[1]);
    const size = Math.max((box[2] - box[0]) * lngM, (box[3] - box[1]) * latM);
    return size < this.map.pixelM(box[1]) * SLIP_PX;
  }

  #said({ kind, codes }: Snap): string {
    const { text } = words;
    const names = codes.map((code) => studio.coverage?.grids.get(code)?.name || code);
    const grids = names.slice(0, 3).join(' | ');
    if (kind === 'corner') return text.snap_corner(grids);
    return codes.length > 1 ? text.snap_edge(grids) : text.snap_outline(grids);
  }
}

export const hand = new Hand();
