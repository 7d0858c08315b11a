/**
 * The instant (ISO 8601, UTC) of a wall clock's reading in a time zone, "2026-12-01T08:00".
 *
 * An hour that the zone leaves out reads as the one after it; of an hour that comes twice the
 * first is meant. Null when it is no reading.
 */
export function instantOf(reading: string, timeZone: string): string | null {
  const asUtc = Date.parse(`${reading}Z`);
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(reading) || Number.isNaN(asUtc)) return null;
  // The zone's offset a day before and after: one of the two holds at the reading.
  const offsets = [-DAY_MS, DAY_MS].map((shift) => offsetAt(asUtc + shift, timeZone));
  const candidates = offsets.map((offset) => asUtc - offset);
  const fits = candidates.filter((instant) => instant + offsetAt(instant, timeZone) === asUtc);
  const instant = fits.length > 0 ? Math.min(...fits) : Math.max(...candidates);
  return new Date(instant).toISOString();
}

const DAY_MS = 86_400_000;

/** How far the zone's clock is before UTC at an instant, in milliseconds. */
function offsetAt(instant: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  }).formatToParts(instant);
  const of = (type: string): number => Number(parts.find((part) => part.type === type)?.value);
  const read = Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'));
  return read - Math.floor(instant / 1000) * 1000;
}
