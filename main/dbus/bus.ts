import { existsSync } from 'node:fs';
import type { ManagedObjects, MessageBus } from 'dbus-native';
import { unsupported } from '../../shared/errors.ts';
import { say } from '../../shared/said.ts';
import { busError } from './bus-error.ts';
import { Typed } from './typed.ts';

/** An object of a service, and the interface of it that is meant. */
export interface Target {
  readonly service: string;
  readonly path: string;
  readonly interface: string;
}

export interface CallOptions {
  /** Default 25 s, as libdbus has it; 0 waits for ever (a person is asked something). */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** A connection to a message bus (D-Bus specification, freedesktop.org). */
export interface Bus {
  /**
   * Calls a method. Values go by `signature`; where it says variant, booleans and texts go as
   * they are and all else as `Typed`. Resolves with the answer's one value, an array of several,
   * or undefined. Variants come as plain values, 64-bit numbers as bigint, byte arrays as Buffer.
   *
   * @throws BusError; `dbusName` says which
   */
  call(
    to: Target,
    member: string,
    signature?: string,
    args?: readonly unknown[],
    options?: CallOptions,
  ): Promise<unknown>;
  /** Whether the service runs or can be started by the bus. */
  offers(service: string): Promise<boolean>;
  /** Whether the service runs now. */
  runs(service: string): Promise<boolean>;
  /** All objects of a service (ObjectManager), kept up to date until closed. */
  objects(service: string, path: string): Promise<ManagedObjects>;
  /** Listens to a signal of any sender at this path; returns what ends that. */
  onSignal(
    from: Omit<Target, 'service'>,
    member: string,
    listener: (...args: unknown[]) => void,
  ): Promise<() => Promise<void>>;
  /** Runs when the connection is lost or closed. */
  onClose(listener: () => void): void;
  close(): Promise<void>;
}

export type BusKind = 'system' | 'session';
type Environment = Readonly<Record<string, string | undefined>>;

/** The address of a bus by the environment, else where it usually is; undefined when there is none. */
export function busAddress(
  kind: BusKind,
  env: Environment = process.env,
  uid: number = process.getuid?.() ?? 0,
): string | undefined {
  const named = env[kind === 'system' ? 'DBUS_SYSTEM_BUS_ADDRESS' : 'DBUS_SESSION_BUS_ADDRESS'];
  if (named) return named;
  const socket = kind === 'system' ? '/run/dbus/system_bus_socket' : `/run/user/${uid}/bus`;
  return existsSync(socket) ? `unix:path=${socket}` : undefined;
}

/** @throws Unsupported 'no-bus' when there is none; BusError when it does not let us in */
export async function openBus(where: BusKind | { readonly address: string }): Promise<Bus> {
  const address = typeof where === 'string' ? busAddress(where) : where.address;
  if (address === undefined) throw noBus(String(where));
  const { createClient, Variant } = await import('dbus-native');
  let client: MessageBus;
  try {
    client = createClient({ busAddress: address });
  } catch (error) {
    throw busError(error, 'connect to the message bus');
  }
  // Failures reach whoever waits for an answer; without a listener they would end the process.
  client.connection.on('error', () => undefined);
  client.connection.on('handlerError', () => undefined);
  await connected(client);
  return asBus(client, (value) => wrapped(value, Variant));
}

/** A failed dial, a refused handshake and a closed line all end the wait. */
async function connected(client: MessageBus): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    client.connection.on('error', reject);
    client.connection.on('close', reject);
    client.getId().then(() => resolve(), reject);
  }).catch((error: unknown) => {
    throw busError(error, 'connect to the message bus');
  });
}

function asBus(client: MessageBus, onWire: (value: unknown) => unknown): Bus {
  return {
    async call(to, member, signature = '', args = [], { timeoutMs, signal } = {}) {
      const message = {
        destination: to.service,
        path: to.path,
        interface: to.interface,
        member,
        ...(signature === '' ? {} : { signature, body: args.map(onWire) }),
      };
      const options = {
        ...(timeoutMs === undefined ? {} : { timeout: timeoutMs }),
        ...(signal === undefined ? {} : { signal }),
      };
      try {
        return (await client.invoke(message, options)) as unknown;
      } catch (error) {
        throw busError(error, `call ${member} of ${to.service}`);
      }
    },
    async offers(service) {
      const [running, startable] = await Promise.all([
        client.listNames(),
        client.listActivatableNames(),
      ]);
      return running.includes(service) || startable.includes(service);
    },
    runs: async (service) => (await client.listNames()).includes(service),
    async objects(service, path) {
      try {
        return await client.objects(service, path);
      } catch (error) {
        throw busError(error, `list the objects of ${service}`);
      }
    },
    async onSignal(from, member, listener) {
      const rule = `type='signal',path='${from.path}',interface='${from.interface}',member='${member}'`;
      const watched = await client.watch(rule);
      const key = client.mangle(from.path, from.interface, member);
      const hear = (body: unknown): void => listener(...(Array.isArray(body) ? body : []));
      client.signals.on(key, hear);
      return async () => {
        client.signals.off(key, hear);
        await watched.remove().catch(() => undefined);
      };
    },
    onClose: (listener) => void client.connection.on('close', listener),
    close: () => client.close(),
  };
}

/** Our `Typed` as the library's own, however deep. */
function wrapped(value: unknown, Variant: new (type: string, value: unknown) => unknown): unknown {
  if (value instanceof Typed) return new Variant(value.type, wrapped(value.value, Variant));
  if (Array.isArray(value)) return value.map((item) => wrapped(item, Variant));
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, wrapped(item, Variant)]),
  );
}

function noBus(kind: string): Error {
  return unsupported('no-bus', say`This computer has no ${{ kind }} message bus (D-Bus).`, {
    hint: kind === 'session' ? 'It belongs to a desktop session.' : 'Install and start dbus.',
  });
}
