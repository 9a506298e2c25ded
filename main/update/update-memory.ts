import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { ChannelBody, PublicKey } from './channel-format.ts';
import { makeFolders } from '../linux/make-folders.ts';

/** What is remembered between two looks at the channel. */
const Memory = z.object({
  /** Keys of the package that the rest was learned with: a newer package begins anew. */
  shippedKeys: z.array(PublicKey),
  /** Keys of the channel accepted last: these sign the next one. */
  keys: z.array(PublicKey).min(1),
  serial: z.int(),
  issuedAtMs: z.int(),
  sha512: z.string(),
  lookedAtMs: z.int(),
  body: ChannelBody,
});
export type UpdateMemory = z.infer<typeof Memory>;

/** Null when there is none, when it cannot be read, or when it is of a package with other keys. */
export function readMemory(path: string, shippedKeys: readonly string[]): UpdateMemory | null {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
  const memory = Memory.safeParse(value).data;
  if (!memory) return null;
  const isSame = JSON.stringify(memory.shippedKeys) === JSON.stringify(shippedKeys);
  return isSame ? memory : null;
}

/** In one step: killed in the middle, what was there stays. */
export function writeMemory(path: string, memory: UpdateMemory): void {
  makeFolders(dirname(path), 0o700);
  const beside = `${path}.${process.pid}.new`;
  writeFileSync(beside, JSON.stringify(memory), { mode: 0o600, flush: true });
  renameSync(beside, path);
}
