import { randomUUID } from 'node:crypto';
import { closeSync, existsSync, openSync, unlinkSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { conflict, type DendroError } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { printable } from '../../../shared/model/bytes-text.ts';
import type { CancelToken } from '../../engine/cancel.ts';
import { identitiesOf, keyFilesOf, type Secrets } from '../folder/keys.ts';
import { headerLength, KeyRing, MAX_HEADER_BYTES, passphraseKey } from '../format/age-header.ts';
import { AGE_CHUNK_SEALED, AGE_NONCE_BYTES, openChunk, payloadKey } from '../format/age-payload.ts';
import { PartsSource } from '../read/parts.ts';
import { openInput, type OpenInput } from './open-input.ts';

/** Chunks that are read and written together: 4 MiB. */
const AT_ONCE = 64;

export function isKey({ passphrase, identities = [] }: Secrets): boolean {
  return passphrase !== undefined || identities.length > 0;
}

export interface Unsealing {
  readonly secrets: Secrets;
  /** Where there is room for the plain stream meanwhile. */
  readonly folder: string;
  readonly cancel: CancelToken;
}

/**
 * Opens a stream file that age has encrypted, packed or not. Its plain bytes lie in a file without
 * a name as long as it is open: whatever ends this process, nothing is left of them. One that is
 * cut short is opened up to its last whole chunk.
 *
 * @throws Conflict 'input-locked', 'wrong-key', 'wrong-passphrase'; Corrupt 'age-header'
 */
export async function openSealed(
  files: readonly string[],
  { secrets, folder, cancel }: Unsealing,
): Promise<OpenInput> {
  const sealed = new PartsSource(files);
  const path = join(folder, `.dendro-open-${randomUUID()}`);
  try {
    const start = sealed.read(0, Math.min(MAX_HEADER_BYTES, sealed.size));
    const headerBytes = headerLength(start);
    const fileKey = await fileKeyOf(files[0]!, start.subarray(0, headerBytes), secrets);
    const fd = openSync(path, 'wx+', 0o600);
    try {
      unlinkSync(path);
      writePlain(sealed, headerBytes, fileKey, fd, cancel);
      const input = openInput([`/proc/${process.pid}/fd/${fd}`]);
      return {
        read: (target, offset, length) => input.read(target, offset, length),
        end: () => input.end(),
        close: () => {
          input.close();
          closeSync(fd);
        },
      };
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  } finally {
    sealed.close();
  }
}

/** By identities, by the passphrase of `key.age` beside it, or by its own passphrase. */
async function fileKeyOf(file: string, header: Buffer, secrets: Secrets): Promise<Buffer> {
  const keyFiles = existsSync(dirname(file)) ? keyFilesOf(dirname(file)) : [];
  const isOfPassphrase = header.includes('\n-> scrypt ');
  if (isOfPassphrase && secrets.passphrase !== undefined) {
    return passphraseKey(header, secrets.passphrase);
  }
  const identities = await identitiesOf(keyFiles, secrets);
  if (identities.length === 0) throw inputLocked(file);
  return new KeyRing(identities).fileKey(header);
}

function writePlain(
  sealed: PartsSource,
  headerBytes: number,
  fileKey: Buffer,
  fd: number,
  cancel: CancelToken,
): void {
  const payloadAt = headerBytes + AGE_NONCE_BYTES;
  if (sealed.size < payloadAt) return;
  const key = payloadKey(fileKey, sealed.read(headerBytes, AGE_NONCE_BYTES));
  const chunks = Math.ceil((sealed.size - payloadAt) / AGE_CHUNK_SEALED);
  for (let first = 0; first < chunks; first += AT_ONCE) {
    cancel.check();
    const at = payloadAt + first * AGE_CHUNK_SEALED;
    const bytes = sealed.read(at, Math.min(AT_ONCE * AGE_CHUNK_SEALED, sealed.size - at));
    for (let index = first; index < Math.min(chunks, first + AT_ONCE); index += 1) {
      const from = (index - first) * AGE_CHUNK_SEALED;
      const chunk = bytes.subarray(from, from + AGE_CHUNK_SEALED);
      const plain = opened(key, index, index === chunks - 1, chunk);
      // What is behind it may be anybody's: the stream ends here.
      if (plain === undefined) return;
      for (let done = 0; done < plain.length;) done += writeSync(fd, plain, done);
    }
  }
}

/** The last chunk of a file that was cut between two is no last one. */
function opened(key: Buffer, index: number, isLast: boolean, chunk: Buffer): Buffer | undefined {
  if (chunk.length < 16) return undefined;
  const plain = openChunk(key, index, isLast, chunk);
  return plain ?? (isLast ? openChunk(key, index, false, chunk) : undefined);
}

export function inputLocked(file: string): DendroError {
  return conflict('input-locked', say`"${{ file: printable(file) }}" is encrypted.`, {
    hint: 'Give its passphrase, or an identity file (AGE-SECRET-KEY-1...) of one of its recipients.',
    place: { path: printable(file) },
  });
}
