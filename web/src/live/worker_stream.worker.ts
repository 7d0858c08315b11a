import { StreamHub } from './stream_hub.ts';
import { StreamLine } from './stream_line.ts';
import type { StreamCall, Tell } from './stream_news.ts';

// Runs once for all tabs of the browser that show this city.
const hub = new StreamHub((tell) => new StreamLine('/api/stream', tell));

function serve(port: MessagePort): void {
  const page: Tell = (news) => port.postMessage(news);
  port.onmessage = ({ data }: MessageEvent<StreamCall>) => {
    if (data.kind === 'join') hub.join(page, data.session);
    else hub.leave(page);
  };
}

(globalThis as unknown as { onconnect: (event: MessageEvent) => void }).onconnect = ({ ports }) =>
  serve(ports[0] as MessagePort);
