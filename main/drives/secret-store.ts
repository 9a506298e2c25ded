import { conflict } from '../../shared/errors.ts';
import { openBus, type Bus } from '../dbus/bus.ts';
import { Typed } from '../dbus/typed.ts';

/** Secret Service API, version 0.2 (freedesktop.org): GNOME Keyring, KWallet, KeePassXC. */
const SERVICE = 'org.freedesktop.secrets';
const ROOT = '/org/freedesktop/secrets';
const DEFAULT = '/org/freedesktop/secrets/aliases/default';
const NAME = 'org.freedesktop.Secret';
const NOTHING = '/';
/** A person may be asked to unlock the keyring. */
const PATIENCE_MS = 5 * 60_000;

/** Passphrases of drives in the keyring of the desktop session. */
export interface SecretStore {
  /** Undefined when none is kept. @throws Conflict 'keyring-locked' when the person says no */
  find(luksUuid: string): Promise<string | undefined>;
  keep(luksUuid: string, name: string, passphrase: string): Promise<void>;
  forget(luksUuid: string): Promise<void>;
  close(): Promise<void>;
}

/** Undefined where there is no desktop session, or no keyring in it. */
export async function openSecretStore(
  connect: () => Promise<Bus> = () => openBus('session'),
): Promise<SecretStore | undefined> {
  const bus = await connect().catch(() => undefined);
  if (!bus) return undefined;
  if (await bus.offers(SERVICE).catch(() => false)) return new Keyring(bus);
  await bus.close();
  return undefined;
}

class Keyring implements SecretStore {
  readonly #bus: Bus;
  #session: Promise<string> | undefined;

  constructor(bus: Bus) {
    this.#bus = bus;
  }

  async find(luksUuid: string): Promise<string | undefined> {
    const item = await this.#item(luksUuid);
    if (item === undefined) return undefined;
    const session = await this.#open();
    const secret = await this.#call(item, 'Item', 'GetSecret', 'o', [session]);
    const [, , value] = secret as [string, unknown, Uint8Array, string];
    return Buffer.from(value).toString();
  }

  async keep(luksUuid: string, name: string, passphrase: string): Promise<void> {
    await this.#unlocked([DEFAULT]);
    const properties = {
      [`${NAME}.Item.Label`]: `Dendro: ${name}`,
      [`${NAME}.Item.Attributes`]: new Typed('a{ss}', attributes(luksUuid)),
    };
    const secret = [await this.#open(), Buffer.alloc(0), Buffer.from(passphrase), 'text/plain'];
    const replace = true;
    const made = await this.#call(DEFAULT, 'Collection', 'CreateItem', 'a{sv}(oayays)b', [
      properties,
      secret,
      replace,
    ]);
    const [, prompt] = made as [string, string];
    if (prompt !== NOTHING) await this.#prompt(prompt);
  }

  async forget(luksUuid: string): Promise<void> {
    const item = await this.#item(luksUuid);
    if (item === undefined) return;
    const prompt = (await this.#call(item, 'Item', 'Delete', '', [])) as string;
    if (prompt !== NOTHING) await this.#prompt(prompt);
  }

  async close(): Promise<void> {
    await this.#bus.close();
  }

  async #item(luksUuid: string): Promise<string | undefined> {
    const found = await this.#call(ROOT, 'Service', 'SearchItems', 'a{ss}', [attributes(luksUuid)]);
    const [unlocked, locked] = found as [string[], string[]];
    if (unlocked.length > 0) return unlocked[0];
    if (locked.length === 0) return undefined;
    await this.#unlocked(locked.slice(0, 1));
    return locked[0];
  }

  async #unlocked(objects: readonly string[]): Promise<void> {
    const answer = await this.#call(ROOT, 'Service', 'Unlock', 'ao', [objects]);
    const [, prompt] = answer as [string[], string];
    if (prompt !== NOTHING) await this.#prompt(prompt);
  }

  /** Lets the keyring ask the person, and waits for the answer. */
  async #prompt(path: string): Promise<void> {
    let done: (dismissed: boolean) => void = () => undefined;
    const answered = new Promise<boolean>((resolve) => (done = resolve));
    const from = { path, interface: `${NAME}.Prompt` };
    const off = await this.#bus.onSignal(from, 'Completed', (dismissed) =>
      done(dismissed === true),
    );
    const timer = setTimeout(() => done(true), PATIENCE_MS);
    this.#bus.onClose(() => done(true));
    try {
      await this.#call(path, 'Prompt', 'Prompt', 's', ['']);
      if (await answered) throw locked();
    } finally {
      clearTimeout(timer);
      await off();
    }
  }

  /** 'plain': the bus of a session is a socket that nobody else may open. */
  #open(): Promise<string> {
    const args = ['plain', new Typed('s', '')];
    this.#session ??= this.#call(ROOT, 'Service', 'OpenSession', 'sv', args).then(
      (answer) => (answer as [unknown, string])[1],
    );
    return this.#session;
  }

  #call(
    path: string,
    name: string,
    member: string,
    signature: string,
    args: readonly unknown[],
  ): Promise<unknown> {
    const to = { service: SERVICE, path, interface: `${NAME}.${name}` };
    return this.#bus.call(to, member, signature, args);
  }
}

function attributes(luksUuid: string): Record<string, string> {
  return { 'xdg:schema': 'io.github.dendro.Drive', 'luks-uuid': luksUuid };
}

function locked(): Error {
  return conflict('keyring-locked', 'The keyring of the desktop stayed locked.', {
    hint: 'Unlock it, or type the passphrase.',
  });
}
