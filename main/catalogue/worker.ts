import { statSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { assert, toErrorData } from '../../shared/errors.ts';
import { CancelToken } from '../engine/cancel.ts';
import { closeVolumes } from '../engine/open-volumes.ts';
import { inUse, isDamaged, throwAway } from './database.ts';
import { Catalogue } from './index.ts';
import type { CatalogueReply, CatalogueRequest } from './messages.ts';

/** A device that nobody reads is let go after this, so that it can be unplugged. */
const IDLE_MS = 2_000;

/** What leaves something in SQLite's log. */
const CHANGING: ReadonlySet<CatalogueRequest['call']> = new Set([
  'update',
  'takeArchived',
  'compact',
  'setOff',
  'forget',
]);

const port = parentPort;
assert(port, 'the catalogue worker is started as a worker thread');
const { path } = workerData as { readonly path: string };
let catalogue: Catalogue | undefined;
let inode = 0;
let idle: NodeJS.Timeout | undefined;

port.on('message', (request: CatalogueRequest) => {
  clearTimeout(idle);
  port.postMessage(carriedOut(request));
  if (CHANGING.has(request.call)) catalogue?.settle();
  idle = setTimeout(closeVolumes, IDLE_MS);
});

function withCancel(
  call: CatalogueRequest['call'],
  args: readonly unknown[],
  token: CancelToken,
): readonly unknown[] {
  if (call === 'update') return [args[0], undefined, () => token.check()];
  return call === 'takeArchived' ? [args[0], token] : args;
}

function carriedOut({ id, call, args, cancel }: CatalogueRequest): CatalogueReply {
  try {
    const opened = (catalogue ??= open());
    const token = new CancelToken(cancel);
    const all = withCancel(call, args, token);
    const method = opened[call].bind(opened) as (...args: readonly unknown[]) => unknown;
    return { id, result: method(...all) };
  } catch (error) {
    if (isDamaged(error)) leaveDamaged();
    return { id, error: toErrorData(inUse(error, path)) };
  }
}

function open(): Catalogue {
  const opened = new Catalogue(path);
  inode = statSync(path, { throwIfNoEntry: false })?.ino ?? 0;
  return opened;
}

/** The next call begins a new one; another thread may have begun it already. */
function leaveDamaged(): void {
  catalogue?.close();
  catalogue = undefined;
  if (statSync(path, { throwIfNoEntry: false })?.ino === inode) throwAway(path);
}
