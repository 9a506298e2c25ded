import { usage } from '../../shared/errors.ts';
import { printable } from '../../shared/model/bytes-text.ts';
import type { PinReport } from '../../shared/model/pin.ts';
import { EXIT } from './exit-codes.ts';
import { defineCommand, jsonOption } from './options.ts';
import { moment, printJson, printLines, tableOr } from './output.ts';
import { withService } from './with-service.ts';

export const command = defineCommand({
  usage: ['pins [--json]', 'pins release PLACE'],
  summary: 'restore points that stay because the next backup to a place builds on them',
  details:
    'For each source and each place that its backups go to, here or away: the last point that\n' +
    'both hold. No rule deletes it. PLACE is the name or the id of the list; release it for a\n' +
    'drive that never came back: the rules then decide, and should it come back after all, the\n' +
    'next backup to it may be a full one. Exits with 1 when a place is overdue.',
  options: jsonOption,
  arguments: { least: 0, most: 2 },
  run: ({ options, positionals: [action, place] }) =>
    withService(async (client) => {
      const pins = await client.call('pins.list', {});
      if (action === undefined) return list(pins, options.json === true);
      if (action !== 'release' || place === undefined) throw wrongWords();
      const placeId = pins.find((pin) => pin.placeName === place)?.placeId ?? place;
      const { released } = await client.call('pins.release', { placeId });
      if (options.json) printJson({ released });
      else printLines([`${released} released`]);
      return EXIT.ok;
    }),
});

function list(pins: readonly PinReport[], isJson: boolean): number {
  if (isJson) printJson(pins);
  else {
    const rows = pins.map((pin) => [
      printable(pin.placeName),
      pin.pointName === null ? pin.pointId : printable(pin.pointName),
      moment(pin.sentAtMs),
      pin.lastSeenAtMs === null ? '-' : moment(pin.lastSeenAtMs),
      pin.overdue ? 'overdue' : '',
      printable(pin.placeId),
    ]);
    const header = ['PLACE', 'POINT', 'SENT', 'LAST SEEN', 'STATE', 'ID'];
    printLines(tableOr('Nothing is held for a drive.', header, rows));
  }
  return pins.some(({ overdue }) => overdue) ? EXIT.no : EXIT.ok;
}

function wrongWords(): Error {
  return usage('bad-arguments', 'dendro pins takes nothing, or release and a place.', {
    hint: 'See: dendro pins --help',
  });
}
