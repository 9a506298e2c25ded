import { printable } from '../../shared/model/bytes-text.ts';
import type { SourceHealth } from '../../shared/model/health.ts';
import type { Source } from '../../shared/model/subvolume.ts';
import { farWords } from './far-words.ts';
import { EXIT } from './exit-codes.ts';
import { defineCommand, jsonOption } from './options.ts';
import { moment, printJson, printLines } from './output.ts';
import { withService } from './with-service.ts';

export const command = defineCommand({
  usage: ['status [--json]'],
  summary: 'says in one sentence for each source until when it is safe, and where',
  details:
    'Exit code 1 when a source has no backup on another drive. Only what is true of one and the\n' +
    'same point is said: until when, where, and when its copy was last checked. Another computer\n' +
    'is not called for this: when it last answered is said, and when it last did not.',
  options: jsonOption,
  arguments: { least: 0, most: 0 },
  async run({ options }) {
    const { sources, isRoot } = await withService(async (client) => ({
      sources: await client.call('sources.list', {}),
      isRoot: (await client.call('service.info', {})).isRoot,
    }));
    if (options.json) printJson(sources.map(asJson));
    else if (sources.length === 0)
      printLines([isRoot ? 'No btrfs subvolume is mounted here.' : NOT_ROOT]);
    else printLines(sources.map((source) => healthSentence(source.name, source.health)));
    const isSafe = sources.every(({ health }) => ['safe', 'away'].includes(health.level));
    return isSafe ? EXIT.ok : EXIT.no;
  },
});

/** What is mounted cannot be looked into then: nothing is said of whether there is any. */
const NOT_ROOT =
  'No subvolume can be looked into without the rights of root: sudo dendro status, or start the service.';

function asJson({ volumeId, subvolumeId, uuid, name, mountedPath, health, nextRunAtMs }: Source) {
  const sentence = healthSentence(name, health);
  return { volumeId, subvolumeId, uuid, name, mountedPath, ...health, nextRunAtMs, sentence };
}

/** The one sentence. Times are local. */
export function healthSentence(name: string, health: SourceHealth): string {
  const what = printable(name);
  const until = health.untilMs === null ? '' : moment(health.untilMs);
  const far = new Map(health.farEnds.map((one) => [one.name, one]));
  const drives = health.drives.map((drive) => {
    const contact = far.get(drive);
    return contact ? farWords(contact) : printable(drive);
  });
  if (health.aheadOfClock) return aheadSentence(what, until, drives, health);
  const proven = health.provenAtMs === null ? '' : `, checked ${moment(health.provenAtMs)}`;
  switch (health.level) {
    case 'none':
      return `${what}: nothing protects it yet.`;
    case 'here-only':
      return `${what}: restore points up to ${until}, on its own disk only; they go with it.`;
    case 'safe':
      return `${what}: safe up to ${until}, on ${listed([...(health.alsoHere ? ['this computer'] : []), ...drives])}${proven}.`;
    case 'away': {
      const isOnDrives = health.drives.some((drive) => !far.has(drive));
      if (!isOnDrives) return `${what}: safe up to ${until}, on ${listed(drives)}${proven}.`;
      const since = health.lastSeenAtMs === null ? '' : ` since ${moment(health.lastSeenAtMs)}`;
      return `${what}: safe up to ${until}, on ${listed(drives)}, which ${drives.length > 1 ? 'are' : 'is'} away${since}${proven}.`;
    }
  }
}

/** It is kept, and nothing is known of its age. */
function aheadSentence(
  what: string,
  dated: string,
  drives: readonly string[],
  { level, alsoHere, lastSeenAtMs }: SourceHealth,
): string {
  const here = alsoHere ? ['this computer'] : [];
  const since = lastSeenAtMs === null ? '' : ` (away since ${moment(lastSeenAtMs)})`;
  const where =
    level === 'here-only' ? 'this computer only' : `${listed([...here, ...drives])}${since}`;
  return `${what}: on ${where}; its newest point is dated ${dated}, ahead of the clock, so until when it is safe cannot be said.`;
}

function listed(names: readonly string[]): string {
  return new Intl.ListFormat('en-GB', { type: 'conjunction' }).format(names);
}
