import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { Access } from '../../src/web/access.js';
import { isLoopback, parseListenAddress } from '../../src/web/listen-address.js';
import { RateLimit } from '../../src/web/rate-limit.js';

const SECRET = 'correct horse battery';
const request = (headers: IncomingMessage['headers']) => ({ headers }) as IncomingMessage;

describe('parseListenAddress', () => {
  it.each([
    ['8073', '127.0.0.1', 8073],
    ['0.0.0.0:80', '0.0.0.0', 80],
    [':0', '127.0.0.1', 0],
    ['shack.local', 'shack.local', 9000],
    ['[::1]:8073', '::1', 8073],
    ['[::]', '::', 9000],
  ])('reads %s', (text, host, port) => {
    expect(parseListenAddress(text, 9000)).toEqual({ host, port });
  });

  it.each(['', '1:2:3', '[1.2.3.4]:5', 'host:port', '99999', 'a:70000', '::1'])('refuses "%s"', (text) => {
    expect(() => parseListenAddress(text, 9000)).toThrow(
      expect.objectContaining({ code: 'E_LISTEN_ADDRESS' }),
    );
  });

  it('knows which addresses only this machine reaches', () => {
    expect(['localhost', '127.0.0.1', '127.9.9.9', '::1'].every(isLoopback)).toBe(true);
    expect(['0.0.0.0', '::', '192.168.1.2', '127.evil.example', 'example.org'].some(isLoopback)).toBe(false);
  });
});

describe('Access', () => {
  it('asks for a token on every address but loopback', () => {
    expect(() => new Access({ host: '0.0.0.0' })).toThrow(
      expect.objectContaining({ code: 'E_TOKEN_NEEDED' }),
    );
    expect(() => new Access({ host: '0.0.0.0', token: 'short' })).toThrow(
      expect.objectContaining({ code: 'E_TOKEN_SHORT' }),
    );
    expect(new Access({ host: '127.0.0.1' }).needsToken).toBe(false);
  });

  it('knows its token', () => {
    const access = new Access({ host: '::', token: SECRET });
    expect(access.isToken(SECRET)).toBe(true);
    expect(
      [undefined, '', 'correct horse batterz', `${SECRET} `].some((token) => access.isToken(token)),
    ).toBe(false);
    expect(Access.bearer(request({ authorization: 'Bearer abc' }))).toBe('abc');
    expect(Access.bearer(request({ authorization: 'Basic abc' }))).toBeUndefined();
  });

  it.each([
    ['another page', { host: 'localhost:8073', origin: 'https://evil.example' }, 403],
    ['a page in a sandbox', { host: 'localhost:8073', origin: 'null' }, 403],
    ['the same name on another port', { host: 'localhost:8073', origin: 'http://localhost:80' }, 403],
    [
      'a foreign name that leads here',
      { host: 'evil.example:8073', origin: 'http://evil.example:8073' },
      421,
    ],
    ['no host', {}, 421],
  ])('turns away %s', (_, headers, status) => {
    expect(new Access({ host: '127.0.0.1' }).refusal(request(headers))?.status).toBe(status);
  });

  it.each([
    ['its own page', { host: 'localhost:8073', origin: 'http://localhost:8073' }],
    ['a program', { host: '127.0.0.1:8073' }],
    ['IPv6', { host: '[::1]:8073', origin: 'http://[::1]:8073' }],
    ['a page that was named', { host: 'localhost:8073', origin: 'https://radio.example' }],
  ])('lets %s in', (_, headers) => {
    const access = new Access({ host: '127.0.0.1', origins: ['https://radio.example'] });
    expect(access.refusal(request(headers))).toBeUndefined();
  });
});

describe('RateLimit', () => {
  it('gives a burst, then so many a second, to each by itself', () => {
    let now = 0;
    const limit = new RateLimit(3, 2, () => now);
    expect([1, 2, 3, 4].map(() => limit.take('a'))).toEqual([true, true, true, false]);
    expect(limit.take('b')).toBe(true);
    now = 500;
    expect([limit.take('a'), limit.take('a')]).toEqual([true, false]);
  });
});
