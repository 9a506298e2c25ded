import { printable } from '../../../shared/model/bytes-text.ts';
import type { ArchiveContents } from '../../../shared/model/archive.ts';
import { listArchive } from '../../archive/verbs/list-points.ts';
import { EXIT } from '../exit-codes.ts';
import { defineCommand, jsonOption } from '../options.ts';
import { moment, printJson, printLines, size, table } from '../output.ts';
import { archiveFolder, printNotes } from './run-verb.ts';
import { secretOptions } from './secrets.ts';

/** Hexadecimal digits. */
const SHOWN_OF_UUID = 8;

export const command = defineCommand({
  usage: ['archive list [--json] FOLDER'],
  summary: 'the restore points of an archive of stream files',
  details:
    'Needs no key, but takes one as the other commands do: names, sizes and times are in the\n' +
    'manifest. BUILDS ON is the point whose stream has to be restored before.',
  options: { ...jsonOption, ...secretOptions },
  arguments: { least: 1, most: 1 },
  run({ options, positionals }) {
    const contents = listArchive({ folder: archiveFolder(positionals[0]!) });
    printNotes(contents.notes);
    if (options.json) printJson(contents);
    else printLines(lines(contents));
    return EXIT.ok;
  },
});

function lines({ sources, isEncrypted, hasPassphrase }: ArchiveContents): string[] {
  const rows = sources.flatMap(({ folder, points }) =>
    points.map((point) => [
      printable(`${folder}/${point.name}`) + uuidIfShared(point, points),
      moment(point.takenAtMs),
      point.isRestorable ? point.kind : 'chain broken',
      printable(point.parentName ?? ''),
      size(point.fileBytes),
    ]),
  );
  const unfinished = sources.flatMap((source) =>
    source.unfinished.map(({ name }) => `unfinished: ${printable(`${source.folder}/${name}`)}`),
  );
  const opener = hasPassphrase ? 'a passphrase or an identity' : 'an identity';
  return [
    ...table(['POINT', 'TAKEN', 'KIND', 'BUILDS ON', 'SIZE'], rows, [4]),
    ...unfinished,
    ...(isEncrypted ? [`encrypted: ${opener} opens it`] : []),
  ];
}

type Point = ArchiveContents['sources'][number]['points'][number];

/** What tells points of one name apart, and picks one: the beginning of the uuid. */
function uuidIfShared({ name, uuid }: Point, all: readonly Point[]): string {
  const isShared = all.filter((one) => one.name === name).length > 1;
  return isShared ? ` (${uuid.slice(0, SHOWN_OF_UUID)})` : '';
}
