import { usage } from '../../shared/errors.ts';
import { printable } from '../../shared/model/bytes-text.ts';
import { readSpaceBill } from '../engine/inspect/index.ts';
import { volumeFor } from '../engine/open-volumes.ts';
import { plainSpace } from '../engine/verbs/space.ts';
import { EXIT } from './exit-codes.ts';
import { defineCommand, jsonOption } from './options.ts';
import { printJson, printLines, size, table } from './output.ts';
import { subvolumeAt } from './place-subvolume.ts';
import { placeOf } from './place.ts';

export const command = defineCommand({
  usage: ['du [--json] VOLUME', 'du [--json] --free SNAPSHOT ...'],
  summary: 'what each subvolume takes, and what deleting some of them would free; no quotas needed',
  details:
    'Bytes on disk, compressed, one copy of each. Exclusive: referred to by no other subvolume;\n' +
    'shared: by others as well. What several share is freed only when the last of them goes:\n' +
    '--free adds that up.',
  options: {
    ...jsonOption,
    free: { type: 'boolean', help: 'only what deleting all of these SNAPSHOTs together frees' },
  },
  arguments: { least: 1, most: 10_000 },
  run({ options, positionals }) {
    if (options.free) return free(positionals, options.json === true);
    if (positionals.length > 1) throw usage('bad-arguments', 'dendro du looks at one volume.');
    const bill = readSpaceBill(volumeFor(placeOf(positionals[0]!).volume));
    const rows = bill.subvolumes.map(plainSpace);
    if (options.json) printJson({ totalBytes: bill.totalBytes, subvolumes: rows });
    else {
      const cells = rows.map((row) => [
        String(row.subvolumeId),
        size(row.exclusiveBytes),
        size(row.sharedBytes),
        size(row.referencedBytes),
        row.isDeleted ? '(deleted, not yet freed)' : printable(row.path) || '/',
      ]);
      printLines(table(['ID', 'EXCLUSIVE', 'SHARED', 'REFERENCED', 'PATH'], cells, [0, 1, 2, 3]));
    }
    return EXIT.ok;
  },
});

function free(texts: readonly string[], isJson: boolean): number {
  const places = texts.map(placeOf);
  const { volume } = places[0]!;
  if (places.some((place) => place.volume.devices.join() !== volume.devices.join())) {
    throw usage('bad-arguments', 'The snapshots are on different volumes.');
  }
  const ids = places.map((place) => subvolumeAt(place).id);
  const freedBytes = readSpaceBill(volumeFor(volume)).freedBy(ids);
  if (isJson) printJson({ subvolumeIds: ids, freedBytes });
  else printLines([`${size(freedBytes)} (${freedBytes} bytes)`]);
  return EXIT.ok;
}
