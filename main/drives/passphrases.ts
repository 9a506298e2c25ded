import type { DriveHistory } from '../history/drives.ts';
import type { FoundDrive } from './found-drives.ts';
import { openSecretStore, type SecretStore } from './secret-store.ts';

/** The passphrases of encrypted drives, in the keyring of the desktop where a person wants that. */
export class Passphrases {
  readonly #history: DriveHistory;
  readonly #secrets: () => Promise<SecretStore | undefined>;

  constructor(
    history: DriveHistory,
    secrets: () => Promise<SecretStore | undefined> = () => openSecretStore(),
  ) {
    this.#history = history;
    this.#secrets = secrets;
  }

  /** The one that was just typed, else the one that is kept; undefined when there is neither. */
  async of({ luks }: FoundDrive, given: string | undefined): Promise<string | undefined> {
    if (given !== undefined || luks === null) return given;
    const record = this.#history.list().find(({ luksUuid }) => luksUuid === luks.uuid);
    if (record?.passphrase !== 'keyring') return undefined;
    let kept: string | undefined;
    await this.#with(async (secrets) => {
      kept = await secrets.find(luks.uuid);
    });
    return kept;
  }

  /** False when there is no keyring. */
  keep(luksUuid: string, name: string, passphrase: string): Promise<boolean> {
    return this.#with((secrets) => secrets.keep(luksUuid, name, passphrase));
  }

  forget(luksUuid: string): Promise<boolean> {
    return this.#with((secrets) => secrets.forget(luksUuid));
  }

  async #with(use: (secrets: SecretStore) => Promise<void>): Promise<boolean> {
    const secrets = await this.#secrets();
    if (!secrets) return false;
    try {
      await use(secrets);
      return true;
    } finally {
      await secrets.close();
    }
  }
}
