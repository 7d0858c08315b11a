import { type Answer, answer, client } from './client.ts';

export type Account = Answer<'/api/me'>;
/** The ways to sign in beside an account of one's own. */
export type Entrance = Answer<'/api/sign-in'>;

export const fetchAccount = (): Promise<Account> => answer(client.GET('/api/me'));

export const fetchEntrance = (): Promise<Entrance> => answer(client.GET('/api/sign-in'));

export const signIn = (username: string, password: string): Promise<unknown> =>
  answer(client.POST('/api/session', { body: { username, password } }));

export const signOut = (): Promise<unknown> => answer(client.DELETE('/api/session'));
