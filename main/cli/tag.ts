import { conflict, usage } from '../../shared/errors.ts';
import { say } from '../../shared/said.ts';
import { printable } from '../../shared/model/bytes-text.ts';
import type { Client } from '../../shared/contract/client.ts';
import { EXIT } from './exit-codes.ts';
import { defineCommand, jsonOption } from './options.ts';
import { moment, printJson, printLines, tableOr } from './output.ts';
import { withService } from './with-service.ts';

export const command = defineCommand({
  usage: ['tag [--json]', 'tag POINT [REASON]', 'tag --remove POINT'],
  summary: 'keeps a restore point for ever, whatever the rules of plans say',
  details:
    'POINT is a name, an id, or the beginning of an id, as in: dendro chain --json. It is kept at\n' +
    'every place. Without an argument: what is tagged.',
  options: {
    ...jsonOption,
    remove: { type: 'boolean', help: 'leave the point to the rules again' },
  },
  arguments: { least: 0, most: 2 },
  run({ options, positionals: [text, reason] }) {
    if (options.remove && (text === undefined || reason !== undefined)) throw onePoint();
    return withService(async (client) => {
      if (text === undefined) return list(client, options.json === true);
      const pointId = await pointNamed(client, text);
      const tag = options.remove ? null : (reason ?? 'kept');
      await client.call('points.tag', { pointId, tag });
      if (options.json) printJson({ pointId, tag });
      return EXIT.ok;
    });
  },
});

function onePoint(): Error {
  return usage('bad-arguments', 'dendro tag --remove takes a POINT and nothing else.', {
    hint: 'See: dendro tag --help',
  });
}

async function list(client: Client, isJson: boolean): Promise<number> {
  const points = await client.call('points.list', {});
  const tagged = points.filter(({ tag }) => tag !== undefined);
  if (isJson) printJson(tagged);
  else {
    const rows = tagged.map(({ takenAtMs, name, tag, pointId }) => [
      ...[moment(takenAtMs), printable(name), tag!, pointId],
    ]);
    const header = ['TAKEN', 'POINT', 'REASON', 'ID'];
    printLines(tableOr('No restore point has a mark.', header, rows));
  }
  return EXIT.ok;
}

/** @throws Conflict 'point-unknown', 'point-ambiguous' */
async function pointNamed(client: Client, text: string): Promise<string> {
  const points = await client.call('points.list', {});
  const exact = points.filter(({ pointId, name }) => pointId === text || name === text);
  const found = exact.length > 0 ? exact : points.filter((one) => one.pointId.startsWith(text));
  if (found.length === 1) return found[0]!.pointId;
  const shown = printable(text);
  throw found.length === 0
    ? conflict('point-unknown', say`There is no restore point "${{ pointId: shown }}".`, {
        hint: 'See: dendro chain --json',
      })
    : conflict('point-ambiguous', say`Several restore points are called "${{ text: shown }}".`, {
        hint: 'Name one by its id: dendro chain --json',
      });
}
