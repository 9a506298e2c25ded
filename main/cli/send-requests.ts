import { printable } from '../../shared/model/bytes-text.ts';
import { smallestParent } from '../engine/send-parents.ts';
import type { SendRequest } from '../engine/send.ts';
import type { Subvolume } from '../engine/tree/index.ts';
import type { Snapshot } from './place-subvolume.ts';
import { SendExcludes, shown } from './send-excludes.ts';
import { protocolOf, resumeOf, type SendOptions } from './send-options.ts';

export interface PlannedSend {
  readonly request: SendRequest;
  /** When it has been sent: what was left out is remembered for the increments to come. */
  done(): void;
}

type Say = (text: string) => unknown;

/**
 * What to send of each snapshot: the first against the parent, each one after it with those
 * before it as clone sources, as `btrfs send` does.
 * @param sayMore what only `-v` says.
 */
export function plannedSends(
  snapshots: readonly Snapshot[],
  { parent, clones }: { parent: Snapshot | undefined; clones: readonly Snapshot[] },
  given: SendOptions,
  say: Say,
  sayMore: Say,
): PlannedSend[] {
  const excludes = new SendExcludes(given, parent?.subvolume);
  if (excludes.isRemembered) {
    say(`Leaves out, as ${printable(parent!.text)} did: ${shown(excludes.own)}`);
  }
  return snapshots.map(({ subvolume, name }, i) => {
    const known = [...clones, ...snapshots.slice(0, i)].filter(
      (one) => one.subvolume.id !== subvolume.id,
    );
    const request: SendRequest = {
      volume: subvolume.volume,
      snapshot: subvolume,
      ...(name && { name }),
      ...(parent && { parent: parent.subvolume }),
      cloneSources: known.map((one) => one.subvolume),
      ...(given['no-data'] === true && { noData: true }),
      ...(given['compressed-data'] === true && { compressedData: true }),
      excludes: excludes.own,
      excludesOf: (sent) => excludes.of(sent),
      ...resumeOf(given, snapshots.length),
    };
    excludes.sentHere(subvolume);
    const isOpen = parent === undefined && clones.length > 0;
    return {
      request: isOpen ? fromSmallest(request, protocolOf(given), known, sayMore) : request,
      done() {
        if (excludes.remember(subvolume)) return;
        say('What was left out cannot be remembered: say it again with the next increment.');
      },
    };
  });
}

/**
 * With `-c` and no `-p` the parent is the clone source that gives the smallest stream; none when
 * a full send, cloning, is smaller still. `btrfs send` takes the nearest relative, or fails.
 */
function fromSmallest(
  request: SendRequest,
  protocol: 1 | 2,
  known: readonly Snapshot[],
  sayMore: Say,
): SendRequest {
  const candidates = nearestFirst(request.snapshot, known).map(({ subvolume }) => subvolume);
  const { best, sizes } = smallestParent({ ...request, protocol }, candidates);
  for (const { parent, streamBytes } of sizes) {
    const text = known.find(({ subvolume }) => subvolume.id === parent?.id)?.text;
    const from = text === undefined ? 'in full' : `from ${printable(text)}`;
    sayMore(`${from}: ${streamBytes === undefined ? 'more' : `${streamBytes} bytes`}`);
  }
  return { ...request, parent: best };
}

/** Those of the same line of snapshots first, the one nearest in time before the others. */
function nearestFirst({ info }: Subvolume, candidates: readonly Snapshot[]): Snapshot[] {
  const hex = (uuid: Uint8Array): string => Buffer.from(uuid).toString('hex');
  const line = hex(info.parentUuid);
  const strangeness = ({ subvolume: { info: other } }: Snapshot): number =>
    /[^0]/.test(line) && (hex(other.parentUuid) === line || hex(other.uuid) === line) ? 0 : 1;
  const distance = ({ subvolume }: Snapshot): number =>
    Math.abs(subvolume.info.ctransid - info.ctransid);
  return [...candidates].sort(
    (a, b) => strangeness(a) - strangeness(b) || distance(a) - distance(b),
  );
}
