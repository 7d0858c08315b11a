import type { FilterSpecification, LayerSpecification, SourceSpecification } from 'maplibre-gl';
import { addProtocol } from 'maplibre-gl';

import { byZoom, ROAD, ROAD_EDGE, WATER } from './paint.ts';

export interface Basemap {
  kind: 'pmtiles' | 'raster';
  url: string;
}

export interface BasemapStyle {
  sources: Record<string, SourceSpecification>;
  /** Drawn under the city's ground. */
  under: LayerSpecification[];
  /** Drawn on the city's ground, under its edges. */
  over: LayerSpecification[];
}

export const NO_BASEMAP: BasemapStyle = { sources: {}, under: [], over: [] };

/** A reference only: the map must stand without it, and it is never louder than the grids. */
export async function basemapStyle(basemap: Basemap | null, origin: string): Promise<BasemapStyle> {
  if (!basemap) return NO_BASEMAP;
  const url = new URL(basemap.url, origin).href;
  if (basemap.kind === 'raster') {
    // `URL` escapes the braces of the template; the map needs them as they were.
    const template = url.replaceAll('%7B', '{').replaceAll('%7D', '}');
    return {
      sources: { basemap: { type: 'raster', tiles: [template], tileSize: 256 } },
      under: [
        { id: 'basemap', type: 'raster', source: 'basemap', paint: { 'raster-saturation': -0.6 } },
      ],
      over: [],
    };
  }
  const { PMTiles, Protocol } = await import('pmtiles');
  const protocol = new Protocol({ metadata: true });
  const archive = new PMTiles(url);
  protocol.add(archive);
  addProtocol('pmtiles', protocol.tile);
  return {
    sources: { basemap: { type: 'vector', url: `pmtiles://${url}` } },
    under: [],
    over: vectorLayers(layerNames(await archive.getMetadata())),
  };
}

function layerNames(metadata: unknown): string[] {
  const { vector_layers: layers } = metadata as { vector_layers?: { id: string }[] };
  return layers?.map(({ id }) => id) ?? [];
}

/** Water and roads by the layer names the common schemas use; anything else stays undrawn. */
function vectorLayers(names: readonly string[]): LayerSpecification[] {
  const water = names.filter((name) => /water/i.test(name));
  const roads = names.filter((name) => /road|street|transportation$/i.test(name));
  return [
    ...water.map((name) => areas(`basemap-${name}-area`, name)),
    ...water.map((name) => lines(`basemap-${name}-line`, name, WATER, byZoom(0.6, 1.4, 3))),
    ...roads.map((name) =>
      lines(`basemap-${name}-edge`, name, ROAD_EDGE, roadWidth(1.2, 4.4, 10.2)),
    ),
    ...roads.map((name) => lines(`basemap-${name}`, name, ROAD, roadWidth(0.8, 3.4, 8.6))),
  ];
}

/** What OpenStreetMap and the common tile schemas call a road that leads through a city. */
const MAIN_ROADS = ['motorway', 'trunk', 'primary', 'secondary', 'highway', 'major_road'];
/** Lanes and paths stay thin, or they would be louder than the grids. */
const MINOR_SHARE = 0.3;

/** Widths of a main road at zoom 9, 12 and 14; all others take a share of them. */
function roadWidth(...widths: [number, number, number]): ReturnType<typeof byZoom> {
  const named = ['coalesce', ['get', 'highway'], ['get', 'kind'], ['get', 'class'], ''];
  const share = ['match', named, MAIN_ROADS, 1, MINOR_SHARE];
  const [at9, at12, at14] = widths.map((width) => ['*', share, width]);
  const stops = [9, at9, 12, at12, 14, at14];
  return ['interpolate', ['linear'], ['zoom'], ...stops] as ReturnType<typeof byZoom>;
}

const ofType = (type: string): FilterSpecification => ['==', ['geometry-type'], type];

function areas(id: string, name: string): LayerSpecification {
  return {
    id,
    type: 'fill',
    source: 'basemap',
    'source-layer': name,
    filter: ofType('Polygon'),
    paint: { 'fill-color': WATER },
  };
}

function lines(
  id: string,
  name: string,
  colour: string,
  width: ReturnType<typeof byZoom>,
): LayerSpecification {
  return {
    id,
    type: 'line',
    source: 'basemap',
    'source-layer': name,
    filter: ofType('LineString'),
    layout: { 'line-cap': 'round', 'line-join': 'round' },
    paint: { 'line-color': colour, 'line-width': width },
  };
}
