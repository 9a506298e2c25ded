import { printable } from '../../shared/model/bytes-text.ts';
import type { Difference } from '../../shared/model/comparison.ts';
import type { Change } from '../../shared/model/entry.ts';
import { eachDifference } from '../places/compare/compare-places.ts';
import { JsonList } from './archive/json-list.ts';
import { secretOptions, withSecrets } from './archive/secrets.ts';
import { plainContext } from './context.ts';
import { EXIT } from './exit-codes.ts';
import { defineCommand, jsonOption } from './options.ts';
import { OutputBatches } from './output-batches.ts';
import { opened, pointPlaceOf } from './point-place.ts';
import { stderr } from '../linux/stderr.ts';

export const command = defineCommand({
  usage: ['diff [--json] OLDER NEWER'],
  summary: 'what differs between two states of files, wherever they lie, by path',
  details:
    'Each is a subvolume or snapshot, mounted or IMAGE-OR-DEVICE:/path, also of two volumes; or\n' +
    'ARCHIVE:POINT, or a plain folder. A line each: + added, - removed, > moved, ~ other content,\n' +
    '= the same bytes with other properties (which). Content is compared truly: a file that was\n' +
    'written again with the same bytes is no difference. Access times do not count. What cannot be\n' +
    'read is named on stderr; what only it could tell is not told as added or removed. Exits with 0\n' +
    'when there is no difference, with 1 when there is one or something could not be read.',
  options: { ...jsonOption, ...secretOptions },
  arguments: { least: 2, most: 2 },
  async run({ options, positionals }) {
    const [from, to] = positionals.map(pointPlaceOf);
    const out = options.json ? undefined : new OutputBatches();
    const list = new JsonList();
    let count = 0;
    const take = (difference: Difference): void => {
      count += 1;
      if (out === undefined) list.add(difference);
      else out.add(`${differenceLine(difference)}\n`);
    };
    const summary = await withSecrets(options, (secrets) => {
      const places = { from: opened(from!, secrets), to: opened(to!, secrets) };
      return eachDifference(places, plainContext(), take);
    });
    for (const note of summary.notes) stderr.write(`${note.text}\n`);
    for (const { path, reason } of summary.unreadable) {
      stderr.write(`not readable: ${printable(path) || '/'}: ${reason}\n`);
    }
    (out ?? list).end();
    return count + summary.unreadableCount === 0 ? EXIT.ok : EXIT.no;
  },
});

const MARKS = { added: '+', removed: '-', changed: '~', renamed: '>' } as const;
const DIFFERENCE_MARKS = {
  ...{ added: '+', removed: '-', moved: '>', modified: '~' },
  metadata: '=',
} as const;

function differenceLine({ kind, ...rest }: Difference): string {
  return line(DIFFERENCE_MARKS[kind], rest);
}

/** '~ path  (data, times)' */
export function changeLine({ kind, ...rest }: Change): string {
  return line(MARKS[kind], rest);
}

function line(
  mark: string,
  { path, previousPath, aspects }: Pick<Change, 'path' | 'previousPath' | 'aspects'>,
): string {
  const from = previousPath === null ? '' : `${printable(previousPath)} -> `;
  const what = aspects.length === 0 ? '' : `  (${aspects.join(', ')})`;
  return `${mark} ${from}${printable(path) || '/'}${what}`;
}
