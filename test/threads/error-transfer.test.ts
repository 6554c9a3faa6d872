import { describe, expect, it } from 'vitest';
import * as tree from '../../src/errors.js';
import { packError, unpackError } from '../../src/threads/error-transfer.js';

type ErrorClass = new (code: string, message: string, options: tree.DenoiseErrorOptions) => tree.DenoiseError;

const classes = Object.entries(tree).filter(
  ([, value]) =>
    value === tree.DenoiseError || (value as { prototype?: unknown }).prototype instanceof tree.DenoiseError,
) as [string, ErrorClass][];

describe('errors across threads', () => {
  it.each(classes)('%s keeps its class', (name, Class) => {
    const left = new Class('E_CODE', 'What and why.', { hint: 'Do this.', cause: new TypeError('below') });
    const arrived = unpackError(structuredClone(packError(left))) as tree.DenoiseError;
    expect(arrived).toBeInstanceOf(Class);
    expect(arrived.name).toBe(name);
    expect(arrived.toJSON()).toEqual(left.toJSON());
    expect(arrived.exitCode).toBe(left.exitCode);
    expect(arrived.stack).toBe(left.stack);
    expect(arrived.cause).toMatchObject({ name: 'TypeError', message: 'below' });
  });

  it('knows every class of the tree', () => {
    expect(classes.map(([name]) => name)).toContain('UsageError');
    expect(classes.length).toBeGreaterThan(6);
  });
});
