import { spawnSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const RUNTIME = join(ROOT, 'node_modules/onnxruntime-node');

describe('the script that runs before the package is installed', () => {
  let project: string;
  let script: string;

  /** A project as npm leaves it before it runs any script. */
  beforeEach(async () => {
    project = await mkdtemp(join(tmpdir(), 'denoise-install-'));
    script = join(project, 'node_modules/onnxruntime-node/script/install.js');
    await mkdir(join(project, 'node_modules/denoise'), { recursive: true });
    await cp(join(ROOT, 'bin'), join(project, 'node_modules/denoise/bin'), { recursive: true });
    await cp(join(ROOT, 'package.json'), join(project, 'node_modules/denoise/package.json'));
    await cp(join(RUNTIME, 'script'), join(script, '..'), { recursive: true });
    await cp(join(RUNTIME, 'package.json'), join(script, '../../package.json'));
  });
  afterEach(() => rm(project, { recursive: true }));

  function run(path: string, chosen?: string) {
    const env = Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !/^npm_|onnxruntime/i.test(name)),
    );
    // What the script of the runtime needs is found where it is installed.
    Object.assign(env, { NODE_PATH: join(ROOT, 'node_modules') });
    if (chosen !== undefined) env.ONNXRUNTIME_NODE_INSTALL_CUDA = chosen;
    return spawnSync(process.execPath, [path], { encoding: 'utf8', env });
  }
  const preinstall = () => run(join(project, 'node_modules/denoise/bin/preinstall.js'));

  it('has the runtime fetch nothing, and is the same when it runs twice', async () => {
    expect(preinstall()).toMatchObject({ status: 0, stdout: '', stderr: '' });
    const once = await readFile(script, 'utf8');
    expect(preinstall().status).toBe(0);
    expect(await readFile(script, 'utf8')).toBe(once);
    expect(run(script)).toMatchObject({ status: 0, stdout: '', stderr: '' });
  });

  it('leaves the choice to whoever has made one', () => {
    preinstall();
    // No version that there is: the script refuses it before it fetches anything.
    expect(run(script, 'v1').stderr).toContain('Invalid value');
  });

  it('does not mind where the runtime is somewhere else', async () => {
    await rm(join(script, '../..'), { recursive: true });
    expect(preinstall()).toMatchObject({ status: 0, stderr: '' });
  });
});
