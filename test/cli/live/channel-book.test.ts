import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ChannelBook, withChannel } from '../../../src/cli/live/channel-book.js';
import type { LiveCommandOptions } from '../../../src/cli/live/command-options.js';

let folder: string;
let book: ChannelBook;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'channels-'));
  book = new ChannelBook(join(folder, 'deep', 'channels.json'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const relay = { name: 'relay', freq: '145.6M', squelch: '8', ctcss: '88.5', bandwidth: '12k' };
const options = (extra: Partial<LiveCommandOptions>) => extra as LiveCommandOptions;

describe('the book of channels', () => {
  it('keeps channels from one time to the next, replaces and forgets them', () => {
    expect(book.list()).toEqual([]);
    book.put(relay);
    book.put({ name: 'tower', freq: '118.1M', mode: 'am' });
    book.put({ ...relay, name: 'RELAY', freq: '145.7M' });
    const again = new ChannelBook(book.path);
    expect(again.list().map(({ name, freq }) => [name, freq])).toEqual([
      ['RELAY', '145.7M'],
      ['tower', '118.1M'],
    ]);
    again.remove('relay');
    expect(book.list()).toHaveLength(1);
  });

  it.each([
    [{ freq: 'loud' }, 'E_FREQUENCY'],
    [{ mode: 'ssb' }, 'E_MODE'],
    [{ squelch: 'yes' }, 'E_SQUELCH'],
    [{ bandwidth: '1M' }, 'E_BANDWIDTH'],
    [{ dcs: '023' }, 'E_SQUELCH_CODE'],
  ])('refuses what live would refuse: %o', (wrong, code) => {
    expect(() => book.put({ ...relay, ...wrong })).toThrow(expect.objectContaining({ code }));
    expect(book.list()).toEqual([]);
  });

  it('says which channels there are, and what is wrong with the file', () => {
    expect(() => book.find('relay')).toThrow(expect.objectContaining({ code: 'E_NO_CHANNEL' }));
    book.put(relay);
    expect(() => book.find('realy')).toThrow(
      expect.objectContaining({ code: 'E_NO_CHANNEL', hint: 'Did you mean relay?' }),
    );
    for (const text of ['{', '{"version":2,"channels":[]}', '{"version":1,"channels":[{"name":"x"}]}']) {
      writeFileSync(book.path, text);
      expect(() => book.list()).toThrow(expect.objectContaining({ code: 'E_CHANNELS' }));
    }
  });

  it('fills in options; what is given beside the name counts more', () => {
    book.put(relay);
    expect(withChannel(options({ channel: 'relay' }), book)).toMatchObject({
      freq: '145.6M',
      squelch: '8',
      ctcss: '88.5',
    });
    const other = withChannel(options({ channel: 'relay', squelch: 'off', dcs: '023', mode: 'am' }), book);
    expect(other).toMatchObject({ freq: '145.6M', squelch: 'off', dcs: '023', mode: 'am' });
    expect(other).not.toHaveProperty('ctcss');
    expect(other).not.toHaveProperty('bandwidth');
  });
});
