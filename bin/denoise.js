#!/usr/bin/env node
// The program itself is TypeScript, compiled to dist/; this file only starts it.
try {
  const { main } = await import('../dist/src/cli/main.js');
  process.exitCode = await main(process.argv.slice(2));
  // Who has stopped it does not wait until somebody reads the rest of a pipe.
  if (process.exitCode > 128) process.exit();
} catch (error) {
  if (error?.code !== 'ERR_MODULE_NOT_FOUND') throw error;
  process.stderr.write(
    `denoise: the program is not built yet (${error.message}). Run \`npm run build\` first.\n`,
  );
  process.exitCode = 1;
}
