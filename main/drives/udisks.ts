import { conflict, denied, ioError, unsupported } from '../../shared/errors.ts';
import { say } from '../../shared/said.ts';
import { BusError } from '../dbus/bus-error.ts';
import { openBus, type Bus } from '../dbus/bus.ts';
import type { Mounter } from './mounter.ts';

/** UDisks2 (its reference manual: org.freedesktop.UDisks2.*), on the system's message bus. */
const SERVICE = 'org.freedesktop.UDisks2';
const MANAGER = '/org/freedesktop/UDisks2/Manager';
const PROPERTIES = 'org.freedesktop.DBus.Properties';
const NO_DRIVE = '/';
/** Polkit may ask a person; writing back a slow stick takes its time as well. */
const PATIENCE_MS = 10 * 60_000;

/** Undefined when there is no bus or no UDisks2 on it. */
export async function openUdisks(
  connect: () => Promise<Bus> = () => openBus('system'),
): Promise<UdisksMounter | undefined> {
  const bus = await connect().catch(() => undefined);
  if (!bus) return undefined;
  if (await bus.offers(SERVICE).catch(() => false)) return new UdisksMounter(bus);
  await bus.close();
  return undefined;
}

export class UdisksMounter implements Mounter {
  readonly #bus: Bus;

  constructor(bus: Bus) {
    this.#bus = bus;
  }

  /** Whether UDisks2 knows a filesystem or LUKS on the device; it learns that from udev. */
  async knows(devicePath: string): Promise<boolean> {
    const block = await this.#block(devicePath).catch(() => undefined);
    if (block === undefined) return false;
    const usage = await this.#property(block, 'Block', 'IdUsage').catch(() => '');
    return usage === 'filesystem' || usage === 'crypto';
  }

  async mount(devicePath: string): Promise<string> {
    const block = await this.#block(devicePath);
    return (await this.#call(block, 'Filesystem', 'Mount', 'a{sv}', [{}])) as string;
  }

  async unmount(devicePath: string): Promise<void> {
    const block = await this.#block(devicePath);
    await this.#call(block, 'Filesystem', 'Unmount', 'a{sv}', [{}]);
  }

  async unlock(devicePath: string, passphrase: string): Promise<string> {
    const block = await this.#block(devicePath);
    const args = [passphrase, {}];
    try {
      const opened = await this.#call(block, 'Encrypted', 'Unlock', 'sa{sv}', args);
      return deviceText(await this.#property(opened as string, 'Block', 'Device'));
    } catch (error) {
      throw isWrongPassphrase(error) ? wrongPassphrase() : error;
    }
  }

  async lock(devicePath: string): Promise<void> {
    const block = await this.#block(devicePath);
    await this.#call(block, 'Encrypted', 'Lock', 'a{sv}', [{}]);
  }

  async powerOff(devicePath: string): Promise<boolean> {
    const block = await this.#block(devicePath);
    const drive = (await this.#property(block, 'Block', 'Drive')) as string;
    if (drive === NO_DRIVE) return false;
    if (await this.#property(drive, 'Drive', 'Ejectable')) {
      await this.#call(drive, 'Drive', 'Eject', 'a{sv}', [{}]);
      if (!(await this.#property(drive, 'Drive', 'CanPowerOff'))) return true;
    } else if (!(await this.#property(drive, 'Drive', 'CanPowerOff'))) return false;
    await this.#call(drive, 'Drive', 'PowerOff', 'a{sv}', [{}]);
    return true;
  }

  async close(): Promise<void> {
    await this.#bus.close();
  }

  async #block(devicePath: string): Promise<string> {
    const found = await this.#call(MANAGER, 'Manager', 'ResolveDevice', 'a{sv}a{sv}', [
      { path: devicePath },
      {},
    ]);
    const [first] = found as string[];
    if (first !== undefined) return first;
    throw conflict('device-gone', say`UDisks2 does not know ${{ device: devicePath }}.`, {
      hint: 'Plug the drive in again.',
      place: { device: devicePath },
    });
  }

  async #property(path: string, name: string, property: string): Promise<unknown> {
    const to = { service: SERVICE, path, interface: PROPERTIES };
    return this.#bus.call(to, 'Get', 'ss', [`${SERVICE}.${name}`, property]);
  }

  async #call(
    path: string,
    name: string,
    member: string,
    signature: string,
    args: readonly unknown[],
  ): Promise<unknown> {
    const to = { service: SERVICE, path, interface: `${SERVICE}.${name}` };
    try {
      return await this.#bus.call(to, member, signature, args, { timeoutMs: PATIENCE_MS });
    } catch (error) {
      throw typed(error, member);
    }
  }
}

/** A path as bytes that end in NUL. */
function deviceText(bytes: unknown): string {
  return Buffer.from(bytes as Uint8Array)
    .toString()
    .replace(/\0.*$/s, '');
}

/** UDisks2 gives a wrong passphrase no name of its own: libcryptsetup's EPERM comes as text. */
function isWrongPassphrase(error: unknown): boolean {
  const isFailure = error instanceof BusError && /\.Error\.Failed$/.test(error.dbusName);
  return isFailure && /passphrase|Operation not permitted/i.test(error.message);
}

export function wrongPassphrase(): Error {
  return denied('passphrase-wrong', 'The passphrase does not open the drive.', {
    hint: 'Try again; mind the keyboard layout.',
  });
}

/** The errors of the reference manual, "D-Bus API: errors". */
function typed(error: unknown, member: string): unknown {
  if (!(error instanceof BusError)) return error;
  const details = { cause: error };
  const reason = error.values['reason'] ?? error.message;
  switch (error.dbusName.replace('org.freedesktop.UDisks2.Error.', '')) {
    case 'NotAuthorized':
    case 'NotAuthorizedCanObtain':
    case 'NotAuthorizedDismissed':
      return denied('udisks-denied', say`${{ reason }}`, {
        ...details,
        hint: 'Allow it in polkit, or let the Dendro service run as root.',
      });
    case 'DeviceBusy':
      return conflict('drive-busy', say`The drive is in use: ${{ reason }}`, {
        ...details,
        hint: 'Close what has files open on it, and try again.',
      });
    case 'NotMounted':
      return conflict('drive-not-mounted', error.message, details);
    case 'OptionNotPermitted':
    case 'NotSupported':
      return unsupported('udisks-refused', say`${{ reason }}`, details);
    case 'Timedout':
      return ioError('bus-no-answer', say`${{ member }} took too long.`, details);
  }
  return error;
}
