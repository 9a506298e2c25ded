import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { conflict, DendroError } from '../../../shared/errors.ts';
import {
  headerLength,
  KeyRing,
  makeIdentity,
  MAX_HEADER_BYTES,
  openText,
  recipientOf,
  sealText,
} from '../format/age-header.ts';
import type { Encryption, Manifest } from '../format/manifest.ts';
import { PartsSource } from '../read/parts.ts';
import { writeDurably } from './durable.ts';
import { readSmallFile } from './open-file.ts';
import { KEY_FILE } from './names.ts';

/** What a person gives to open an encrypted archive; never written down, never logged. */
export interface Secrets {
  readonly passphrase?: string | undefined;
  /** Lines of an age identity file: `AGE-SECRET-KEY-1...`. */
  readonly identities?: readonly string[] | undefined;
}

/** How a new archive is encrypted. */
export interface EncryptionRequest {
  /** `age1...`; they can open it with their own identities. */
  readonly recipients?: readonly string[] | undefined;
  /** Opens a key that is made for the archive. */
  readonly passphrase?: string | undefined;
  /** Of scrypt, as a power of two; 18 is what age takes. */
  readonly workFactor?: number | undefined;
}

/**
 * The key of a new archive. A passphrase does not encrypt the streams itself: it opens an age
 * identity in `key.age`, so that a backup at night needs no passphrase, opening takes one slow
 * derivation for all files, and `age -d -i key.age FILE` works with the stock tool.
 */
export async function makeEncryption(
  folder: string,
  { recipients = [], passphrase, workFactor }: EncryptionRequest,
): Promise<Encryption | null> {
  if (passphrase === undefined) {
    return recipients.length === 0 ? null : { recipients: [...recipients], keyFile: null };
  }
  const { identity, recipient } = await makeIdentity();
  const text = `# public key: ${recipient}\n${identity}\n`;
  writeDurably(join(folder, KEY_FILE), await sealText(text, passphrase, workFactor));
  return { recipients: [recipient, ...recipients], keyFile: KEY_FILE };
}

/** The identities that open this archive; none when it is not encrypted. @throws Conflict */
export async function openKeys(
  folder: string,
  { encryption }: Manifest,
  secrets: Secrets,
): Promise<KeyRing> {
  if (encryption === null) return new KeyRing([]);
  const files = keyFilesOf(folder);
  const identities = await identitiesOf(files, secrets);
  if (identities.length === 0) throw locked(files.length > 0);
  return new KeyRing(identities);
}

/**
 * What encrypts further files, worked out from the keys that open some of those that are there: what
 * came after would be sealed for whoever gave another one.
 * @param sealed paths of encrypted files
 * @throws Conflict 'archive-encrypted', 'wrong-key'
 */
export async function recoverEncryption(
  folder: string,
  secrets: Secrets,
  sealed: readonly string[],
): Promise<Encryption> {
  const files = keyFilesOf(folder);
  const identities = await identitiesOf(files, secrets);
  if (identities.length === 0) throw locked(files.length > 0);
  const recipients: string[] = [];
  let failure: unknown;
  for (const identity of identities) {
    try {
      await assertOpensOne(new KeyRing([identity]), sealed);
      recipients.push(await recipientOf(identity));
    } catch (error) {
      failure = error;
    }
  }
  if (recipients.length === 0) throw failure;
  return { recipients, keyFile: files.length === 0 ? null : KEY_FILE };
}

/** @throws what the last one says, when it opens none */
async function assertOpensOne(keys: KeyRing, sealed: readonly string[]): Promise<void> {
  let failure: unknown;
  for (const path of sealed) {
    let parts: PartsSource | undefined;
    try {
      parts = new PartsSource([path]);
      const start = parts.read(0, Math.min(MAX_HEADER_BYTES, parts.size));
      await keys.fileKey(start.subarray(0, headerLength(start)));
      return;
    } catch (error) {
      // A wrong key says more than a damaged file, or one that is a further part.
      if ((failure as DendroError | undefined)?.code !== 'wrong-key') failure = error;
    } finally {
      parts?.close();
    }
  }
  throw failure;
}

/**
 * Identities that were given, and those that the passphrase opens. A key file may be damaged, or
 * of another archive that the same passphrase opens: then a copy is right.
 * @throws what the first one says, when the passphrase opens none
 */
export async function identitiesOf(files: readonly string[], secrets: Secrets): Promise<string[]> {
  const identities = (secrets.identities ?? []).flatMap(identityLines);
  const { passphrase } = secrets;
  if (passphrase === undefined) return identities;
  const failures: unknown[] = [];
  for (const [file] of alikeOf(files).slice(0, MOST_KEY_FILES)) {
    try {
      identities.push(...identityLines(await openText(keyBytes(file), passphrase)));
    } catch (error) {
      failures.push(error);
    }
  }
  if (identities.length === 0 && failures.length > 0) throw failures[0];
  return identities;
}

/** Each takes a slow derivation; copies that are alike count as one. */
const MOST_KEY_FILES = 8;

/** Those with the same content together; one that cannot be read is alone. */
export function alikeOf(files: readonly string[]): readonly (readonly [string, ...string[]])[] {
  const alike = new Map<string, [string, ...string[]]>();
  for (const file of files) {
    const content = contentOf(file);
    const others = alike.get(content);
    if (others === undefined) alike.set(content, [file]);
    else others.push(file);
  }
  return [...alike.values()];
}

function contentOf(file: string): string {
  try {
    return keyBytes(file).toString('latin1');
  } catch (error) {
    if (!(error instanceof DendroError)) throw error;
    return `unreadable ${file}`;
  }
}

/** `key.age` at the top, and its copies beside the streams. */
export function keyFilesOf(folder: string): string[] {
  const places = ['', ...folders(folder)];
  return places.map((place) => join(folder, place, KEY_FILE)).filter((path) => existsSync(path));
}

/** A copy in each source's folder: it must not be lost. */
export function spreadKeyFile(folder: string, manifest: Manifest): void {
  const file = (manifest.encryption?.keyFile ?? null) === null ? undefined : keyFilesOf(folder)[0];
  if (file === undefined) return;
  const bytes = keyBytes(file);
  for (const place of ['', ...manifest.sources.map((source) => source.folder)]) {
    const path = join(folder, place, KEY_FILE);
    if (!existsSync(path)) writeDurably(path, bytes);
  }
}

function keyBytes(file: string): Buffer {
  return readSmallFile(file) ?? Buffer.alloc(0);
}

function identityLines(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.startsWith('AGE-SECRET-KEY-'));
}

function folders(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
}

function locked(hasKeyFile: boolean): DendroError {
  return conflict('archive-encrypted', 'The archive is encrypted.', {
    hint: hasKeyFile
      ? 'Give its passphrase (--passphrase-file FILE), or an identity file of one of its recipients (-i FILE).'
      : 'Give the identity file (AGE-SECRET-KEY-1...) of one of its recipients: -i FILE',
  });
}
