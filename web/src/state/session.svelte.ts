import {
  type Account,
  type Entrance,
  fetchAccount,
  fetchEntrance,
  signIn,
  signOut,
} from '../api/account.ts';
import { onSignInNeeded } from '../api/client.ts';
import { csrfWord } from '../api/csrf.ts';
import { Problem } from '../api/problem.ts';

/**
 * Where the reader stands: `unknown` before the first answer, `out` at the door, `in`, or `expired`:
 * signed out in the middle of work, which stays on the page until the same person is back.
 */
export type Standing = 'unknown' | 'out' | 'in' | 'expired';

/** Who is signed in on this page. */
class Session {
  standing = $state<Standing>('unknown');
  account = $state.raw<Account | null>(null);
  /** Why it is not known who is signed in. */
  problem = $state.raw<Problem | null>(null);
  entrance = $state.raw<Entrance | null>(null);
  /** Why the identity provider's answer opened no session; the service's code. */
  refusal = $state<string | null>(null);

  constructor() {
    onSignInNeeded(() => this.#lost());
  }

  get mayReadCases(): boolean {
    return this.account?.may.includes('read_cases') ?? false;
  }

  get mayReadDrafts(): boolean {
    return this.account?.may.includes('read_drafts') ?? false;
  }

  get mayAnalyse(): boolean {
    return this.account?.may.includes('analyse') ?? false;
  }

  get mayRelease(): boolean {
    return this.account?.may.includes('release_held') ?? false;
  }

  /** Ask who is signed in: when the page opens, and whenever that may have changed. */
  async look(): Promise<void> {
    // Without it there is no session to ask about: the door opens at once.
    if (csrfWord() === null) return this.#lost();
    try {
      const account = await fetchAccount();
      this.account = account;
      this.standing = 'in';
      this.problem = null;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (error.status === 401) this.#lost();
      else if (this.standing === 'unknown') this.problem = error;
    }
  }

  /** Throws the `Problem` that the door answered. */
  async enter(username: string, password: string): Promise<void> {
    const before = this.account?.name;
    await signIn(username, password);
    // Somebody else's page would show what this one asked for: begin anew.
    if (before !== undefined && before !== username) location.reload();
    await this.look();
  }

  async leave(): Promise<void> {
    await signOut().catch((error: unknown) => {
      // Who is not signed in any more need not sign out.
      if (!(error instanceof Problem) || error.status !== 401) throw error;
    });
    location.assign(location.pathname);
  }

  /** What the door offers beside name and password. */
  async lookAtDoor(): Promise<void> {
    try {
      this.entrance = await fetchEntrance();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
    }
  }

  #lost(): void {
    this.problem = null;
    this.standing = this.account ? 'expired' : 'out';
  }
}

export const session = new Session();
