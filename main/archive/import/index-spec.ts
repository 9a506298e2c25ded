import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Archive } from '../folder/archive.ts';
import { AGE_SUFFIX, INDEX_SUFFIX } from '../folder/names.ts';
import { makeHeader } from '../format/age-header.ts';
import { AGE_NONCE_BYTES } from '../format/age-payload.ts';
import type { SourceRecord } from '../format/manifest.ts';
import type { OutputSpec } from '../write/pack-output.ts';

/** Where the index of a stream file goes, encrypted as the stream is. */
export async function indexSpec(
  { folder, manifest }: Archive,
  source: SourceRecord,
  base: string,
  isEncrypted: boolean,
): Promise<OutputSpec> {
  const path = join(
    folder,
    source.folder,
    `${base}${INDEX_SUFFIX}${isEncrypted ? AGE_SUFFIX : ''}`,
  );
  const partBytes = Number.MAX_SAFE_INTEGER;
  if (!isEncrypted) return { path, partBytes, age: null, keep: [] };
  const { bytes, fileKey } = await makeHeader(manifest.encryption?.recipients ?? []);
  return {
    path,
    partBytes,
    age: { header: bytes, fileKey, nonce: randomBytes(AGE_NONCE_BYTES) },
    keep: [],
  };
}
