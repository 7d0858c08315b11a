/** A figure with a sign, e.g. +7.1 or −0.4: deviates say which way they go. */
export function signed(value: number, locale: string): string {
  const size = decimals(Math.abs(value), 1, locale);
  if (size === decimals(0, 1, locale)) return size;
  return (value < 0 ? '−' : '+') + size;
}

/** A probability to two significant places; below 0.001 it says only that. */
export function probability(p: number, locale: string): string {
  if (p < 0.001) return `<${decimals(0.001, 3, locale)}`;
  const places = p < 0.01 ? 3 : 2;
  return decimals(p, places, locale);
}

/** An expected count: one place below 10, where it matters; little is not said to be nothing. */
export function expectedCount(value: number, locale: string): string {
  if (value > 0 && value < 0.05) return `<${decimals(0.1, 1, locale)}`;
  const places = { maximumFractionDigits: value < 9.95 ? 1 : 0 };
  return new Intl.NumberFormat(locale, places).format(value);
}

/** A ratio with its interval; null where it has no value or no bound. */
export interface Ratio {
  ratio: number | null;
  low: number | null;
  high: number | null;
}

/**
 * How the numbers of a ratio are written, without its sign: 1.3, 24; as 1.02 where the interval is
 * so narrow that one place would hide it, as 0.06 where one place would make it nothing.
 */
export function ratioFormat({ low, high }: Ratio, locale: string): (value: number) => string {
  const isNarrow = low !== null && high !== null && low > 0 && high / low < 1.3;
  return (value) => {
    const places = value < 9.95 ? 1 : 0;
    const isTiny = value > 0 && value < 0.095;
    return decimals(value, (isNarrow && places === 1) || isTiny ? 2 : places, locale);
  };
}

/** A share in whole percent; one that is there but less than half of one says so. */
export function percent(share: number, locale: string): string {
  const whole = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 });
  return share > 0 && share < 0.005 ? `<${whole.format(0.01)}` : whole.format(share);
}

function decimals(value: number, places: number, locale: string): string {
  return new Intl.NumberFormat(locale, {
    minimumFractionDigits: places,
    maximumFractionDigits: places,
  }).format(value);
}
