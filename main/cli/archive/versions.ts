import { printable } from '../../../shared/model/bytes-text.ts';
import type { ArchiveFileVersion } from '../../../shared/model/archive.ts';
import { archiveVersions } from '../../archive/verbs/versions.ts';
import { plainContext } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { defineCommand, jsonOption } from '../options.ts';
import { moment, printJson, printLines, table } from '../output.ts';
import { archiveFolder, printNotes } from './run-verb.ts';
import { secretOptions, withSecrets } from './secrets.ts';

export const command = defineCommand({
  usage: ['archive versions [--json] FOLDER [SOURCE] PATH'],
  summary: 'what a file was at each restore point of an archive',
  details: 'Newest first. Exits with 1 when no restore point has the path.',
  options: { ...jsonOption, ...secretOptions },
  arguments: { least: 2, most: 3 },
  async run({ options, positionals }) {
    const [folder, path] = [positionals[0]!, positionals.at(-1)!];
    const source = positionals.length === 3 ? positionals[1]! : null;
    const versions = await withSecrets(options, (secrets) =>
      archiveVersions({ folder: archiveFolder(folder), source, path, secrets }, plainContext()),
    );
    if (versions.length === 0) printNotes([`No restore point has "${printable(path)}".`]);
    if (options.json) printJson(versions);
    else if (versions.length > 0)
      printLines(table(['POINT', 'TAKEN', 'SIZE', 'CHANGED'], versions.map(row), [2]));
    return versions.length === 0 ? EXIT.no : EXIT.ok;
  },
});

function row(version: ArchiveFileVersion): string[] {
  const { entry } = version;
  return [
    printable(`${version.source}/${version.point}`),
    moment(version.takenAtMs),
    entry === null ? '' : String(entry.sizeBytes),
    entry === null ? 'not there' : version.sameAsPrevious ? 'no' : moment(entry.modifiedAtMs),
  ];
}
