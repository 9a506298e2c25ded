import { printable, textFromBytes } from '../../shared/model/bytes-text.ts';
import type { SnapshotEntry } from '../engine/verbs/describe-entry.ts';
import { statInode, type InodeFacts } from '../engine/inspect/index.ts';
import { describeEntry } from '../engine/verbs/describe-entry.ts';
import { requireInode } from '../engine/verbs/entries.ts';
import { plainContext } from './context.ts';
import { EXIT } from './exit-codes.ts';
import { permissions } from './ls.ts';
import { defineCommand, jsonOption } from './options.ts';
import { moment, printJson, printLines } from './output.ts';
import { foundAt } from './place-subvolume.ts';
import { placeItself } from './place.ts';

export const command = defineCommand({
  usage: ['stat [--json] PLACE ...'],
  summary: 'all that a snapshot holds of a file: names, times, attributes, extents',
  details:
    'A symbolic link is not followed. With --json also every extent, where it lies in the file and\n' +
    'on the volume.',
  options: jsonOption,
  arguments: { least: 1, most: 10_000 },
  run({ options, positionals }) {
    const all = positionals.map((text) => {
      const place = placeItself(text);
      const entry = describeEntry(place, plainContext());
      const { subvolume, inode } = foundAt(place);
      requireInode(subvolume, inode);
      return { text, entry, facts: statInode(subvolume, inode)! };
    });
    if (options.json) printJson(all.map(({ entry, facts }) => ({ ...entry, ...more(facts) })));
    else for (const { text, entry, facts } of all) printLines(lines(text, entry, facts));
    return EXIT.ok;
  },
});

function more({ paths, extents, extentsLeftOut }: InodeFacts) {
  return { paths: paths.map(textFromBytes), extents, extentsLeftOut };
}

function lines(text: string, entry: SnapshotEntry, facts: InodeFacts): string[] {
  const kinds = facts.extents.map(({ kind }) => kind);
  const count = (kind: string): number => kinds.filter((one) => one === kind).length;
  const extents = [...new Set(kinds)].map((kind) => `${count(kind)} ${kind}`).join(', ');
  const target = entry.linkTarget === null ? '' : ` -> ${printable(entry.linkTarget)}`;
  return [
    `${printable(text)}${target}`,
    `  type       ${entry.type}, ${permissions(entry.mode)}, owner ${entry.uid}:${entry.gid}`,
    `  size       ${entry.sizeBytes} bytes, ${entry.diskBytes} on disk`,
    `  inode      ${entry.inode}, generation ${entry.generation}, changed in ${entry.transid}`,
    `  modified   ${moment(entry.modifiedAtMs)}`,
    `  changed    ${moment(entry.changedAtMs)}`,
    `  born       ${moment(entry.createdAtMs)}`,
    ...(entry.device ? [`  device     ${entry.device.major}:${entry.device.minor}`] : []),
    ...(entry.flags.length > 0 ? [`  flags      ${entry.flags.join(', ')}`] : []),
    ...entry.xattrs.map((one) => `  attribute  ${printable(one.name)}, ${one.sizeBytes} bytes`),
    ...(extents === '' ? [] : [`  extents    ${extents}`]),
    ...facts.paths.slice(1).map((path) => `  also       ${printable(textFromBytes(path))}`),
  ];
}
