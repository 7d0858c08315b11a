import type { Language } from '../state/address.ts';

const zh = {
  title: '城市网格 现场',
  reports_today: '今日上报',
  usual_so_far: (low: string, high: string) => `前八周同日此时 ${low}–${high}`,
  above_usual: '，偏多',
  below_usual: '，偏少',
  too_few_weeks: '不足以判断平日范围',
  urgent_of_them: (n: string) => `其中紧急 ${n}`,
  on_hold: (n: string) => `另挂起 ${n}`,
  to_verify_note: '已反馈，等核查评价',
  on_duty: '值班网格',
  of_grids: (n: string) => `共 ${n} 格`,
  newest: '最新',
  none_yet: '还没有事件',
  by_hour: '今日每小时上报',
  usual_range: '前八周同日范围',
  hour: (hour: number) => `${hour} 时`,
  by_hour_told: (total: string, busiest: number) => `今日共上报 ${total} 件，${busiest} 时最多`,
  open_cases: (n: string) => `未办结 ${n} 件`,
  outside: (n: string) => `另有 ${n} 件在网格之外`,
  loading: '正在读取现场数据',
  no_map: '这台机器画不出地图（没有 WebGL）',
} as const;

type Words = {
  [Key in keyof typeof zh]: (typeof zh)[Key] extends (...args: infer Args) => string
    ? (...args: Args) => string
    : string;
};

const en: Words = {
  title: 'City grid, live',
  reports_today: 'Reports today',
  usual_so_far: (low, high) => `By now on this weekday: ${low}–${high}`,
  above_usual: ', more than usual',
  below_usual: ', fewer than usual',
  too_few_weeks: 'Too few weeks to say what is usual',
  urgent_of_them: (n) => `${n} of them urgent`,
  on_hold: (n) => `${n} more on hold`,
  to_verify_note: 'Fed back, to be verified',
  on_duty: 'Grids on duty',
  of_grids: (n) => `of ${n}`,
  newest: 'Newest',
  none_yet: 'No cases yet',
  by_hour: 'Reports by hour',
  usual_range: 'this weekday, past 8 weeks',
  hour: (hour) => `${hour}:00`,
  by_hour_told: (total, busiest) => `${total} reports today, most in the hour from ${busiest}:00`,
  open_cases: (n) => `${n} open cases`,
  outside: (n) => `${n} more outside all grids`,
  loading: 'Reading what is going on',
  no_map: 'This machine cannot draw the map (no WebGL)',
};

/** What only the wall says. */
export const wallWords = (language: Language): Words => (language === 'zh' ? zh : en);
