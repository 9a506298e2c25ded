import { join } from 'node:path';
import { conflict } from '../../shared/errors.ts';
import { say } from '../../shared/said.ts';
import { printable } from '../../shared/model/bytes-text.ts';
import type { HealOutcome } from '../../shared/model/heal.ts';
import { healFiles } from '../places/heal/heal-files.ts';
import {
  lookForDamage,
  requireWritable,
  type DamageLook,
  type HealPlace,
} from '../places/heal/look-for-damage.ts';
import { secretOptions, withSecrets } from './archive/secrets.ts';
import { plainContext } from './context.ts';
import { EXIT } from './exit-codes.ts';
import { knownPlaces, namedPlaces } from './heal/places.ts';
import { lookLines, outcomeLines, outcomeNotes } from './heal/report.ts';
import { defineCommand, jsonOption } from './options.ts';
import { printJson, printLines } from './output.ts';
import { subvolumeAt } from './place-subvolume.ts';
import { placeOf } from './place.ts';
import { progressLine } from './progress-line.ts';
import { recorded } from './recorded.ts';
import { healTitle } from '../runs/titles.ts';
import { stderr } from '../linux/stderr.ts';

export const command = defineCommand({
  usage: ['heal [--dry-run] [--from PLACE ...] [--json] SUBVOLUME [FILE ...]'],
  summary: 'puts good bytes back into files that fail their checksum, out of their restore points',
  details:
    'Reads all of a mounted subvolume against its checksums. For each file of which something is\n' +
    'bad in every copy of the volume itself, it looks for the lost blocks in all restore points of\n' +
    'the subvolume that are here, and in PLACE: a snapshot, IMAGE-OR-DEVICE:/path, an archive or\n' +
    'one point of it (ARCHIVE:POINT), a plain folder. A block counts when it fits the checksum\n' +
    'that the volume has of it; where that is of compressed data, when the file is the same in\n' +
    'size, time and every byte that can be read. The blocks are put in place, so that the file\n' +
    'keeps its inode, links, attributes and times, and then all is read again. FILE (from the top\n' +
    'of the subvolume) heals only these. --dry-run lists, and changes nothing. Ends with 1 when\n' +
    'something is or stays damaged.',
  options: {
    ...jsonOption,
    ...secretOptions,
    'dry-run': { type: 'boolean', help: 'list what is damaged and where good copies are' },
    from: { type: 'string', value: 'PLACE', multiple: true, help: 'look there, too, and first' },
  },
  arguments: { least: 1, most: 10_001 },
  async run({ options, positionals: [text, ...names] }) {
    const place = placeOf(text!);
    const subvolume = subvolumeAt(place);
    requireWritable(subvolume);
    const { mountedPath } = place;
    // A mistyped name is told before everything is read.
    if (mountedPath !== null) for (const name of names) placeOf(join(mountedPath, name));
    const isDry = options['dry-run'] === true;
    if (mountedPath === null && !isDry) throw notMounted(text!);
    const source = { volume: place.volume, subvolumeId: subvolume.id };
    const { look, outcome } = await withSecrets(options, async (secrets) => {
      const named = (options.from ?? []).flatMap((one) => namedPlaces(one, secrets));
      const places = [...named, ...(await knownPlaces(subvolume, secrets))];
      const found = await shown((context) => lookForDamage({ ...source, places }, context));
      const files = wanted(found, names);
      if (isDry || files.length === 0) return { look: found, outcome: undefined };
      return { look: found, outcome: await heal(source, mountedPath!, files, places) };
    });
    if (options.json) printJson({ ...look, outcome: outcome?.files ?? null });
    else printLines([...lookLines(look), ...(outcome === undefined ? [] : outcomeLines(outcome))]);
    if (look.treeProblem !== null) stderr.write(`not all seen: ${look.treeProblem.text}\n`);
    for (const { name, reason } of look.placesFailed) {
      stderr.write(`not looked into: ${printable(name)}: ${reason.text}\n`);
    }
    return isGood(look, outcome, names) ? EXIT.ok : EXIT.no;
  },
});

function heal(
  source: Pick<Parameters<typeof healFiles>[0], 'volume' | 'subvolumeId'>,
  mountedPath: string,
  paths: readonly string[],
  places: readonly HealPlace[],
): Promise<HealOutcome> {
  const title = healTitle(paths, mountedPath);
  return recorded({ kind: 'heal', title, steps: ['heal'] }, async (run) => {
    run?.step('heal');
    const files = paths.map((path) => ({ path, places }));
    const outcome = await shown((context) => healFiles({ ...source, mountedPath, files }, context));
    for (const note of outcomeNotes(outcome).slice(0, 100)) run?.note(note);
    return { ...outcome, path: mountedPath };
  });
}

/** Files of which something was found somewhere, or those that were named. */
function wanted({ files }: DamageLook, names: readonly string[]): string[] {
  const paths = names.map((name) => name.replace(/^\/+|\/+$/g, ''));
  const isNamed = ({ path, otherPaths }: DamageLook['files'][number]): boolean =>
    [path, ...otherPaths].some((one) => paths.includes(one));
  return files
    .filter((file) =>
      names.length > 0 ? isNamed(file) : file.copies.some(({ goodBytes }) => goodBytes > 0),
    )
    .map(({ path }) => path);
}

function isGood(
  { files, filesLeftOut, treeProblem }: DamageLook,
  outcome: HealOutcome | undefined,
  names: readonly string[],
): boolean {
  const healed = outcome?.files.filter(({ state }) => state === 'healed' || state === 'good') ?? [];
  if (treeProblem !== null) return false;
  if (names.length > 0 && outcome !== undefined) return healed.length === outcome.files.length;
  return healed.length === files.length && filesLeftOut === 0;
}

async function shown<T>(
  work: (context: ReturnType<typeof plainContext>) => Promise<T>,
): Promise<T> {
  const line = progressLine();
  const result = await work({ ...plainContext(), progress: line.show });
  line.end();
  return result;
}

function notMounted(text: string): Error {
  return conflict(
    'not-mounted',
    say`"${{ name: printable(text) }}" is not mounted: it cannot be healed.`,
    {
      hint: 'Mount it read-write and name the subvolume there; --dry-run looks all the same.',
    },
  );
}
