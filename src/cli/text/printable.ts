/** What style codes look like: the only control characters that are meant. */
const STYLE = '\\u001b\\[\\d{1,2}m';

const CONTROLS = new RegExp(
  `(${STYLE})|[\\u0000-\\u001f\\u007f-\\u009f\\u2028\\u2029\\u202a-\\u202e\\u2066-\\u2069]`,
  'g',
);

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\u001b': '\\e' };

/**
 * A line as a terminal may get it: control characters, which names of files may hold, are written out (`\n`, `\e`,
 * `\u009b`), so that they can neither break the line nor command the terminal. Styles stay.
 */
export function printable(line: string): string {
  return line.replace(CONTROLS, (character: string, style: string | undefined) => {
    if (style !== undefined) return style;
    return SHORT[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
