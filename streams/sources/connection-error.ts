import { DeviceError } from '../../src/errors.js';

/** What a server is called in errors, and how to start it. */
export interface ServerKind {
  name: string;
  /** Code of the error. */
  code: string;
  startHint: string;
}

const GONE = 'See whether its radio is still plugged in.';

/** Why a connection did not come about or ended, as a sentence with a hint. */
export function connectionError(
  { name, code, startHint }: ServerKind,
  { host, port }: { host: string; port: number },
  cause: NodeJS.ErrnoException,
): DeviceError {
  const known: Record<string, [string, string]> = {
    ECONNREFUSED: ['nothing listens there', startHint],
    ENOTFOUND: ['there is no such host', 'Check the name.'],
    EAI_AGAIN: ['the name cannot be looked up', 'Check the name and the network.'],
    EHOSTUNREACH: ['the host cannot be reached', 'Check the address and the network.'],
    ENETUNREACH: ['the network cannot be reached', 'Check the address and the network.'],
    ETIMEDOUT: ['the host does not answer', 'Check the address and its firewall.'],
    ECONNRESET: ['the server closed the connection', GONE],
    EPIPE: ['the server closed the connection', GONE],
  };
  const [why, hint] = known[cause.code ?? ''] ?? [cause.message, 'Check host and port.'];
  return new DeviceError(code, `${name} at ${host}:${port}: ${why}.`, { hint, cause });
}
