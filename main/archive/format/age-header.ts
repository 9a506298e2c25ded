import type { Decrypter as AgeDecrypter } from 'age-encryption';
import { conflict, corrupt, DendroError, usage } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';

const MAC_LINE = Buffer.from('\n--- ');
const LINE_END = 0x0a;
/** More than a header with hundreds of recipients has. */
export const MAX_HEADER_BYTES = 256 * 1024;
const INTRO = 'age-encryption.org/v1\n';

export interface AgeHeader {
  /** As it stands at the start of the file. */
  readonly bytes: Buffer;
  readonly fileKey: Buffer;
}

/** A fresh file key, wrapped for each recipient (`age1...`). @throws Usage 'bad-recipient' */
export async function makeHeader(recipients: readonly string[]): Promise<AgeHeader> {
  const { Encrypter } = await import('age-encryption');
  const encrypter = new Encrypter();
  let fileKey = Buffer.alloc(0);
  const capture = (key: Uint8Array): [] => {
    fileKey = Buffer.from(key);
    return [];
  };
  try {
    encrypter.addRecipient({ wrapFileKey: capture });
    for (const recipient of recipients) encrypter.addRecipient(recipient);
    const file = Buffer.from(await encrypter.encrypt(new Uint8Array(0)));
    return { bytes: file.subarray(0, headerLength(file)), fileKey };
  } catch (cause) {
    throw usage(
      'bad-recipient',
      say`This is no recipient of age: ${{ reason: String((cause as Error).message) }}.`,
      {
        hint: 'A recipient is a line that begins with age1, as age-keygen prints it.',
        cause,
      },
    );
  }
}

/** Bytes of the header, with its last line end. @throws Corrupt 'age-header' */
export function headerLength(start: Buffer): number {
  const mac =
    start.subarray(0, INTRO.length).toString('latin1') === INTRO ? start.indexOf(MAC_LINE) : -1;
  const end = mac < 0 ? -1 : start.indexOf(LINE_END, mac + 1);
  if (end >= 0) return end + 1;
  throw corrupt('age-header', 'The head of an encrypted file is damaged.', {
    hint: 'This file cannot be opened without it; another copy of it is needed.',
  });
}

/** What opens encrypted files: identities of age (`AGE-SECRET-KEY-1...`). */
export class KeyRing {
  readonly #identities: readonly string[];

  constructor(identities: readonly string[]) {
    this.#identities = identities;
  }

  get isEmpty(): boolean {
    return this.#identities.length === 0;
  }

  /** @throws Conflict 'wrong-key' */
  async fileKey(header: Buffer): Promise<Buffer> {
    const { Decrypter } = await import('age-encryption');
    const decrypter: AgeDecrypter = new Decrypter();
    try {
      for (const identity of this.#identities) decrypter.addIdentity(identity);
      return Buffer.from(await decrypter.decryptHeader(header));
    } catch (cause) {
      throw wrongKey(cause);
    }
  }
}

/** A new identity and its recipient. */
export async function makeIdentity(): Promise<{ identity: string; recipient: string }> {
  const age = await import('age-encryption');
  const identity = await age.generateX25519Identity();
  return { identity, recipient: await age.identityToRecipient(identity) };
}

export async function recipientOf(identity: string): Promise<string> {
  const { identityToRecipient } = await import('age-encryption');
  return identityToRecipient(identity);
}

/** A small text as an age file under a passphrase: what `age -p` makes. */
export async function sealText(text: string, passphrase: string, workFactor = 18): Promise<Buffer> {
  const { Encrypter } = await import('age-encryption');
  const encrypter = new Encrypter();
  encrypter.setPassphrase(passphrase);
  encrypter.setScryptWorkFactor(workFactor);
  return Buffer.from(await encrypter.encrypt(text));
}

/** The file key of what `age -p` has encrypted. @throws Conflict 'wrong-passphrase' */
export async function passphraseKey(header: Buffer, passphrase: string): Promise<Buffer> {
  const { Decrypter } = await import('age-encryption');
  const decrypter = new Decrypter();
  decrypter.addPassphrase(passphrase);
  try {
    return Buffer.from(await decrypter.decryptHeader(header));
  } catch (cause) {
    throw wrongPassphrase('file', cause);
  }
}

/** @throws Conflict 'wrong-passphrase', Corrupt 'age-header' */
export async function openText(file: Buffer, passphrase: string): Promise<string> {
  headerLength(file);
  const { Decrypter } = await import('age-encryption');
  const decrypter = new Decrypter();
  decrypter.addPassphrase(passphrase);
  try {
    return await decrypter.decrypt(file, 'text');
  } catch (cause) {
    throw wrongPassphrase('archive', cause);
  }
}

function wrongPassphrase(what: string, cause: unknown): Error {
  return conflict('wrong-passphrase', say`This is not the passphrase of the ${{ what }}.`, {
    hint: say`Nothing was changed; try again. Without it the ${{ what }} cannot be read.`,
    cause,
  });
}

function wrongKey(cause: unknown): Error {
  if (cause instanceof DendroError) return cause;
  return conflict('wrong-key', 'None of the given keys opens this encrypted file.', {
    hint: 'Give the identity file of one of its recipients, or the passphrase of the archive.',
    cause,
  });
}
