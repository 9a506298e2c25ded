import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createLineClient } from '../../shared/contract/client.ts';
import { denied, ioError, type DendroError } from '../../shared/errors.ts';
import { readLines } from '../service/carriers/read-lines.ts';
import { remoteService, type OpenedService } from '../service/open-service.ts';

/** What the polkit action names (packaging/polkit): no other program gets its permission. */
const HELPER = '/usr/bin/dendro';
const PKEXEC = '/usr/bin/pkexec';
const MAX_ANSWER_CHARS = 512 * 1024 * 1024;
/** pkexec(1): the dialog was dismissed, or the user is not authorised. */
const DISMISSED = 126;
const NOT_AUTHORISED = 127;

/** False where the package with the polkit action is not installed (AppImage, a checkout). */
export function hasHelper(): boolean {
  return existsSync(HELPER) && existsSync(PKEXEC);
}

/**
 * Starts the helper as root; polkit asks the user for a password in its own dialog.
 *
 * @throws Denied 'not-authorised'; Io 'helper-ended'
 */
export async function startHelper(
  start: () => ChildProcess = () =>
    spawn(PKEXEC, ['--disable-internal-agent', HELPER, 'helper'], {
      stdio: ['pipe', 'pipe', 'ignore'],
    }),
): Promise<OpenedService> {
  const child = start();
  const client = createLineClient({ send: (text) => child.stdin!.write(`${text}\n`) });
  readLines(child.stdout!, MAX_ANSWER_CHARS, (text) => client.receive(text));
  child.stdin!.on('error', () => undefined);
  const ended = new Promise<DendroError>((resolve) => {
    child.once('error', () => resolve(helperEnded()));
    child.once('exit', (code) => resolve(isRefusal(code) ? notAuthorised() : helperEnded()));
  });
  void ended.then((reason) => client.close(reason));
  // The first answer says that the password was right and the service is open.
  await client.call('service.info', {});
  return {
    service: remoteService({
      ...client,
      onClose: (listener) => void ended.then(listener),
      close: () => child.stdin!.end(),
    }),
    isDaemon: false,
    onGone: (listener) => void ended.then(listener),
  };
}

function isRefusal(code: number | null): boolean {
  return code === DISMISSED || code === NOT_AUTHORISED;
}

function notAuthorised(): DendroError {
  return denied('not-authorised', 'You were not authorised to use the drives of this computer.', {
    hint: 'Try again with the password of an administrator.',
  });
}

function helperEnded(): DendroError {
  return ioError('helper-ended', 'The helper of Dendro has ended.', {
    hint: 'Start it again: what was under way goes on where it stopped.',
  });
}
