/** All that Web Mercator shows. */
const WORLD: GeoJSON.Position[] = [
  [-180, -85],
  [180, -85],
  [180, 85],
  [-180, 85],
  [-180, -85],
];

/** Everything but the city: what is drawn up to its outline is cut off there. */
export function beyondOf(outline: GeoJSON.MultiPolygon): GeoJSON.Feature[] {
  const edges = outline.coordinates.flatMap(([edge]) => (edge ? [edge] : []));
  const holes = outline.coordinates.flatMap(([, ...inner]) => inner);
  return [[WORLD, ...edges], ...holes.map((hole) => [hole])].map((coordinates) => ({
    type: 'Feature',
    properties: {},
    geometry: { type: 'Polygon', coordinates },
  }));
}

/** The city's outline; null where it has none, or it did not come: the map then goes without. */
export async function fetchOutline(origin: string): Promise<GeoJSON.MultiPolygon | null> {
  try {
    const answer = await fetch(`${origin}/api/outline`);
    if (!answer.ok) return null;
    return ((await answer.json()) as GeoJSON.Feature<GeoJSON.MultiPolygon | null>).geometry;
  } catch {
    return null;
  }
}
