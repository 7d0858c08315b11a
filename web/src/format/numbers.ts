export const count = (value: number, locale: string): string =>
  new Intl.NumberFormat(locale).format(value);

/** The number in a cluster: exact below 10,000, then short, so that it fits its disc. */
export const shortCount = (value: number, locale: string): string =>
  value < 10_000
    ? count(value, locale)
    : new Intl.NumberFormat(locale, { notation: 'compact', maximumFractionDigits: 1 }).format(
        value,
      );

/** The total of a list; a capped one is a lower bound and says so. */
export const total = (value: number, capped: boolean, locale: string): string =>
  count(value, locale) + (capped ? '+' : '');

/** An area with its unit: km² from 1 km², else m². */
export function area(areaM2: number, locale: string): string {
  if (areaM2 < 1e6) return `${count(Math.round(areaM2), locale)} m²`;
  const km2 = areaM2 / 1e6;
  const digits = { maximumFractionDigits: km2 < 10 ? 2 : 1 };
  return `${new Intl.NumberFormat(locale, digits).format(km2)} km²`;
}
