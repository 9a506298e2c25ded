import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { conflict, DendroError, usage } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { printable, textFromBytes } from '../../../shared/model/bytes-text.ts';
import { checksumText } from '../format/checksums.ts';
import {
  ARCHIVE_FORMAT,
  FORMAT_VERSION,
  type Manifest,
  type SourceRecord,
} from '../format/manifest.ts';
import {
  hasArchive,
  openArchive,
  putDamagedAside,
  saveArchive,
  type Archive,
} from '../folder/archive.ts';
import { readManifest } from '../folder/documents.ts';
import { isFull, readText } from '../folder/durable.ts';
import { makeEncryption, spreadKeyFile, type EncryptionRequest } from '../folder/keys.ts';
import {
  baseName,
  baseOf,
  CHECKSUMS,
  freeName,
  KEY_FILE,
  RESUME_SUFFIX,
  SOURCE_FILE,
} from '../folder/names.ts';
import { assertStillThere, assertWritable, lockArchive } from '../folder/lock.ts';
import { isTemporary, removeTemporaryFiles } from '../folder/temporary.ts';
import { removeUnfinished, unfinishedIn } from '../write/unfinished.ts';
import { headerFor } from '../write/point-writer.ts';

/** What systems put on a drive of their own accord, in lower case; names with a dot beside. */
const OF_SYSTEMS = new Set([
  ...['lost+found', 'lost.dir', 'found.000', 'system volume information', '$recycle.bin'],
  ...['recycler', 'desktop.ini', 'thumbs.db', 'autorun.inf'],
]);

/** An archive that only this process writes to, until `close`. */
export interface WritableArchive extends Archive {
  readonly manifest: Manifest;
  close(): void;
}

/**
 * Opens an archive to write to it; where the folder is empty, or not there, it is made.
 * @param isRescue there are stream files, but nothing that describes them.
 * @throws Conflict 'archive-in-use', 'folder-not-empty', 'encryption-differs'; Denied
 */
export async function openToWrite(
  folder: string,
  nowMs: number,
  encryption?: EncryptionRequest,
  isRescue = false,
): Promise<WritableArchive> {
  if (!folder.startsWith('/'))
    throw usage('not-absolute', 'The folder of an archive is an absolute path.');
  // Before anything is made: an archive with a recipient that is none would be of no use.
  await headerFor(encryption?.recipients ?? []);
  const isNew = !hasArchive(folder);
  if (isNew && !isRescue) assertMayBegin(folder);
  const lock = lockArchive(folder);
  try {
    removeTemporaryFiles(folder);
    if (isRescue && hasArchive(folder)) putDamagedAside(folder);
    // Another process may have been faster.
    if (!hasArchive(folder)) saveArchive(folder, await begun(folder, nowMs, encryption));
    const archive = openArchive(folder);
    if (!isRescue) bringUpToDate(archive);
    if (!isNew && !isRescue) assertSameEncryption(archive.manifest, encryption);
    return { ...archive, close: () => lock.release() };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Opens one that is there, to change it. */
export function openToChange(folder: string): WritableArchive {
  openArchive(folder);
  const lock = lockArchive(folder);
  try {
    removeTemporaryFiles(folder);
    const archive = openArchive(folder);
    bringUpToDate(archive);
    return { ...archive, close: () => lock.release() };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/**
 * Brings to its end what was killed behind a record: the manifest says what the records say, and
 * what was replaced goes. A manifest that is lost or damaged is left to what changes the archive, or makes it again.
 */
function bringUpToDate({ folder, manifest }: Archive): void {
  try {
    const listed = readManifest(folder);
    const isStale =
      !isDeepStrictEqual(listed, manifest) ||
      readText(join(folder, CHECKSUMS)) !== checksumText(manifest);
    if (listed !== undefined && isStale) saveArchive(folder, manifest);
    for (const source of manifest.sources) endNotes(folder, source);
  } catch (error) {
    // Whoever makes room on a full drive needs none for this.
    const isDamaged = error instanceof DendroError && error.code === 'manifest-damaged';
    if (!isDamaged && !isFull(error)) throw error;
  }
}

/** Of points that came to be listed, or were to go: what goes with that, and then the note. */
function endNotes(folder: string, source: SourceRecord): void {
  const inside = join(folder, source.folder);
  const bases = new Set(source.points.map(({ parts }) => baseOf(parts[0]!.file)));
  for (const { base, replaces } of unfinishedIn(inside)) {
    const isRemoval = replaces.some((file) => baseOf(file) === base);
    if (bases.has(base) || isRemoval) removeUnfinished(folder, inside, base);
  }
}

/**
 * The source with this uuid, or of this folder when it has none. A new one is in the manifest
 * before anything is written into its folder: an interrupted export finds its own again.
 */
export function sourceFor(
  { folder, manifest }: Archive,
  uuid: string | null,
  title: Uint8Array,
): SourceRecord {
  const known = manifest.sources.find((one) => uuid !== null && one.uuid === uuid);
  if (known !== undefined) return known;
  const text = textFromBytes(title);
  const base = baseName(title.length === 0 ? Buffer.from('root') : lastPart(title));
  const used = readdirSync(folder).filter((name) => !isFreeFolder(join(folder, name)));
  const listed = manifest.sources.map((one) => one.folder);
  const taken = new Set([...used, ...listed].map((name) => name.toLowerCase()));
  const name = freeName(base, (one) => taken.has(one.toLowerCase()));
  const source: SourceRecord = { folder: name, title: text, uuid, purged: [], points: [] };
  assertStillThere(folder);
  mkdirSync(join(folder, name), { recursive: true });
  manifest.sources.push(source);
  spreadKeyFile(folder, manifest);
  saveArchive(folder, manifest);
  return source;
}

/** A name for the files of a new point that nothing in the source's folder has. */
export function freeBase(inside: string, name: Uint8Array): string {
  const taken = readdirSync(inside).map((file) => file.toLowerCase());
  const base = baseName(name.length === 0 ? Buffer.from('root') : lastPart(name));
  return freeName(base, (one) =>
    taken.some(
      (file) =>
        file.startsWith(`${one.toLowerCase()}.`) || file === `${one.toLowerCase()}${RESUME_SUFFIX}`,
    ),
  );
}

/** Such as a process leaves that was killed before the manifest had its source. */
function isFreeFolder(path: string): boolean {
  try {
    return readdirSync(path).every((name) => name === SOURCE_FILE);
  } catch {
    return false;
  }
}

function lastPart(path: Uint8Array): Uint8Array {
  return path.subarray(path.lastIndexOf(0x2f) + 1);
}

async function begun(
  folder: string,
  nowMs: number,
  encryption: EncryptionRequest | undefined,
): Promise<Manifest> {
  return {
    format: ARCHIVE_FORMAT,
    version: FORMAT_VERSION,
    archiveId: randomUUID(),
    createdAtMs: nowMs,
    encryption: await makeEncryption(folder, encryption ?? {}),
    sources: [],
  };
}

function assertMayBegin(folder: string): void {
  if (!existsSync(folder)) {
    makeFolder(folder);
    return;
  }
  const others = readdirSync(folder).filter(
    (name) => !name.startsWith('.') && name !== KEY_FILE && !isTemporary(name),
  );
  if (others.every((name) => OF_SYSTEMS.has(name.toLowerCase()))) return;
  throw conflict(
    'folder-not-empty',
    say`"${{ folder: printable(folder) }}" holds other things and no archive.`,
    {
      hint: 'Name an empty folder, or one that does not exist yet.',
      place: { path: printable(folder) },
    },
  );
}

/** With those above it. `recursive` of Node says ENOENT for a filesystem that is read-only. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  try {
    mkdirSync(folder);
  } catch (error) {
    assertWritable(folder, error);
    throw error;
  }
}

/** Every file of an archive is encrypted the same way; to change it, begin another. */
function assertSameEncryption(manifest: Manifest, request: EncryptionRequest | undefined): void {
  const wanted = request?.recipients ?? [];
  const known = manifest.encryption?.recipients ?? [];
  const isNew = wanted.some((recipient) => !known.includes(recipient));
  const isPassphraseNew =
    request?.passphrase !== undefined && (manifest.encryption?.keyFile ?? null) === null;
  if (!isNew && !isPassphraseNew) return;
  throw conflict('encryption-differs', 'The archive was begun with another encryption.', {
    hint: 'Leave recipients and passphrase out, or begin an archive in another folder.',
  });
}
