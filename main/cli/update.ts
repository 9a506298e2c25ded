import { dirname, join } from 'node:path';
import type { UpdateState } from '../../shared/model/update.ts';
import { conflict } from '../../shared/errors.ts';
import { say } from '../../shared/said.ts';
import { shell } from '../service/command-line.ts';
import { historyPath } from '../service/state-path.ts';
import { ownUpdates } from '../update/own-updates.ts';
import { readChannelFile, type ShippedChannel } from '../update/shipped-channel.ts';
import type { Updates } from '../update/updates.ts';
import { EXIT } from './exit-codes.ts';
import { defineCommand, jsonOption } from './options.ts';
import { moment, printJson, printLines } from './output.ts';
import { readVersion } from './version.ts';

export const command = defineCommand({
  usage: ['update [--check | --download] [--channel FILE] [--json]'],
  summary: 'whether there is a newer Dendro; downloads it, and never installs it',
  details:
    'Without an option it says what was found last, and asks nobody. What the channel says is\n' +
    'believed only when its Ed25519 signature is by a key that this package knows, and when it is\n' +
    'neither older than what was seen before nor expired. A download goes on where it stopped, is\n' +
    'compared with its signed SHA-512, and the line that installs it is shown for you to type.\n' +
    'Exits with 1 when there is a newer version.',
  options: {
    check: { type: 'boolean', help: 'ask the channel now', without: ['download'] },
    download: { type: 'boolean', help: 'ask the channel, and download what is newer' },
    channel: { type: 'string', value: 'FILE', help: 'address and keys from FILE, not the package' },
    ...jsonOption,
  },
  arguments: { least: 0, most: 0 },
  async run({ options }) {
    const updates = updatesOf(options.channel);
    let state = options.check || options.download ? await updates.check() : await updates.state();
    if (options.download && state.state === 'available') state = await updates.download();
    if (options.json) printJson(state);
    else printLines(linesOf(state));
    return state.newVersion === null ? EXIT.ok : EXIT.no;
  },
});

/** Another channel has a memory of its own. */
function updatesOf(file: string | undefined): Updates {
  const own = historyPath(process.env, process.getuid?.() === 0);
  const options = { version: readVersion(), nowMs: Date.now, shell };
  if (file === undefined) return ownUpdates(own, options);
  const folder = join(dirname(own), 'other-channel', 'history.sqlite');
  return ownUpdates(folder, options, channelOf(file));
}

function channelOf(file: string): ShippedChannel {
  const found = readChannelFile(file);
  if (found) return found;
  throw conflict('not-found', say`${{ path: file }} cannot be read.`, { hint: 'Check its path.' });
}

function linesOf({ version, state, newVersion, notes, lookedAtMs, ready }: UpdateState): string[] {
  const looked = lookedAtMs === null ? '' : ` (looked ${moment(lookedAtMs)})`;
  switch (state) {
    case 'none':
      return [`Dendro ${version}. This build has no update channel.`];
    case 'unknown':
      return [`Dendro ${version}. Nobody has looked for a newer one yet: dendro update --check`];
    case 'current':
      return [`Dendro ${version} is the newest${looked}.`];
    case 'by-hand':
      return [`Dendro ${newVersion} is there${looked}; from ${version} it is installed by hand.`];
    case 'available': {
      const told = notes === '' ? [] : ['', ...notes.trimEnd().split('\n')];
      const next = ready
        ? [`Downloaded and checked. To install it: ${ready.command}`]
        : ['To download it: dendro update --download'];
      return [`Dendro ${newVersion} is there${looked}; this is ${version}.`, ...told, '', ...next];
    }
  }
}
