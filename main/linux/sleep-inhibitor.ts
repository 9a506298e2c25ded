import { spawn } from 'node:child_process';

/**
 * Keeps the computer from going to sleep until released: systemd-inhibit holds logind's lock
 * (a file descriptor, which the D-Bus library cannot take). It ends with its standard input, so
 * also when this process is killed. Without logind nothing happens.
 */
export function inhibitSleep(why: string): () => void {
  const child = spawn(
    'systemd-inhibit',
    ['--what=sleep', '--mode=block', '--who=Dendro', `--why=${why}`, 'cat'],
    { stdio: ['pipe', 'ignore', 'ignore'] },
  );
  child.on('error', () => undefined);
  child.stdin.on('error', () => undefined);
  child.unref();
  return () => child.stdin.end();
}
