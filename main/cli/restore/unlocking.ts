import type { Secrets } from '../../archive/folder/keys.ts';
import type { RestorePlaceInput } from '../../places/restore/restore-place.ts';
import { withSecrets, type SecretOptions } from '../archive/secrets.ts';
import { opened } from '../point-place.ts';

type Work<T> = (input: RestorePlaceInput) => Promise<T>;

/** Gives work on a place what opens it, where it is encrypted; a passphrase is asked for once. */
export function unlocking(given: SecretOptions): <T>(work: Work<T>) => Work<T> {
  let known: Secrets | undefined;
  return (work) => async (input) => {
    if (input.place.kind !== 'archive') return work(input);
    const withKeys = async (secrets: Secrets): ReturnType<typeof work> => {
      const done = await work({ ...input, place: opened(input.place, secrets) });
      known = secrets;
      return done;
    };
    return known === undefined ? withSecrets(given, withKeys) : withKeys(known);
  };
}
