import { useSyncExternalStore } from 'react';
import type { CallInput } from '../../shared/contract/calls.ts';
import type { CopyRef } from '../../shared/model/place.ts';
import type { SubvolumeRef } from '../../shared/model/subvolume.ts';

export type Secrets = NonNullable<CopyRef['secrets']>;
/** By the id of an archive's place. */
export type Keys = ReadonlyMap<string, Secrets>;

/** What a person gave to open encrypted archives: in the memory of this page, until it is closed. */
let keys: Keys = new Map();
const listeners = new Set<() => void>();

export function useKeys(): Keys {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => keys,
  );
}

/** @param text a passphrase, or the secret line of an age identity. */
export function secretsFrom(text: string): Secrets | undefined {
  if (text === '') return undefined;
  const isIdentity = /^\s*AGE-SECRET-KEY-/i.test(text);
  return isIdentity ? { identities: [text.trim().toUpperCase()] } : { passphrase: text };
}

export function giveKey(volumeId: string, text: string): void {
  const secrets = secretsFrom(text);
  if (secrets === undefined) return;
  keys = new Map([...keys, [volumeId, secrets]]);
  for (const listener of listeners) listener();
}

/** A copy as calls take it, with what opens it where that was given. */
export function withKey({ volumeId, subvolumeId }: SubvolumeRef, known: Keys): CopyRef {
  const secrets = known.get(volumeId);
  return secrets === undefined ? { volumeId, subvolumeId } : { volumeId, subvolumeId, secrets };
}

/** All of them, for a call that may look into several archives. */
export function allKeys(known: Keys): NonNullable<CallInput<'file.versions'>['keys']> {
  return [...known].map(([volumeId, secrets]) => ({ volumeId, secrets }));
}
