/** Bundles the pages into dist/page: part of `npm run build`. */
import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { packageRoot } from '../src/package-root.js';

/** Scripts of each page; the audio is played by the same one. */
const PAGES = {
  monitor: ['src/monitor/page/main.ts', 'src/monitor/page/sound-worker.ts', 'src/web/page/player-worklet.ts'],
  serve: ['src/serve/page/main.ts', 'src/serve/page/capture-worklet.ts', 'src/web/page/player-worklet.ts'],
};

rmSync(join(packageRoot, 'dist/page'), { recursive: true, force: true });
for (const [page, scripts] of Object.entries(PAGES)) {
  const to = join(packageRoot, 'dist/page', page);
  mkdirSync(to, { recursive: true });
  await build({
    entryPoints: scripts.map((script) => join(packageRoot, script)),
    outdir: to,
    entryNames: '[name]',
    bundle: true,
    format: 'esm',
    target: 'es2022',
    minify: true,
    logLevel: 'warning',
    // For Node 20 only; browsers have a WebSocket.
    external: ['ws'],
  });
  for (const name of ['index.html', 'style.css'])
    copyFileSync(join(packageRoot, 'src', page, 'page', name), join(to, name));
}
