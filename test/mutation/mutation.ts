/**
 * `npm run mutation -- [mutations of each mode] [first seed] [mode]`: the whole campaign,
 * as root. Prints a table; exits 1 when anything but typed errors or right data was seen.
 */
import { makeSubjects } from './subject.ts';
import { runCampaign, type Mode } from './campaign.ts';
import { makeMembers, PROFILES, runMembers } from './members.ts';
import { runRescues } from './rescue.ts';

const each = Number(process.argv[2] ?? 20_000);
const first = Number(process.argv[3] ?? 1);
const chosen = process.argv[4];
const all: readonly Mode[] = ['right', 'crafted', 'wrong', 'one', 'superblock'];
const modes = all.filter((mode) => chosen === undefined || mode === chosen);
const subjects = await makeSubjects();
let failed = false;
console.log('| volume | mode | mutations | as before | other values | typed errors | slowest |');
console.log('| --- | --- | --- | --- | --- | --- | --- |');
for (const mode of modes) {
  for (const subject of subjects) {
    const count = Math.ceil(each / subjects.length);
    const result = runCampaign(subject, mode, first, first + count);
    const { mutations, same, different, typedErrors, slowestMs, codes, failures } = result;
    console.log(
      `| ${subject.name} | ${mode} | ${mutations} | ${same} | ${different} | ${typedErrors} | ${Math.round(slowestMs)} ms |`,
    );
    console.error(
      [...codes]
        .sort((a, b) => b[1] - a[1])
        .map(([c, n]) => `${c} ${n}`)
        .join(', '),
    );
    for (const failure of failures.slice(0, 20)) console.error(failure);
    if (failures.length > 0) failed = true;
  }
}
if (chosen === undefined || chosen === 'rescue') {
  for (const subject of subjects) {
    // each searches whole devices
    const count = Math.ceil(each / subjects.length / 50);
    const { rescues, files, typedErrors, slowestMs, failures } = runRescues(
      subject,
      first,
      first + count,
    );
    console.log(
      `\n${subject.name}: ${rescues} rescues of several spoilt blocks, ${files} files copied out, ` +
        `${typedErrors} typed errors, the slowest ${Math.round(slowestMs)} ms`,
    );
    for (const failure of failures.slice(0, 20)) console.error(failure);
    if (failures.length > 0) failed = true;
  }
}
if (chosen === undefined || chosen === 'members') {
  for (const shape of PROFILES) {
    const members = await makeMembers(shape);
    const result = runMembers(members, first, first + Math.ceil(each / 100));
    const { mutations, same, typedErrors, slowestMs, failures } = result;
    console.log(
      `\n${members.name}: ${mutations} times members lost, spoilt or old, ${same} as before, ` +
        `${typedErrors} with typed errors, the slowest ${Math.round(slowestMs)} ms`,
    );
    for (const failure of failures.slice(0, 20)) console.error(failure);
    if (failures.length > 0) failed = true;
  }
}
console.log(
  `\nPeak memory ${Math.round(process.resourceUsage().maxRSS / 1024)} MiB, the images included.`,
);
process.exitCode = failed ? 1 : 0;
