import { DendroError } from '../../shared/errors.ts';
import type { Client } from '../../shared/contract/client.ts';
import { clientOf, openService, type OpenedService } from '../service/open-service.ts';
import { socketPath } from '../service/socket-path.ts';
import { historyPath } from '../service/state-path.ts';
import { readVersion } from './version.ts';
import { stderr } from '../linux/stderr.ts';

/** @param onGone tells when the daemon has ended; never for a service in this process. */
type Use<T> = (client: Client, onGone: OpenedService['onGone']) => Promise<T>;

/** Uses the daemon when there is one, else runs the service in this process meanwhile. */
export async function withService<T>(use: Use<T>): Promise<T> {
  return using(await open(ownHistory()), use);
}

/**
 * The same for what the disks themselves tell: where the history cannot be used it is done
 * without, and that is said.
 */
export async function withDisks<T>(use: Use<T>): Promise<T> {
  let opened: OpenedService;
  try {
    opened = await open(ownHistory());
  } catch (error) {
    if (!(error instanceof DendroError) || !error.code.startsWith('history-')) throw error;
    stderr.write(`The history is left out: ${error.message}\n`);
    opened = await open(':memory:');
  }
  return using(opened, use);
}

function ownHistory(): string {
  return historyPath(process.env, process.getuid?.() === 0);
}

function open(path: string): Promise<OpenedService> {
  return openService(
    { historyPath: path, version: readVersion(), carrier: 'in-process', runPlans: false },
    socketPath(process.env),
  );
}

async function using<T>(opened: OpenedService, use: Use<T>): Promise<T> {
  try {
    return await use(clientOf(opened), (listener) => opened.onGone(listener));
  } finally {
    await opened.service.close();
  }
}
