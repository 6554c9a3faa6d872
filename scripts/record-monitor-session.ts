/**
 * Records what a monitor and a client say to each other, one JSON object a line: `{from, text}` or `{from, base64}`. Arguments:
 * address of the monitor, file, messages (default 60). What is in test/fixtures/monitor/ was recorded so.
 */
import { writeFileSync } from 'node:fs';
import { WebSocket } from 'ws';

const [url, file, most = '60'] = process.argv.slice(2);
const lines: object[] = [];
const socket = new WebSocket(`${url.replace('http', 'ws')}/ws`, 'denoise.monitor.v1');
const say = (message: object): void => {
  const text = JSON.stringify(message);
  lines.push({ from: 'client', text });
  socket.send(text);
};

socket.on('message', (data: Buffer, isBinary) => {
  lines.push({
    from: 'server',
    ...(isBinary ? { base64: data.toString('base64') } : { text: String(data) }),
  });
  if (lines.length >= Number(most)) socket.close();
  if (isBinary) return;
  const { type } = JSON.parse(String(data)) as { type: string };
  if (type === 'hello') say({ type: 'hello' });
  if (type !== 'welcome') return;
  const topics = [
    { topic: 'audio', place: 'received', codec: 's16' },
    { topic: 'audio', place: 'denoised', codec: 'opus' },
    { topic: 'spectrum', of: 'denoised', size: 256, perSecond: 30 },
    { topic: 'levels' },
    { topic: 'status' },
    { topic: 'events' },
    { topic: 'models' },
  ];
  say({ type: 'subscribe', topics });
  say({ type: 'command', id: 1, command: { name: 'strength', value: 0.5 } });
  say({ type: 'command', id: 2, command: { name: 'tune', hz: 145_500_000 } });
  say({ type: 'ping', time: 1234.5 });
});
socket.on('close', () => writeFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join('')));
