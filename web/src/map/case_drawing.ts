import type { GeoJSONSource, Map as MapLibreMap } from 'maplibre-gl';

import { groupOfState } from '../state/case_states.ts';
import { clusterDiameterPx } from '../symbols/cluster_symbol.ts';

import type { AreaPiece, Bounds } from './areas.ts';
import { CASE_LAYERS, CASE_SOURCE, caseTileLayer, caseTileSource } from './case_layers.ts';
import { CASE_TILES, loadedSpots } from './case_tiles.ts';
import { gather, type Spot } from './gather.ts';
import { addCaseImages, caseImage, clusterImage } from './symbol_images.ts';
import { ToldCases } from './told_cases.ts';
import { labelTownships, townshipPieces } from './township_labels.ts';
import { ringsByTownship, type TownshipRing } from './township_rings.ts';
import { visibleLabels } from './visible_labels.ts';

/** Names keep this far from the rim of the map, so that none is cut. */
const LABEL_RIM_PX = 44;
/** Half the size of a name of four characters at 15 px. */
const LABEL_HALF_WIDTH_PX = 34;
const LABEL_HALF_HEIGHT_PX = 10;
const SINGLE_RADIUS_PX = 9;
/** A ring stands for a township up to this many zoom steps closer than the whole city. */
const CITY_ZOOM_STEPS = 0.8;
/** On a narrower map, a phone's, the rings of some twenty townships would push each other away. */
const RINGS_FROM_WIDTH_PX = 560;

interface Drawn {
  rings: TownshipRing[];
  others: Spot[];
}

/** Draws what is gathered from the loaded tiles: cases, and the names of the townships. */
export class CaseDrawing {
  readonly #map: MapLibreMap;
  readonly #city: Bounds;
  /** What the stream told of cases, shown over their tiles. */
  readonly told = new ToldCases();
  #label: (count: number) => string;
  #run = 0;

  constructor(map: MapLibreMap, city: Bounds, label: (count: number) => string) {
    this.#map = map;
    this.#city = city;
    this.#label = label;
  }

  /**
   * Take the cases from other tiles.
   *
   * As a new source: with `setTiles` MapLibre keeps a tile whose ETag is that of the tile before, and
   * the service's ETags tell editions apart, not filters.
   */
  setTiles(tiles: string): void {
    this.told.clear();
    const layer = caseTileLayer();
    this.#map.removeLayer(layer.id);
    this.#map.removeSource(CASE_TILES);
    this.#map.addSource(CASE_TILES, caseTileSource(tiles));
    this.#map.addLayer(layer, CASE_LAYERS[1]);
  }

  setLabel(label: (count: number) => string): void {
    this.#label = label;
    void this.draw();
  }

  /** Draw anew; how many cases are drawn inside the view, null when a later call overtook this. */
  async draw(): Promise<number | null> {
    const run = ++this.#run;
    // Half zoom steps: finer ones would regroup the discs at every turn of the wheel.
    const zoom = Math.round(this.#map.getZoom() * 2) / 2;
    const view = this.#map.getBounds();
    const spots = this.told
      .over(loadedSpots(this.#map))
      .filter(({ lng, lat }) => view.contains([lng, lat]));
    const pieces = townshipPieces(this.#map);
    const { rings, others } =
      this.#byTownship(spots, pieces, zoom) ?? this.#byDistance(spots, pieces, zoom);
    await addCaseImages(this.#map);
    const drawn = [...rings.flatMap(ringCases), ...others];
    const features = await Promise.all(drawn.map((spot) => this.#feature(spot)));
    if (run !== this.#run) return null;
    (this.#map.getSource(CASE_SOURCE) as GeoJSONSource).setData({
      type: 'FeatureCollection',
      features,
    });
    labelTownships(this.#map, rings);
    return drawn.reduce((sum, { n }) => sum + n, 0);
  }

  /** One ring per township; null where the map does not show the whole city, or it has but one. */
  #byTownship(spots: readonly Spot[], pieces: readonly AreaPiece[], zoom: number): Drawn | null {
    if (!this.#showsCity()) return null;
    const labels = visibleLabels(pieces, this.#innerView(), { leastShare: 0 });
    return labels.length > 1 ? ringsByTownship(spots, pieces, labels, zoom) : null;
  }

  /** Clusters and singles where the cases are, the names of townships in between. */
  #byDistance(spots: readonly Spot[], pieces: readonly AreaPiece[], zoom: number): Drawn {
    const others = gather(spots, zoom);
    const obstacles = others.map((spot) => this.#keepClear(spot));
    const labels = visibleLabels(pieces, this.#innerView(), { obstacles });
    return { rings: labels.map((label) => ({ ...label, cases: null })), others };
  }

  /** Where the middle of a township's name would put the name over this symbol. */
  #keepClear({ lng, lat, n }: Spot): Bounds {
    const { x, y } = this.#map.project([lng, lat]);
    const radius = n === 1 ? SINGLE_RADIUS_PX : clusterDiameterPx(n) / 2;
    const [across, down] = [radius + LABEL_HALF_WIDTH_PX, radius + LABEL_HALF_HEIGHT_PX];
    const { lng: west, lat: north } = this.#map.unproject([x - across, y - down]);
    const { lng: east, lat: south } = this.#map.unproject([x + across, y + down]);
    return [west, south, east, north];
  }

  /** The view without its rim. */
  #innerView(): Bounds {
    const { clientWidth, clientHeight } = this.#map.getContainer();
    const { lng: west, lat: north } = this.#map.unproject([LABEL_RIM_PX, LABEL_RIM_PX / 2]);
    const { lng: east, lat: south } = this.#map.unproject([
      clientWidth - LABEL_RIM_PX,
      clientHeight - LABEL_RIM_PX / 2,
    ]);
    return [west, south, east, north];
  }

  /** Whether the whole city is about in view, on a map that has room for a ring per township. */
  #showsCity(): boolean {
    const cityZoom = this.#map.cameraForBounds([...this.#city])?.zoom ?? 0;
    const { clientWidth } = this.#map.getContainer();
    return clientWidth >= RINGS_FROM_WIDTH_PX && this.#map.getZoom() < cityZoom + CITY_ZOOM_STEPS;
  }

  async #feature({ lng, lat, n, single, split }: Spot): Promise<GeoJSON.Feature<GeoJSON.Point>> {
    return {
      type: 'Feature',
      geometry: { type: 'Point', coordinates: [lng, lat] },
      properties: {
        n,
        number: single?.number ?? null,
        label: this.#label(n),
        image: single
          ? caseImage(single.state, single.urgency)
          : await clusterImage(this.#map, clusterDiameterPx(n), split),
        rank: single ? rank(single.state, single.urgency) : 0,
      },
    };
  }
}

/** The cases of a township as a spot in its ring's place. */
function ringCases({ lng, lat, cases }: TownshipRing): Spot[] {
  return cases ? [{ ...cases, lng, lat }] : [];
}

/** Urgent and new cases are drawn on top of the others. */
function rank(state: string, urgency: string): number {
  if (urgency === 'urgent') return 2;
  const group = groupOfState(state);
  return group === 'new' ? 1 : group === 'done' ? -1 : 0;
}
