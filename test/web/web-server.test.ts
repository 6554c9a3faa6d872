import { afterEach, describe, expect, it } from 'vitest';
import { WebServer } from '../../src/web/web-server.js';

let web: WebServer | undefined;
afterEach(() => web?.close());

describe('WebServer', () => {
  it('answers 500 where a handler throws, and goes on', async () => {
    web = await WebServer.start({
      ...{ listen: { host: '127.0.0.1', port: 0 }, protocols: ['test'], path: '/ws', onSocket: () => {} },
      handlers: [
        (_request, response, path) => {
          if (path === '/late') response.writeHead(200);
          if (path !== '/fine') throw new Error('a defect');
          response.end('fine');
          return true;
        },
      ],
    });
    const before = await fetch(`${web.url}/early`);
    expect([before.status, await before.text()]).toEqual([500, 'That went wrong.\n']);
    await expect(fetch(`${web.url}/late`).then((answer) => answer.text())).rejects.toThrow();
    expect(await (await fetch(`${web.url}/fine`)).text()).toBe('fine');
  });
});
