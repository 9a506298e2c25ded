/**
 * `npm run hostile:archive -- [mutations] [first seed]`: spoilt, forged and booby-trapped
 * archives; every verb at each of them. As root. Exits with 1 when anything but typed errors or
 * right data was seen.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { runCampaign } from './hostile-campaign.ts';
import { makeSubjects } from './hostile-subjects.ts';

const count = Number(process.argv[2] ?? 3000);
const first = Number(process.argv[3] ?? 1);
const folder = mkdtempSync('/dev/shm/dendro-hostile-');
// Before those of the loop devices, which end the process.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => rmSync(folder, { recursive: true, force: true }));
}
try {
  const subjects = await makeSubjects(folder);
  for (const subject of subjects) {
    const arena = join(folder, 'arena');
    mkdirSync(arena, { recursive: true });
    const each = Math.ceil(count / subjects.length);
    const result = await runCampaign(subject, arena, first, each);
    console.log(
      `${subject.name}: ${result.mutations} mutations, ${result.typedErrors} typed errors, ` +
        `slowest ${Math.round(result.slowestMs)} ms, ${result.failures.length} failures`,
    );
    console.error([...result.codes].map(([code, times]) => `${code} ${times}`).join(', '));
    for (const failure of result.failures.slice(0, 20)) console.error(failure);
    if (result.failures.length > 0) process.exitCode = 1;
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
