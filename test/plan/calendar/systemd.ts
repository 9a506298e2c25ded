import { spawnSync } from 'node:child_process';

export interface Answer {
  readonly expression: string;
  /** Up to three moments after the base, in seconds since 1970; null: it is refused. */
  readonly elapses: readonly number[] | null;
}

/** What systemd itself makes of an expression, in UTC. */
export function askSystemd(expression: string, baseS: number): Answer {
  const { status, stdout } = spawnSync(
    'systemd-analyze',
    ['calendar', `--base-time=@${baseS}`, '--iterations=3', '--', expression],
    { env: { ...process.env, TZ: 'UTC', LC_ALL: 'C' }, encoding: 'utf8' },
  );
  if (status !== 0) return { expression, elapses: null };
  const found = stdout.matchAll(
    /(?:Next elapse|Iter\w*\.? #\d+): \w+ (\d+-\d+-\d+ \d+:\d+:\d+) UTC/g,
  );
  return { expression, elapses: [...found].map(([, at]) => Date.parse(`${at}Z`) / 1_000) };
}

export function hasSystemd(): boolean {
  return spawnSync('systemd-analyze', ['--version']).status === 0;
}
