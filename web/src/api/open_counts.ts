import { answer, client } from './client.ts';

/** Of each open state, how many cases are normal and how many urgent. */
export type OpenCounts = Record<string, { normal: number; urgent: number }>;

export const fetchOpenCounts = async (signal: AbortSignal): Promise<OpenCounts> => {
  const figures = await answer<{ open: OpenCounts }>(client.GET('/api/desk' as never, { signal } as never));
  return figures.open;
};
