import type { Case } from '../api/client.ts';

/** A committed change of the city; `case` is null when it is of no case this account may see. */
export interface Change {
  position: number;
  at: string;
  kind: string;
  subject: string;
  case: Case | null;
}

export type LineState = 'connecting' | 'live' | 'lost' | 'refused';

/** What a page hears of the one line its browser holds to the service. */
export type StreamNews =
  | {
      kind: 'line';
      state: LineState;
      /** Live without having missed anything; else what is shown may be of before. */
      resumed: boolean;
    }
  | { kind: 'change'; change: Change }
  /** The service could not go on from where this line was: all that is shown is to be read anew. */
  | { kind: 'reset' }
  /** Somebody signed in or out in another tab. */
  | { kind: 'session'; session: string };

/** What a page says to whoever holds the line. */
export type StreamCall = { kind: 'join'; session: string } | { kind: 'leave' };

export type Tell = (news: StreamNews) => void;
