import { StreamHub } from './stream_hub.ts';
import { StreamLine } from './stream_line.ts';
import type { StreamCall, StreamNews, Tell } from './stream_news.ts';

const NAME = 'wangge-stream';

type Word = { to: 'holder'; page: string; call: StreamCall } | { to: string; news: StreamNews };

/**
 * One line shared without a SharedWorker: the tab that gets the lock holds it and passes on what
 * it hears; when that tab is closed, the browser gives the lock to another.
 */
export function electedStream(tell: Tell): (call: StreamCall) => void {
  const channel = new BroadcastChannel(NAME);
  const self = `${Date.now()}-${Math.random()}`;
  let joined: StreamCall = { kind: 'leave' };
  let hold: ((page: string, call: StreamCall) => void) | null = null;

  const pass = (to: string, news: StreamNews): void => {
    if (to === self) tell(news);
    else channel.postMessage({ to, news } satisfies Word);
  };
  channel.onmessage = ({ data }: MessageEvent<Word>) => {
    if (data.to === 'holder' && 'call' in data) hold?.(data.page, data.call);
    else if ('news' in data && data.to === self) tell(data.news);
    // A new holder knows no page yet: each says again what it wants.
    else if ('news' in data && data.to === '*') call(joined);
  };

  function call(wanted: StreamCall): void {
    joined = wanted;
    if (hold) hold(self, wanted);
    else channel.postMessage({ to: 'holder', page: self, call: wanted } satisfies Word);
  }

  void navigator.locks.request(NAME, async () => {
    const hub = new StreamHub((hear) => new StreamLine('/api/stream', hear));
    const pages = new Map<string, Tell>();
    hold = (page, wanted) => {
      const known = pages.get(page) ?? ((news: StreamNews) => pass(page, news));
      pages.set(page, known);
      if (wanted.kind === 'join') hub.join(known, wanted.session);
      else hub.leave(known);
    };
    hold(self, joined);
    channel.postMessage({ to: '*', news: { kind: 'reset' } } satisfies Word);
    await new Promise(() => undefined);
  });
  return call;
}
