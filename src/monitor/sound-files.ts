/** What the gate heard, for people to hear: the same speech as it was, through the champion, through the candidate. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { RetuneEvent, RetuneHistory } from '../online/retune-history.js';
import { Access } from '../web/access.js';
import { type RequestHandler, reply } from '../web/web-server.js';

type Judged = Extract<RetuneEvent, { kind: 'judged' }>;

const SOUNDS = ['noisy', 'champion', 'candidate'];

/** The files of a judgement by what is in them. */
export function soundsOf({ listen }: Judged): Map<string, string> {
  return new Map(
    SOUNDS.flatMap((name) => {
      const path = listen.find((one) => basename(one).endsWith(`-${name}.wav`));
      return path === undefined ? [] : [[name, path]];
    }),
  );
}

/**
 * `/listen/ID/NAME.wav` for those who know the token, as `Authorization: Bearer`. Paths come from the history of retunings, never
 * from the request.
 */
export function soundHandler(history: RetuneHistory, access: () => Access): RequestHandler {
  return (request, response, path) => {
    const [, id, name] = /^\/listen\/([^/]+)\/([a-z]+)\.wav$/.exec(path) ?? [];
    if (id === undefined) return false;
    if (!access().isToken(Access.bearer(request))) {
      reply(response, 401, 'This needs the token, as Authorization: Bearer.');
      return true;
    }
    const judged = history
      .events()
      .find((event): event is Judged => event.kind === 'judged' && encodeURIComponent(event.id) === id);
    const file = judged && soundsOf(judged).get(name);
    if (file === undefined) reply(response, 404, 'There is no such sound.');
    else void send(file);
    return true;

    async function send(from: string): Promise<void> {
      try {
        const { size } = await stat(from);
        response.writeHead(200, {
          'content-type': 'audio/wav',
          'content-length': size,
          'x-content-type-options': 'nosniff',
          'cache-control': 'no-store',
        });
        if (request.method === 'HEAD') response.end();
        else await pipeline(createReadStream(from), response);
      } catch {
        // Removed meanwhile, or the client has gone.
        if (response.headersSent) response.destroy();
        else reply(response, 404, 'The sound is not there any more.');
      }
    }
  };
}
