/** What those who run a server ask it. */
import { Access } from './access.js';
import { type RequestHandler, reply } from './web-server.js';

/** `/healthz` while the process lives, `/readyz` while it serves. */
export function healthHandler(isReady: () => boolean): RequestHandler {
  return (_request, response, path) => {
    if (path !== '/healthz' && path !== '/readyz') return false;
    const ok = path === '/healthz' || isReady();
    reply(response, ok ? 200 : 503, ok ? 'ok' : 'not ready');
    return true;
  };
}

/** `/metrics` in Prometheus' text format, for those who know the token, as `Authorization: Bearer`. */
export function metricsHandler(
  text: (() => Promise<string>) | undefined,
  access: () => Access,
): RequestHandler {
  return (request, response, path) => {
    if (path !== '/metrics' || text === undefined) return false;
    if (!access().isToken(Access.bearer(request))) {
      reply(response, 401, 'The metrics need the token, as Authorization: Bearer.');
      return true;
    }
    text().then(
      (body) => {
        response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' });
        response.end(body);
      },
      () => reply(response, 500, 'The metrics cannot be had.'),
    );
    return true;
  };
}
