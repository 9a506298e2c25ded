import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { conflict, type DendroError } from '../../../shared/errors.ts';
import { KeyRing, makeIdentity, openText, recipientOf, sealText } from '../format/age-header.ts';
import type { Encryption, Manifest } from '../format/manifest.ts';
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
  const file = keyFileOf(folder);
  const identities = await identitiesOf(file, secrets);
  if (identities.length === 0) throw locked(file !== undefined);
  return new KeyRing(identities);
}

/** What encrypts further files, worked out from the keys that open those that are there. */
export async function recoverEncryption(folder: string, secrets: Secrets): Promise<Encryption> {
  const file = keyFileOf(folder);
  const identities = await identitiesOf(file, secrets);
  if (identities.length === 0) throw locked(file !== undefined);
  const recipients = await Promise.all(identities.map(recipientOf));
  return { recipients, keyFile: file === undefined ? null : KEY_FILE };
}

/** Identities that were given, and the one that the passphrase opens. */
export async function identitiesOf(file: string | undefined, secrets: Secrets): Promise<string[]> {
  const identities = (secrets.identities ?? []).flatMap(identityLines);
  if (secrets.passphrase !== undefined && file !== undefined) {
    identities.push(...identityLines(await openText(keyBytes(file), secrets.passphrase)));
  }
  return identities;
}

/** `key.age` at the top, or one of its copies beside the streams. */
export function keyFileOf(folder: string): string | undefined {
  const places = ['', ...folders(folder)];
  return places.map((place) => join(folder, place, KEY_FILE)).find((path) => existsSync(path));
}

/** A copy in each source's folder: it must not be lost. */
export function spreadKeyFile(folder: string, manifest: Manifest): void {
  const file = (manifest.encryption?.keyFile ?? null) === null ? undefined : keyFileOf(folder);
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
