import { spawnSync } from 'node:child_process';

/** The number of a group by name or number, from wherever the system keeps groups (getent(1)). */
export function groupId(name: string): number | undefined {
  const { status, stdout } = spawnSync('getent', ['group', '--', name], { encoding: 'utf8' });
  const id = status === 0 ? stdout.split(':')[2] : undefined;
  return id === undefined ? undefined : Number(id);
}
