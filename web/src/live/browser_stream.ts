import { electedStream } from './elected_stream.ts';
import { StreamHub } from './stream_hub.ts';
import { StreamLine } from './stream_line.ts';
import type { StreamCall, StreamNews, Tell } from './stream_news.ts';

/**
 * How this page joins and leaves the one line its browser holds to the service.
 *
 * A browser gives a host six connections over HTTP/1.1, so six tabs with a line each would leave
 * none for anything else. Web Locks need a secure context; without either, each tab has its own.
 */
export function browserStream(tell: Tell): (call: StreamCall) => void {
  if ('SharedWorker' in globalThis) return workerStream(tell);
  if ('locks' in navigator && 'BroadcastChannel' in globalThis) return electedStream(tell);
  const hub = new StreamHub((hear) => new StreamLine('/api/stream', hear));
  return (call) => {
    if (call.kind === 'join') hub.join(tell, call.session);
    else hub.leave(tell);
  };
}

function workerStream(tell: Tell): (call: StreamCall) => void {
  const { port } = new SharedWorker(new URL('./worker_stream.worker.ts', import.meta.url), {
    type: 'module',
    name: 'wangge-stream',
  });
  port.onmessage = ({ data }: MessageEvent<StreamNews>) => tell(data);
  return (call) => port.postMessage(call);
}
