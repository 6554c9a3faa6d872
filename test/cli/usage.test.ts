import { describe, expect, it } from 'vitest';
import { jsonError, runDenoise } from './support/run-denoise.js';

describe('denoise, used wrongly', () => {
  it.each([
    [[], 'E_NO_INPUT', /No recording was named/],
    [['--strenght', '1', 'a.wav'], 'E_USAGE', /Did you mean --strength\?/],
    [['--strength', '2', 'a.wav'], 'E_USAGE', /between 0 and 1/],
    [['--strength', 'half', 'a.wav'], 'E_USAGE', /between 0 and 1/],
    [['-o'], 'E_USAGE', /argument missing/],
    [['modles'], 'E_UNKNOWN_COMMAND', /Did you mean `denoise models`\?/],
    [['models', 'lst'], 'E_USAGE', /Did you mean list\?/],
    [['live', '--freq', '1M'], 'E_USAGE', /See denoise live --help/],
    [['a.wav', 'b.wav', '-o', 'c.wav'], 'E_ONE_OUTPUT', /2 recordings/],
    [['a.wav', '-o', 'p.wav', '--plot', './p.wav'], 'E_SAME_OUTPUT', /Two outputs/],
    [['a.wav', '--strength', '0.5', '--max-attenuation', '6'], 'E_USAGE', /cannot be used with/],
    [['a.wav', '--suffix', 'a/b'], 'E_USAGE', /part of a name/],
    [['a.wav', 'b.wav', '--plot', 'p.png'], 'E_ONE_PLOT', /2 recordings/],
  ])('%j ends with 2 and says why', async (args, code, sentence) => {
    const finished = await runDenoise(['--json', ...args]);
    expect(finished.code).toBe(2);
    expect(finished.stdout.length).toBe(0);
    const error = jsonError(finished);
    expect(error.code).toBe(code);
    expect(`${error.message} ${error.hint}`).toMatch(sentence);
  });

  it('says it in one sentence to a reader', async () => {
    const { code, stdout, stderr } = await runDenoise(['--strenght', '1', 'a.wav']);
    expect({ code, stdout: stdout.length }).toEqual({ code: 2, stdout: 0 });
    expect(stderr).toBe(
      "denoise: Unknown option '--strenght'. Did you mean --strength? See denoise --help.\n",
    );
  });

  it('helps, with examples', async () => {
    const help = await runDenoise(['--help']);
    expect(help.code).toBe(0);
    expect(help.stdout.toString()).toMatch(
      /Usage: denoise \[options\] FILE…[\s\S]*--strength[\s\S]*Examples:/,
    );
    expect(help.stderr).toBe('');
  });

  it('tells its version', async () => {
    const { code, stdout } = await runDenoise(['--version']);
    expect(code).toBe(0);
    expect(stdout.toString()).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});
