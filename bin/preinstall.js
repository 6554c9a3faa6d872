/**
 * Runs when the package is installed, before the scripts of its dependencies: npm runs every `preinstall` first.
 *
 * The script of onnxruntime-node fetches CUDA libraries on Linux for x64, and fails the whole installation where
 * it cannot reach them. Denoising does not need them, so its own switch is set to `skip` unless somebody has set it. A
 * dependency cannot set it in any other way: npm reads `.npmrc` of the project that installs, not of the package.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const SKIP = `// Set by denoise: CUDA libraries are fetched where somebody asks for them, with ONNXRUNTIME_NODE_INSTALL=cuda12.
if (process.argv.length < 3 && !Object.keys(process.env).some((name) => /onnxruntime_node_install/i.test(name)))
  process.env.ONNXRUNTIME_NODE_INSTALL = 'skip';
`;

try {
  const runtime = createRequire(import.meta.url).resolve('onnxruntime-node/package.json');
  const script = join(dirname(runtime), 'script', 'install.js');
  const text = readFileSync(script, 'utf8');
  if (!text.startsWith(SKIP)) {
    // A new file in its place: some package managers link the old one into a store that all projects share.
    writeFileSync(`${script}.new`, SKIP + text);
    renameSync(`${script}.new`, script);
  }
} catch {
  // Not there, or not to be written: then it does what it always does.
}
