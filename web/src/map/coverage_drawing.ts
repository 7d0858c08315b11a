import type { GeoJSONSource, Map as MapLibreMap } from 'maplibre-gl';

import type { Coverage, Grid } from '../edit/coverage.ts';
import { edgeId, edgesOf, type SharedEdge } from '../edit/edges.ts';
import { boxAround, insidePlace } from '../edit/shapes.ts';

import {
  dedicatedWithout,
  EDGES,
  GRIDS,
  LABELS,
  TILED_EDGES,
  TILED_GRIDS,
  without,
} from './studio_style.ts';

/**
 * Draws a draft's coverage over the tiles of its base version.
 *
 * Until all its grids are there, the tiles are the coverage and what the draft changes lies over
 * them; from then on its edges are drawn from the grids themselves, and after an operation only
 * those of the grids it changed are taken anew.
 */
export class CoverageDrawing {
  readonly #map: MapLibreMap;
  readonly #isTiled: boolean;
  #edges = new Map<string, SharedEdge>();
  #former: Coverage | null = null;
  #hidden = '';
  isWhole = false;

  constructor(map: MapLibreMap, isTiled: boolean) {
    [this.#map, this.#isTiled] = [map, isTiled];
  }

  show(coverage: Coverage, isWhole: boolean): void {
    this.#showGrids(coverage);
    if (isWhole && this.isWhole && this.#former) this.#updateEdges(this.#former, coverage);
    else if (isWhole) this.#startEdges(coverage);
    this.isWhole = isWhole;
    this.#former = coverage;
  }

  /** Fills and names of the grids that the tiles do not show as they are. */
  #showGrids(coverage: Coverage): void {
    const own = this.#isTiled
      ? [...coverage.changed].flatMap((code) => coverage.grids.get(code) ?? [])
      : [...coverage.grids.values()];
    const told = (grid: Grid): GeoJSON.GeoJsonProperties => ({
      code: grid.code,
      name: grid.name,
      kind: grid.kind,
      changed: coverage.changed.has(grid.code),
    });
    this.#set(
      GRIDS,
      own.map((grid) => ({ type: 'Feature', geometry: grid.geometry, properties: told(grid) })),
    );
    this.#set(
      LABELS,
      own.map((grid) => ({
        type: 'Feature',
        geometry: { type: 'Point', coordinates: [...insidePlace(grid.geometry)] },
        properties: told(grid),
      })),
    );
    if (this.#isTiled) this.#hide([...coverage.before.keys(), ...coverage.changed]);
    else for (const id of Object.values(TILED_GRIDS)) this.#toggle(id, false);
  }

  #hide(codes: string[]): void {
    const key = codes.join();
    if (key === this.#hidden) return;
    this.#hidden = key;
    this.#map.setFilter(TILED_GRIDS.dedicated, dedicatedWithout(codes));
    this.#map.setFilter(TILED_GRIDS.labels, without(codes));
  }

  #startEdges(coverage: Coverage): void {
    const all = [...coverage.grids.values()];
    this.#edges = new Map(edgesOf(all, all).map((edge) => [edgeId(edge.codes), edge]));
    this.#set(EDGES, [...this.#edges.values()].map(featureOf));
    for (const id of TILED_EDGES) this.#toggle(id, false);
  }

  #updateEdges(former: Coverage, coverage: Coverage): void {
    const isNew = (grid: Grid): boolean => former.grids.get(grid.code) !== grid;
    const anew = [...coverage.grids.values()].filter(isNew);
    const gone = [...former.grids.keys()].filter((code) => !coverage.grids.has(code));
    const touched = new Set([...anew.map(({ code }) => code), ...gone]);
    if (touched.size === 0) return;
    const removed = [...this.#edges.values()]
      .filter(({ codes }) => codes.some((code) => touched.has(code)))
      .map(({ codes }) => edgeId(codes));
    const box = boxAround(anew.map(({ geometry }) => geometry));
    const added = box ? edgesOf(anew, coverage.meeting(box)) : [];
    for (const id of removed) this.#edges.delete(id);
    for (const edge of added) this.#edges.set(edgeId(edge.codes), edge);
    const source = this.#map.getSource(EDGES) as GeoJSONSource;
    // An edge that stays is added again under its name, which replaces it.
    const kept = new Set(added.map(({ codes }) => edgeId(codes)));
    void source.updateData({
      remove: removed.filter((id) => !kept.has(id)),
      add: added.map(featureOf),
    });
  }

  #set(source: string, features: GeoJSON.Feature[]): void {
    (this.#map.getSource(source) as GeoJSONSource).setData({ type: 'FeatureCollection', features });
  }

  #toggle(layer: string, isShown: boolean): void {
    this.#map.setLayoutProperty(layer, 'visibility', isShown ? 'visible' : 'none');
  }
}

const featureOf = ({ codes, level, lines }: SharedEdge): GeoJSON.Feature => ({
  type: 'Feature',
  geometry: {
    type: 'MultiLineString',
    coordinates: lines as unknown as GeoJSON.Position[][],
  },
  properties: { id: edgeId(codes), level },
});
