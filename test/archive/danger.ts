/**
 * `npm run danger:archive -- --moments 50 --seed 1 --only purge --kind sealed --how pull`: every command that
 * changes an archive, killed at random moments, or with its drive pulled, on a plain and on an
 * encrypted archive; or its drive is full, made read-only or unmounted. As root.
 */
import { parseArgs } from 'node:util';
import { ArchiveDanger, HOWS } from './danger-campaign.ts';

const { values } = parseArgs({
  options: {
    moments: { type: 'string', default: '50' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
    kind: { type: 'string' },
    how: { type: 'string' },
  },
});
const WAYS = (['plain', 'sealed'] as const).flatMap((kind) =>
  HOWS.map((how) => [kind, how] as const),
);
const open = new Set<ArchiveDanger>();
// Before those of the loop devices, which end the process and know no drive but btrfs.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    for (const one of open) one.close();
  });
}
const danger = await ArchiveDanger.begin(Number(values.seed));
open.add(danger);
try {
  for (const deed of danger.deeds) {
    if (values.only !== undefined && values.only !== deed.name) continue;
    for (const [kind, how] of WAYS) {
      if (values.kind !== undefined && values.kind !== kind) continue;
      if (values.how !== undefined && values.how !== how) continue;
      let [finished, leftovers] = [0, 0];
      const began = performance.now();
      for (let done = 0; done < Number(values.moments); done += 1) {
        const { wasFinished, leftover } = await danger.strike(deed, kind, how);
        if (wasFinished) finished += 1;
        if (leftover) leftovers += 1;
      }
      console.log(
        `${deed.name}, ${kind}, ${how}: ${values.moments} moments, ${leftovers} in the middle of writing, ` +
          `${finished} after the end; all points whole (${Math.round((performance.now() - began) / 1000)} s)`,
      );
    }
  }
  for (const [sentence, times] of danger.told) console.log(`${times} times: ${sentence}`);
} finally {
  danger.close();
}
