import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { Output } from '../../src/cli/output.js';
import { formatSeconds, formatSpeed } from '../../src/cli/text/time-format.js';
import { UsageError } from '../../src/errors.js';

/** A terminal, or a pipe, that remembers what was written. */
function stream(isTTY: boolean): NodeJS.WriteStream {
  return Object.assign(new PassThrough({ encoding: 'utf8' }), { isTTY }) as unknown as NodeJS.WriteStream;
}

const written = (target: NodeJS.WriteStream): string => (target as unknown as PassThrough).read() ?? '';

const error = new UsageError('E_TEST', 'It went wrong.', { hint: 'Try again.' });

describe('Output', () => {
  it.each([
    ['a terminal', true, {}, '\u001b[31mdenoise:\u001b[39m It went wrong. Try again.\n'],
    ['a terminal with NO_COLOR', true, { NO_COLOR: '1' }, 'denoise: It went wrong. Try again.\n'],
    [
      'a terminal with an empty NO_COLOR',
      true,
      { NO_COLOR: '' },
      '\u001b[31mdenoise:\u001b[39m It went wrong. Try again.\n',
    ],
    ['a dumb terminal', true, { TERM: 'dumb' }, 'denoise: It went wrong. Try again.\n'],
    ['a pipe', false, {}, 'denoise: It went wrong. Try again.\n'],
  ])('colours errors on %s as it may', (_, isTTY, environment, text) => {
    const stderr = stream(isTTY);
    new Output(stream(isTTY), stderr, environment).error(error);
    expect(written(stderr)).toBe(text);
  });

  it('keeps stdout for audio where audio flows there', () => {
    const [stdout, stderr] = [stream(false), stream(false)];
    const output = new Output(stdout, stderr, {});
    output.configure({ audioOnStdout: true });
    output.report('a line');
    expect([written(stdout), written(stderr)]).toEqual(['', 'a line\n']);
  });

  it('draws nothing on a terminal that can only print', () => {
    expect(new Output(stream(true), stream(true), { TERM: 'xterm' }).interactive).toBe(true);
    expect(new Output(stream(true), stream(true), { TERM: 'dumb' }).interactive).toBe(false);
    expect(new Output(stream(true), stream(false), { TERM: 'xterm' }).interactive).toBe(false);
  });

  it('speaks JSON alone with --json, and only of errors with --quiet', () => {
    const [stdout, stderr] = [stream(true), stream(true)];
    const output = new Output(stdout, stderr, {});
    output.configure({ json: true });
    expect(output.interactive).toBe(false);
    output.report('a line');
    output.warn('careful');
    output.result({ done: true });
    output.error(error);
    expect(JSON.parse(written(stdout))).toEqual({ done: true });
    expect(JSON.parse(written(stderr))).toEqual({
      error: { code: 'E_TEST', message: 'It went wrong.', hint: 'Try again.' },
    });
    output.configure({ json: false, quiet: true });
    expect(output.interactive).toBe(false);
    output.report('a line');
    output.warn('careful');
    output.result({ done: true });
    expect([written(stdout), written(stderr)]).toEqual(['', '']);
  });
});

describe('figures for readers', () => {
  it.each([
    [0.04, '0.0 s'],
    [9.96, '10.0 s'],
    [12.4, '12 s'],
    [187, '3:07 min'],
    [3729, '1:02:09 h'],
    [Number.NaN, '?'],
  ])('%d seconds are %s', (seconds, text) => expect(formatSeconds(seconds)).toBe(text));

  it.each([
    [3.44, '3.4×'],
    [26.6, '27×'],
    [Number.POSITIVE_INFINITY, '?×'],
  ])('%d is %s', (speed, text) => expect(formatSpeed(speed)).toBe(text));
});
