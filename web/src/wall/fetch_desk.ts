import { answer, client } from '../api/client.ts';

import type { DeskFigures } from './figures.ts';

/** The figures of what this account may see. */
export const fetchDesk = (signal: AbortSignal): Promise<DeskFigures> =>
  answer<DeskFigures>(client.GET('/api/desk', { signal }));
