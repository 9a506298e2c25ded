import { printable } from '../../shared/model/bytes-text.ts';
import type { ChainPlace, SourceChain } from '../../shared/model/chain.ts';
import { farWords } from './far-words.ts';
import { EXIT } from './exit-codes.ts';
import { defineCommand, jsonOption } from './options.ts';
import { moment, printJson, printLines } from './output.ts';
import { withService } from './with-service.ts';
import { stderr } from '../linux/stderr.ts';

export const command = defineCommand({
  usage: ['chain [--json] [SOURCE]'],
  summary: 'lineage of the restore points of each source, what the next backup builds on, and why',
  details:
    'SOURCE is the path or name of a subvolume; without it all sources that have restore points.\n' +
    'Where the next backup to a place would be full though it holds points, the command that\n' +
    'makes it an increment again is printed. Exits with 1 when there is such a place.',
  options: jsonOption,
  arguments: { least: 0, most: 1 },
  async run({ options, positionals: [wanted] }) {
    const chains = await withService(async (client) => {
      const sources = await client.call('sources.list', {});
      const chosen = sources.filter(({ name, mountedPath, points }) =>
        wanted === undefined ? points.length > 0 : name === wanted || mountedPath === wanted,
      );
      return Promise.all(
        chosen.map(({ volumeId, subvolumeId }) =>
          client.call('chain.get', { source: { volumeId, subvolumeId } }),
        ),
      );
    });
    if (options.json) printJson(chains);
    else printLines(chains.flatMap(text));
    if (wanted !== undefined && chains.length === 0) {
      const which = printable(wanted);
      stderr.write(`There is no source "${which}" that has restore points.\n  See: dendro chain\n`);
    }
    const isBroken = chains.some(({ places }) =>
      places.some((p) => p.why === 'parent-deleted-here'),
    );
    return isBroken || (wanted !== undefined && chains.length === 0) ? EXIT.no : EXIT.ok;
  },
});

function text({ source, points, places, commands }: SourceChain): string[] {
  const named = new Map(points.map((point) => [point.pointId, point]));
  const names = new Map(places.map(({ volumeId, name }) => [volumeId, name]));
  return [
    printable(source.name),
    ...points.map((point) => {
      const parent = point.parentPointId === null ? undefined : named.get(point.parentPointId);
      const upon = parent ? `  upon ${moment(parent.takenAtMs)}` : '';
      const gap = point.parentGone ? '  (what it was sent upon is gone)' : '';
      const where = [...new Set(point.places)]
        .map((id) => names.get(id) ?? 'this computer')
        .join(', ');
      return `  ${moment(point.takenAtMs)}  ${where}${upon}${gap}`;
    }),
    ...places.flatMap((place) => {
      const mend = commands.find(({ volumeId }) => volumeId === place.volumeId);
      const how = mend ? [`    mend with: ${mend.command}`] : [];
      return [`  ${nextSentence(place, named)}`, ...how];
    }),
    '',
  ];
}

function nextSentence(
  { name: placeName, why, parentPointId, present, far }: ChainPlace,
  named: ReadonlyMap<string, { readonly takenAtMs: number }>,
): string {
  const name = far ? farWords(far) : printable(placeName);
  const away = present ? '' : ' (away)';
  switch (why) {
    case 'shared':
      return `${name}${away}: next is what changed since ${moment(named.get(parentPointId!)!.takenAtMs)}`;
    case 'first':
      return `${name}${away}: next is full, nothing of it is there yet`;
    case 'parent-deleted-here':
      return `${name}${away}: next would be full: what it holds was deleted on this computer`;
  }
}
