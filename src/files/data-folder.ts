import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/**
 * Where the program keeps what it is to remember: models, captured noise. `DENOISE_DATA` names it; else it is
 * `$XDG_DATA_HOME/denoise` or `~/.local/share/denoise`, on macOS `~/Library/Application Support/denoise`, on Windows
 * `%LOCALAPPDATA%\denoise`. It need not exist yet.
 */
export function dataFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const { DENOISE_DATA, XDG_DATA_HOME, LOCALAPPDATA } = environment;
  if (DENOISE_DATA) return resolve(DENOISE_DATA);
  if (process.platform === 'win32')
    return join(LOCALAPPDATA || join(homedir(), 'AppData', 'Local'), 'denoise');
  if (XDG_DATA_HOME) return join(XDG_DATA_HOME, 'denoise');
  const own = process.platform === 'darwin' ? ['Library', 'Application Support'] : ['.local', 'share'];
  return join(homedir(), ...own, 'denoise');
}
