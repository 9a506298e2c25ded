import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describeKernel } from '../harness/kernel.ts';
import { runText } from '../harness/run.ts';

const MODULES = new URL('../../main/', import.meta.url).pathname;

/** Says when a plan for 18:00 is due next, before and after a journey from Berlin to New York. */
const PROGRAM = `
import { execFileSync } from 'node:child_process';
import { TimeZone } from '${MODULES}service/time-zone.ts';
import { nextRun } from '${MODULES}plan/next-run.ts';
const due = () => new Date(nextRun({ every: 'day', hour: 18, minute: 0 }, Date.UTC(2026, 10, 30, 12))).toISOString();
const zone = new TimeZone(process.env);
const before = [zone.follow(), due()];
execFileSync('ln', ['-sfn', '/usr/share/zoneinfo/America/New_York', '/etc/localtime']);
console.log(JSON.stringify([before, [zone.follow(), due()], [zone.follow(), due()]]));
`;

describeKernel('the zone of the computer is changed while the service runs', () => {
  // Node takes the zone at its start: a laptop that had travelled made its backups at the hour
  // of home until the service was started again.
  test.each([
    ['is followed', [], '23:00'],
    ['is not, where TZ says which', ['TZ=Europe/Berlin'], '17:00'],
  ])('%s', (_, environment, after) => {
    const folder = mkdtempSync(join(tmpdir(), 'dendro-test-zone-'));
    try {
      const program = join(folder, 'program.ts');
      writeFileSync(program, PROGRAM);
      cpSync('/etc', join(folder, 'etc'), { recursive: true, filter: isForZones });
      // A mount namespace of its own: nobody else sees this /etc.
      const script =
        'mount --bind "$1/etc" /etc && ln -sfn /usr/share/zoneinfo/Europe/Berlin /etc/localtime && ' +
        'exec env -u TZ "${@:4}" "$2" "$3"';
      const args = ['-m', 'bash', '-c', script, 'sh', folder, process.execPath, program];
      const [berlin, there, later] = JSON.parse(runText('unshare', [...args, ...environment])) as [
        boolean,
        string,
      ][];
      expect(berlin).toEqual([false, '2026-11-30T17:00:00.000Z']);
      expect(there).toEqual([environment.length === 0, `2026-11-30T${after}:00.000Z`]);
      expect(later).toEqual([false, `2026-11-30T${after}:00.000Z`]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

/** What a program needs of /etc to start. */
function isForZones(path: string): boolean {
  return path === '/etc' || path.startsWith('/etc/ld.so');
}
