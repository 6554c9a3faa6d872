import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { runDenoise } from '../support/run-denoise.js';
import { noisyTone } from '../support/sounds.js';
import { wavBytes } from '../support/wav-bytes.js';
import { useWorkspace } from '../support/workspace.js';

const TOKEN = 'correct horse battery';
const work = useWorkspace();

describe('denoise live --monitor', () => {
  it.each([['--json'], []])('says where the page is, and never the token (%s)', async (...flags) => {
    writeFileSync(work.at('tone.wav'), wavBytes([noisyTone(0.2)]));
    const args = ['live', '--source', work.at('tone.wav'), '--out', 'none', '--fast', '--model', work.model];
    const { code, stdout, stderr } = await runDenoise([...args, '--monitor', '127.0.0.1:0', ...flags], {
      spawn: { env: { ...process.env, DENOISE_TOKEN: TOKEN } },
    });
    const said = String(stdout) + stderr;
    expect(code).toBe(0);
    expect(said).toMatch(/http:\/\/127\.0\.0\.1:\d+\//);
    expect(said).not.toContain('correct');
  });
});
