import { readFileSync, writeSync } from 'node:fs';
import { isatty, ReadStream } from 'node:tty';
import { openSync } from 'node:fs';
import { conflict, DendroError, usage } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { bytesFromText, printable } from '../../../shared/model/bytes-text.ts';
import type { Secrets } from '../../archive/folder/keys.ts';
import type { Options } from '../options.ts';

export const secretOptions = {
  identity: {
    type: 'string',
    short: 'i',
    value: 'FILE',
    multiple: true,
    help: 'a file with an age identity (AGE-SECRET-KEY-1...), for an encrypted archive',
  },
  'passphrase-file': {
    type: 'string',
    value: 'FILE',
    help: 'the passphrase of an encrypted archive is the first line of FILE; - is stdin',
  },
} as const;
export type SecretOptions = Options<typeof secretOptions>;

/** Errors that say that a key is missing: of an archive, of a loose stream file. */
const LOCKED = ['archive-encrypted', 'input-locked'];
const STDIN = 0;
const ENTER = [0x0a, 0x0d];
const CTRL_C = 0x03;
const BACKSPACE = 0x7f;

/** What was given on the command line or in DENDRO_PASSPHRASE; nothing is asked for. */
export function givenSecrets(given: SecretOptions): Secrets {
  const identities = (given.identity ?? []).map(identityIn);
  const file = given['passphrase-file'];
  const passphrase = file === undefined ? process.env['DENDRO_PASSPHRASE'] : firstLine(file);
  return { identities, ...(passphrase !== undefined && { passphrase }) };
}

/** Runs it with what was given; when a passphrase is missing and there is a terminal, asks for it. */
export async function withSecrets<T>(
  given: SecretOptions,
  use: (secrets: Secrets) => Promise<T>,
): Promise<T> {
  const secrets = givenSecrets(given);
  try {
    return await use(secrets);
  } catch (error) {
    const isLocked = error instanceof DendroError && LOCKED.includes(error.code);
    if (!isLocked || !isatty(STDIN)) throw error;
    return await use({
      ...secrets,
      passphrase: await askPassphrase('Passphrase: '),
    });
  }
}

/** Asked twice. @throws Conflict 'passphrases-differ' */
export async function newPassphrase(given: SecretOptions): Promise<string> {
  const { passphrase } = givenSecrets(given);
  if (passphrase !== undefined) return nonEmpty(passphrase);
  if (!isatty(STDIN)) {
    throw usage('no-passphrase', 'There is no terminal to ask for a passphrase.', {
      hint: 'Give it with --passphrase-file, or in DENDRO_PASSPHRASE.',
    });
  }
  const first = await askPassphrase('New passphrase: ');
  if (first === (await askPassphrase('The same again: '))) return nonEmpty(first);
  throw conflict('passphrases-differ', 'The two passphrases are not the same.', {
    hint: 'Try again.',
  });
}

function nonEmpty(passphrase: string): string {
  if (passphrase !== '') return passphrase;
  throw usage('no-passphrase', 'The passphrase is empty.');
}

/** From the terminal, without showing it. */
async function askPassphrase(question: string): Promise<string> {
  const fd = openSync('/dev/tty', 'r+');
  writeSync(fd, question);
  const terminal = new ReadStream(fd);
  terminal.setRawMode(true);
  try {
    return await typedLine(terminal);
  } finally {
    terminal.setRawMode(false);
    writeSync(fd, '\n');
    terminal.destroy();
  }
}

function typedLine(terminal: ReadStream): Promise<string> {
  const bytes: number[] = [];
  return new Promise((resolve, reject) => {
    terminal.on('error', reject);
    terminal.on('data', (data: Buffer) => {
      for (const byte of data) {
        if (ENTER.includes(byte)) return resolve(Buffer.from(bytes).toString());
        if (byte === CTRL_C) return reject(new DendroError('Cancelled', 'cancelled', 'Cancelled.'));
        if (byte === BACKSPACE) bytes.pop();
        else bytes.push(byte);
      }
    });
  });
}

/** @throws Usage 'bad-option' when no line of the file is an identity. */
function identityIn(file: string): string {
  const text = read(file);
  if (/^\s*AGE-SECRET-KEY-1/im.test(text)) return text;
  throw usage('bad-option', `"${printable(file)}" holds no age identity.`, {
    hint: 'It has a line AGE-SECRET-KEY-1..., as age-keygen makes it. A passphrase goes into --passphrase-file.',
  });
}

function firstLine(file: string): string {
  const text = file === '-' ? readFileSync(STDIN, 'utf8') : read(file);
  return text.split(/\r?\n/)[0]!;
}

function read(file: string): string {
  try {
    return readFileSync(Buffer.from(bytesFromText(file)), 'utf8');
  } catch (cause) {
    throw conflict('not-found', say`"${{ path: printable(file) }}" cannot be read.`, {
      hint: 'See whether it exists, and whether you may read it.',
      place: { path: printable(file) },
      cause,
    });
  }
}
