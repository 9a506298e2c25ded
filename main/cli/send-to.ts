import { printable, textFromBytes } from '../../shared/model/bytes-text.ts';
import type { SendRequest } from '../engine/send.ts';
import { sendIntoFolder } from '../engine/transfer/send-into-folder.ts';
import {
  isSshTarget,
  parseSshTarget,
  sendOverSsh,
  type SshTarget,
  type WireSummary,
} from '../engine/wire/index.ts';
import type { SendOptions } from './send-options.ts';
import { stderr } from '../linux/stderr.ts';

/** Sends straight to where the snapshot shall be, here or on another machine. */
export function sendTo(target: string, request: SendRequest, given: SendOptions): void {
  const isQuiet = given.q === true || given.quiet === true;
  const say = (text: string): unknown => !isQuiet && stderr.write(`${text}\n`);
  say(`At subvol ${printable(textFromBytes(request.snapshot.info.path))}`);
  const onResume = (command: number): void => {
    if (command > 0) say(`going on at command ${command}`);
  };
  // As scp writes it, which here is a folder.
  if (/^[\w.@-]+:/.test(target) && !isSshTarget(target)) parseSshTarget(target);
  const done = isSshTarget(target)
    ? sendOverSsh(request, sshTarget(target, given), { onResume })
    : sendIntoFolder(request, target, { onResume });
  report(done, say);
}

function sshTarget(text: string, given: SendOptions): SshTarget {
  const { 'ssh-config': configFile, 'remote-dendro': dendro, 'remote-btrfs': btrfs } = given;
  return {
    ...parseSshTarget(text),
    ...(configFile !== undefined && { configFile }),
    ...(dendro !== undefined && { dendro }),
    ...(btrfs !== undefined && { btrfs }),
  };
}

type Done = Pick<WireSummary, 'wasThere' | 'losses' | 'lossCount' | 'records'>;

function report(
  { wasThere, losses, lossCount, records }: Done,
  say: (text: string) => unknown,
): void {
  if (wasThere) say('it is there already, whole');
  for (const { path, what } of losses) say(`not kept: ${path}: ${what.text}`);
  if (lossCount > losses.length) say(`and ${lossCount - losses.length} more`);
  for (const name of records.made) say(`made the record of ${printable(name)}, which was due`);
  for (const { name, reason } of records.failed) {
    say(`the record of ${printable(name)} stays due: ${reason.text}`);
  }
  for (const name of records.tooLarge) say(`no record of ${printable(name)}: it is too large`);
}
