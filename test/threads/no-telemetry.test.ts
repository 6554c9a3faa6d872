import { existsSync, readdirSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { runDenoise } from '../cli/support/run-denoise.js';
import { noisyTone } from '../cli/support/sounds.js';
import { wavBytes } from '../cli/support/wav-bytes.js';
import { useWorkspace } from '../cli/support/workspace.js';

const work = useWorkspace();

describe.skipIf(process.platform === 'win32')('reports of the runtime to its maker', () => {
  it('are neither sent nor written down: a user whose home is empty finds it so afterwards', async () => {
    const [home, temporary] = [work.at('home'), work.at('temporary')];
    await mkdir(home);
    await mkdir(temporary);
    await writeFile(work.at('talk.wav'), wavBytes([noisyTone(1)]));
    // As users have it: the test run itself switches reports off too.
    const { ORT_DISABLE_TELEMETRY: _, XDG_CACHE_HOME: __, ...env } = process.env;
    Object.assign(env, { HOME: home, TMPDIR: temporary });
    const finished = await runDenoise([work.at('talk.wav'), '-q', '--model', work.model], { spawn: { env } });
    expect(finished).toMatchObject({ code: 0, stderr: '' });
    expect(existsSync(work.at('talk.denoised.wav'))).toBe(true);
    expect(readdirSync(home)).toEqual([]);
    expect(readdirSync(temporary)).toEqual([]);
  });
});
