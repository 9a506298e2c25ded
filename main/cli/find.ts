import { bytesFromText, printable, textFromBytes } from '../../shared/model/bytes-text.ts';
import { compileGlob, findNames } from '../engine/inspect/index.ts';
import { inodePath } from '../engine/tree/index.ts';
import { entriesNamed } from '../engine/verbs/find-by-name.ts';
import { EXIT } from './exit-codes.ts';
import { defineCommand, jsonOption } from './options.ts';
import { printJson, printLines } from './output.ts';
import { foundAt } from './place-subvolume.ts';
import { placeOf } from './place.ts';

export const command = defineCommand({
  usage: ['find [-i] [--json] PLACE PATTERN'],
  summary: 'finds names in a subvolume or snapshot, without opening its folders',
  details:
    'PATTERN is a shell pattern for the last part of a path: * ? [a-z]; without any of these it\n' +
    'is part of a name. All of the subvolume that PLACE lies in is searched; of a folder, what\n' +
    'lies below it is printed. Paths are from the top of the subvolume. Exits with 1 when\n' +
    'nothing is found.',
  options: {
    ...jsonOption,
    i: { type: 'boolean', short: 'i', help: 'case of ASCII letters does not matter' },
  },
  arguments: { least: 2, most: 2 },
  run({ options, positionals }) {
    const place = placeOf(positionals[0]!);
    const { subvolume, inode } = foundAt(place);
    const pattern = positionals[1]!;
    const glob = /[*?[]/.test(pattern) ? pattern : `*${pattern}*`;
    const matches = compileGlob(bytesFromText(glob), options.i === true);
    const folder = textFromBytes(inodePath(subvolume, inode) ?? new Uint8Array(0));
    const below = folder === '' ? '' : `${folder}/`;
    let count = 0;
    const counted = <T extends { path: string }>(found: Iterable<T>): T[] => {
      const inside = [...found].filter(({ path }) => path.startsWith(below));
      count = inside.length;
      return inside;
    };
    if (options.json) printJson(counted(entriesNamed(subvolume, matches)));
    else
      printLines(counted(paths(findNames(subvolume, matches))).map(({ path }) => printable(path)));
    return count === 0 ? EXIT.no : EXIT.ok;
  },
});

function* paths(found: Iterable<{ path: Uint8Array }>): Generator<{ path: string }> {
  for (const { path } of found) yield { path: textFromBytes(path) };
}
