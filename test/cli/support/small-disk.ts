import { spawnSync } from 'node:child_process';

/** Why no small disk can be mounted on this machine; `undefined` when one can. */
export const noSmallDisk: string | undefined =
  process.platform !== 'linux'
    ? 'only on Linux'
    : spawnSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0
      ? undefined
      : 'user namespaces are not available';

const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/**
 * For `runDenoise({ shell })`: the program sees an empty disk of `kilobytes` in `place`, in a mount namespace of its own;
 * when it has ended, what is on that disk is copied to `copy`, and the disk is gone.
 */
export function onSmallDisk(place: string, copy: string, kilobytes: number): string {
  const script = [
    `mount -t tmpfs -o size=${kilobytes}k none ${quote(place)} || exit 99`,
    '"$@"',
    'code=$?',
    `cp -a ${quote(place)}/. ${quote(copy)}`,
    'exit $code',
  ].join('\n');
  return `exec unshare -rm bash -c ${quote(script)} bash "$@"`;
}
