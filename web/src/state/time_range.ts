const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export const PRESETS = ['24h', '7d', '30d', 'all'] as const;
export type Preset = (typeof PRESETS)[number];

/** Days as `yyyy-mm-dd` in the city's zone; both ends are included, an empty end is open. */
export interface DayRange {
  from: string;
  to: string;
}
export type TimeRange = { preset: Preset } | { days: DayRange };

const SPAN_MS: Record<Exclude<Preset, 'all'>, number> = {
  '24h': DAY_MS,
  '7d': 7 * DAY_MS,
  '30d': 30 * DAY_MS,
};

/** Where "the last …" ends: now, or the newest case of a city whose cases are older than a day. */
export interface Anchor {
  at: number;
  historic: boolean;
}

export function anchorOf(newest: string | null, now: number): Anchor {
  const newestMs = newest === null ? NaN : Date.parse(newest);
  if (Number.isNaN(newestMs) || newestMs > now - DAY_MS) return { at: now, historic: false };
  return { at: newestMs, historic: true };
}

/** The instants a range covers, `[from, to)`, as the service reads them; an absent end is open. */
export function instantsOf(
  range: TimeRange,
  anchor: Anchor,
  timeZone: string,
): { from?: string; to?: string } {
  if ('preset' in range) {
    if (range.preset === 'all') return {};
    // Whole minutes, so that list and tiles ask for the same address and share what is cached.
    const from = Math.floor((anchor.at - SPAN_MS[range.preset]) / 60_000) * 60_000;
    return { from: isoSeconds(from) };
  }
  const { from, to } = range.days;
  return {
    ...(from ? { from: isoSeconds(startOfDay(from, timeZone)) } : {}),
    ...(to ? { to: isoSeconds(startOfDay(dayPlus(to, 1), timeZone)) } : {}),
  };
}

/** The instant a civil day begins in a zone, in milliseconds. */
export function startOfDay(day: string, timeZone: string): number {
  const asUtc = Date.parse(`${day}T00:00:00Z`);
  // The offset is first guessed at UTC midnight, then corrected once where it changes in between.
  const guess = asUtc - offsetMs(asUtc, timeZone);
  return asUtc - offsetMs(guess, timeZone);
}

/** The civil day of an instant in a zone, `yyyy-mm-dd`. */
export function dayOf(instant: number, timeZone: string): string {
  return new Date(instant + offsetMs(instant, timeZone)).toISOString().slice(0, 10);
}

/** Whole days since 1970. */
const dayNumber = (day: string): number => Date.parse(`${day}T00:00:00Z`) / DAY_MS;

export const dayPlus = (day: string, days: number): string =>
  new Date((dayNumber(day) + days) * DAY_MS).toISOString().slice(0, 10);

/** How many days from one to the other; the same day is 0. */
export const daysBetween = (from: string, to: string): number => dayNumber(to) - dayNumber(from);

export function isDay(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(`${text}T00:00:00Z`));
}

/** How far the zone's wall clock is ahead of UTC at an instant. */
function offsetMs(instant: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(instant);
  const of = (type: Intl.DateTimeFormatPartTypes): number =>
    Number(parts.find((part) => part.type === type)?.value);
  const wall = Date.UTC(
    of('year'),
    of('month') - 1,
    of('day'),
    of('hour'),
    of('minute'),
    of('second'),
  );
  return wall - Math.floor(instant / 1000) * 1000;
}

const isoSeconds = (instant: number): string => new Date(instant).toISOString().replace('.000', '');
