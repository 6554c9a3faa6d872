import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { packageRoot } from '../package-root.js';
import type { RequestHandler } from './web-server.js';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** The page loads nothing from elsewhere, is shown in no frame, and connects to its own server only. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self' blob:",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

interface PageFile {
  bytes: Buffer;
  type: string;
  etag: string;
}

/**
 * Serves a page from memory: what is asked for is looked up by name, so that no path leads out of the folder.
 *
 * @param page name of the folder in `dist/page` where the build has put it
 */
export function pageHandler(page: 'monitor' | 'serve'): RequestHandler {
  const folder = join(packageRoot, 'dist', 'page', page);
  const files = new Map<string, PageFile>();
  for (const name of readdirSync(folder)) {
    const type = TYPES[extname(name)];
    if (type === undefined) continue;
    const bytes = readFileSync(join(folder, name));
    files.set(`/${name}`, {
      bytes,
      type,
      etag: `"${createHash('sha256').update(bytes).digest('base64url')}"`,
    });
  }
  return (request, response, path) => {
    const file = files.get(path === '/' ? '/index.html' : path);
    if (file === undefined) return false;
    const isKnown = request.headers['if-none-match'] === file.etag;
    response.writeHead(isKnown ? 304 : 200, {
      'content-type': file.type,
      'content-security-policy': POLICY,
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-cache',
      etag: file.etag,
      ...(isKnown ? {} : { 'content-length': file.bytes.length }),
    });
    response.end(isKnown || request.method === 'HEAD' ? undefined : file.bytes);
    return true;
  };
}
