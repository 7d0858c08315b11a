import { dayOf } from '../state/time_range.ts';

export interface Clock {
  locale: string;
  timeZone: string;
  /** The instant the page takes as now, in milliseconds. */
  now: number;
}

/** Short time for a list: 13:48 today, 11-20 13:48 this year, 2010-11-20 before. */
export function listTime(iso: string, { timeZone, now }: Clock): string {
  const instant = Date.parse(iso);
  const [day, today] = [dayOf(instant, timeZone), dayOf(now, timeZone)];
  const time = timeOfDay(instant, timeZone);
  if (day === today) return time;
  return day.slice(0, 4) === today.slice(0, 4) ? `${day.slice(5)} ${time}` : day;
}

/** The whole instant in the city's zone: 2026-11-20 周五 13:48:05. */
export function fullTime(iso: string, { locale, timeZone }: Omit<Clock, 'now'>): string {
  const instant = Date.parse(iso);
  const weekday = new Intl.DateTimeFormat(locale, { timeZone, weekday: 'short' }).format(instant);
  return `${dayOf(instant, timeZone)} ${weekday} ${timeOfDay(instant, timeZone, true)}`;
}

/** 13:48, or 13:48:05 with seconds. */
export function timeOfDay(instant: number, timeZone: string, seconds = false): string {
  return new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hourCycle: 'h23',
    hour: '2-digit',
    minute: '2-digit',
    ...(seconds ? { second: '2-digit' } : {}),
  }).format(instant);
}
