import { usage } from '../../shared/errors.ts';
import { printable, textFromBytes } from '../../shared/model/bytes-text.ts';
import type { Subvolume as SubvolumeModel } from '../../shared/model/subvolume.ts';
import { planParents, type ParentPlan } from '../engine/send-parents.ts';
import { openSubvolume, type Subvolume } from '../engine/tree/index.ts';
import { subvolumes } from '../engine/verbs/list-subvolumes.ts';
import { commonParents } from '../plan/parents.ts';
import { plainContext } from './context.ts';
import { EXIT } from './exit-codes.ts';
import { defineCommand, jsonOption } from './options.ts';
import { printJson, printLines, size, table } from './output.ts';
import { excludeOptions, SendExcludes } from './send-excludes.ts';
import { protocolOf } from './send-options.ts';
import { besides, snapshotAt, type Snapshot } from './place-subvolume.ts';
import { placeOf } from './place.ts';
import { stderr } from '../linux/stderr.ts';

export const command = defineCommand({
  usage: ['estimate [--json] SNAPSHOT PARENT ...', 'estimate [--json] --to FOLDER SNAPSHOT'],
  summary: 'exact size of the stream from each possible parent, before anything is sent',
  details:
    'With --to the parents are the snapshots that FOLDER, on a mounted btrfs, holds unchanged.\n' +
    'The smallest is first; "-" is a full send. File data is not read.',
  options: {
    ...jsonOption,
    to: { type: 'string', value: 'FOLDER', help: 'where it would be received' },
    proto: { type: 'string', value: 'N', help: 'stream version 1 (default) or 2; 0: the highest' },
    ...excludeOptions,
    'compressed-data': { type: 'boolean', help: 'compressed data as it is on disk (version 2)' },
  },
  arguments: { least: 1, most: 1_000 },
  run({ options, positionals }) {
    const protocol = protocolOf(options);
    const hasParents = options.to !== undefined || positionals.length > 1;
    if (options['parent-exclude'] !== undefined && !hasParents) throw whichParent();
    const snapshot = snapshotAt(positionals[0]!);
    const named = positionals.slice(1).map((text) => snapshotAt(text, 'parent '));
    const parents = besides(snapshot, named).map(({ subvolume }) => subvolume);
    if (options.to !== undefined) parents.push(...heldBy(options.to, positionals[0]!, snapshot));
    const compressedData = options['compressed-data'] === true;
    const excludes = new SendExcludes(options, parents[0]);
    const request = {
      volume: snapshot.subvolume.volume,
      snapshot: snapshot.subvolume,
      protocol,
      compressedData,
      excludes: excludes.own,
      excludesOf: (sent: Subvolume) => excludes.of(sent),
    };
    const plans = planParents(request, parents).map(plain);
    if (options.json) printJson(plans);
    else {
      const cells = plans.map((row) => [
        size(row.bytes),
        String(row.bytes),
        String(row.commands),
        row.parent === null ? '-' : printable(row.parent),
      ]);
      printLines(table(['SIZE', 'BYTES', 'COMMANDS', 'PARENT'], cells, [0, 1, 2]));
    }
    return EXIT.ok;
  },
});

function whichParent(): Error {
  return usage('bad-option', 'dendro estimate: --parent-exclude does nothing without a PARENT.', {
    hint: 'See: dendro estimate --help',
  });
}

function plain({ parent, plan }: ParentPlan) {
  return {
    parent: parent === undefined ? null : textFromBytes(parent.info.path),
    parentId: parent?.id ?? null,
    bytes: plan.streamBytes,
    dataBytes: plan.dataBytes,
    clonedBytes: plan.clonedBytes,
    commands: plan.commands,
    made: plan.made,
  };
}

/** Snapshots beside this one that the folder's volume holds, too. */
function heldBy(folder: string, text: string, { subvolume }: Snapshot) {
  const list = (place: string, volumeId: string): SubvolumeModel[] =>
    subvolumes(placeOf(place).volume, plainContext()).map((facts) => ({
      ...facts,
      volumeId,
      mountedPath: null,
    }));
  const local = list(text, 'source');
  const self = local.find((one) => one.subvolumeId === subvolume.id)!;
  const { pairs, notes } = commonParents(self, local, list(folder, 'target'));
  for (const note of notes) stderr.write(`not a parent: ${note.text}\n`);
  return pairs.map((pair) => openSubvolume(subvolume.volume, pair.local.subvolumeId));
}
