import { z } from 'zod';
import { UsageError } from '../../errors.js';
import { nearest } from '../../suggest.js';
import type { Distribution, ParameterValue } from '../distribution.js';
import { type Space, spaceOf } from '../space.js';

/** A ratio of bounds from which on a range is searched on a logarithmic axis. */
const WIDE = 100;

interface Property {
  type?: string;
  enum?: ParameterValue[];
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  /** The range worth searching, where the schema says one. */
  search?: Distribution;
}

/**
 * The space that a schema of settings describes: the ranges that it says are worth searching (`search` in its metadata); for others choices
 * as they are, and numbers between their bounds, on a logarithmic axis where those are far apart.
 * @param names of the settings to search. Default: those worth searching; where the schema names none, all that are choices, or numbers with
 *   two bounds
 * @throws UsageError `E_SPACE` for a name that the schema does not have, or whose values are without bounds
 */
export function spaceFromSchema(schema: z.ZodType, names?: readonly string[]): Space {
  const { properties = {} } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as {
    properties?: Record<string, Property>;
  };
  const found = Object.entries(properties).flatMap(([name, property]) => {
    const distribution = distributionOf(property);
    return distribution === undefined ? [] : [[name, distribution] as const];
  });
  const all = Object.fromEntries(found);
  for (const name of names ?? []) {
    if (name in all) continue;
    const near = nearest(name, Object.keys(all));
    throw new UsageError('E_SPACE', `"${name}" is no setting with a choice or with two bounds.`, {
      hint: near === undefined ? `There are ${Object.keys(all).join(', ')}.` : `Did you mean ${near}?`,
    });
  }
  const worthy = Object.keys(properties).filter((name) => properties[name].search !== undefined);
  const wanted = names ?? (worthy.length > 0 ? worthy : Object.keys(all));
  return spaceOf(Object.fromEntries(wanted.map((name) => [name, all[name]])));
}

function distributionOf(property: Property): Distribution | undefined {
  if (property.search !== undefined) return property.search;
  if (property.enum !== undefined) return { kind: 'categorical', choices: property.enum };
  if (property.type === 'boolean') return { kind: 'categorical', choices: [true, false] };
  if (property.type !== 'integer' && property.type !== 'number') return undefined;
  const { minimum: low = property.exclusiveMinimum, maximum: high = property.exclusiveMaximum } = property;
  // JSON schema gives integers without bounds those of the number type.
  if (low === undefined || high === undefined || Math.abs(high) >= Number.MAX_SAFE_INTEGER) return undefined;
  const kind = property.type === 'integer' ? 'int' : 'float';
  return low > 0 && high / low >= WIDE ? { kind, low, high, log: true } : { kind, low, high };
}
