import { conflict, ioError, unsupported } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { printable } from '../../../shared/model/bytes-text.ts';
import type { Connection } from './connection.ts';
import type { Described, FarSubvolume } from './messages.ts';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Reads what `listCommand` prints: a line of df(1), then `btrfs subvolume show` of each. */
export function readListing(connection: Connection): Described {
  const [, total, , free] = connection.readLine().trim().split(/\s+/).map(Number);
  const subvolumes: FarSubvolume[] = [];
  let shown: Map<string, string> | undefined;
  for (let line = connection.readLine(); line !== '== end'; line = connection.readLine()) {
    if (line.startsWith('== ')) {
      if (shown !== undefined) subvolumes.push(subvolumeOf(shown));
      shown = new Map([['path', line.slice(3)]]);
    } else {
      const [, key, value] = /^\s+([A-Z][\w ]*):\s*(.*)$/.exec(line) ?? [];
      if (key !== undefined) shown?.set(key, value!);
    }
  }
  if (shown !== undefined) subvolumes.push(subvolumeOf(shown));
  const [freeBytes, totalBytes] = [free, total].map((n) => (Number.isSafeInteger(n) ? n! : null));
  return {
    isBtrfs: true,
    freeBytes: freeBytes!,
    totalBytes: totalBytes!,
    subvolumes,
    leftovers: [],
  };
}

function subvolumeOf(shown: ReadonlyMap<string, string>): FarSubvolume {
  const uuid = (key: string): string | null => {
    const value = shown.get(key) ?? '';
    return UUID.test(value) ? value : null;
  };
  const number = (key: string): number => Number.parseInt(shown.get(key) ?? '', 10) || 0;
  const receivedUuid = uuid('Received UUID');
  const parentUuid = uuid('Parent UUID');
  const readOnly = /\breadonly\b/.test(shown.get('Flags') ?? '');
  // Its last change is not told. Read-only since it was made or received means unchanged since.
  const [otransid, rtransid] = [number('Gen at creation'), number('Receive transid')];
  return {
    subvolumeId: number('Subvolume ID'),
    kind: receivedUuid !== null ? 'received' : parentUuid !== null ? 'snapshot' : 'subvolume',
    path: shown.get('path')!,
    ...{ uuid: uuid('UUID'), parentUuid, receivedUuid, readOnly },
    parentId: number('Parent ID'),
    generation: number('Generation'),
    ...{ ctransid: rtransid || otransid, otransid, rtransid },
    stransid: number('Send transid'),
    createdAtMs: Date.parse((shown.get('Creation time') ?? '').replace(' +', '+')) || 0,
    whole: receivedUuid === null || readOnly,
  };
}

/** Waits for the go-ahead of `receiveCommand`. @throws Conflict 'exists' */
export function awaitReady(connection: Connection, name: string): void {
  const line = connection.readLine();
  if (line === 'ready') return;
  if (line !== 'exists') throw said(line);
  throw conflict(
    'exists',
    say`There is already something named "${{ name: printable(name) }}" there.`,
    {
      hint: 'Move or delete it, or send into another folder.',
    },
  );
}

/** Waits for the stock tool's end. @throws Io 'far-end-failed' */
export function awaitStatus(connection: Connection): void {
  const line = connection.readLine();
  if (line === 'status 0') return;
  throw ioError(
    'far-end-failed',
    say`btrfs receive failed at the other end: ${{ reason: connection.words }}`,
    {
      hint: 'What it had begun was removed there. With Dendro at both ends a send goes on instead.',
    },
  );
}

export function noReceiver(): Error {
  return unsupported('far-end-bare', 'The other machine has neither Dendro nor btrfs-progs.', {
    hint: 'Install one of them there; or name it with --remote-dendro, as "sudo -n dendro".',
  });
}

function said(line: string): Error {
  return ioError('connection-garbled', say`The other machine says "${{ text: printable(line) }}".`);
}
