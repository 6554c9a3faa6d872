/** Bundles the monitor's page into dist/page: part of `npm run build`. */
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { packageRoot } from '../src/package-root.js';

const from = join(packageRoot, 'src/monitor/page');
const to = join(packageRoot, 'dist/page');

mkdirSync(to, { recursive: true });
await build({
  entryPoints: [join(from, 'main.ts'), join(from, 'player-worklet.ts')],
  outdir: to,
  bundle: true,
  format: 'esm',
  target: 'es2022',
  minify: true,
  logLevel: 'warning',
});
for (const name of ['index.html', 'style.css']) copyFileSync(join(from, name), join(to, name));
