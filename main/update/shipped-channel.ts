import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { corrupt } from '../../shared/errors.ts';
import { say } from '../../shared/said.ts';
import { PublicKey } from './channel-format.ts';

/** Where a build looks for newer versions of itself, and whose signature it believes. */
export const ShippedChannel = z.strictObject({
  /** Of the channel file; its packages lie beside it. https, or this computer's own http. */
  address: z.url(),
  keys: z.array(PublicKey).min(1).max(8),
});
export type ShippedChannel = z.infer<typeof ShippedChannel>;

/** The channel that whoever built the package put in; null when there is none. */
export function shippedChannel(): ShippedChannel | null {
  return readChannelFile(new URL('channel.json', import.meta.url)) ?? null;
}

/** @throws Corrupt 'channel-setting-damaged'; undefined when there is no such file */
export function readChannelFile(path: string | URL): ShippedChannel | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
  const found = ShippedChannel.safeParse(parsed(text));
  if (found.success) return found.data;
  throw corrupt(
    'channel-setting-damaged',
    say`${{ path: String(path) }} names no update channel.`,
    {
      hint: 'It holds an address and public keys, as packaging/update/channel.ts writes it.',
    },
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
