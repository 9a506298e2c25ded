import { createClient, defineInterface, type MessageBus } from 'dbus-native';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BusError } from '../../main/dbus/bus-error.ts';
import { busAddress, openBus, type Bus } from '../../main/dbus/bus.ts';
import { Typed } from '../../main/dbus/typed.ts';
import { startMessageBus, type TestMessageBus } from '../harness/message-bus.ts';

let daemon: TestMessageBus;
let peer: MessageBus;
let bus: Bus;
const target = { service: 'org.example.Peer', path: '/org/example', interface: 'org.example.Peer' };

beforeAll(async () => {
  daemon = await startMessageBus();
  peer = createClient({ busAddress: daemon.address });
  const definition = defineInterface({
    name: target.interface,
    methods: {
      Add: { in: { a: 'u', b: 'u' }, out: { sum: 'u' }, handler: ({ a, b }) => a + b },
      Both: { in: {}, out: { one: 's', two: 's' }, handler: () => ({ one: 'x', two: 'y' }) },
      Echo: { in: { v: 'a{sv}' }, out: { v: 'a{sv}' }, handler: ({ v }) => v },
      Never: { in: {}, out: {}, handler: () => new Promise(() => undefined) },
      Refuse: {
        in: {},
        out: {},
        handler: () => {
          throw Object.assign(new Error('no'), {
            dbusName: 'org.freedesktop.DBus.Error.AccessDenied',
          });
        },
      },
    },
    signals: { Happened: { args: { what: 's' } } },
  });
  await peer.export(target.path, definition);
  await peer.ownName(target.service);
  bus = await openBus({ address: daemon.address });
});
afterAll(async () => {
  await bus?.close();
  await peer?.close();
  await daemon?.close();
});

describe('a message bus', () => {
  it('carries calls with one value, several, and none', async () => {
    expect(await bus.call(target, 'Add', 'uu', [2, 3])).toBe(5);
    expect(await bus.call(target, 'Both')).toEqual(['x', 'y']);
  });

  it('carries variants both ways as plain values', async () => {
    const options = { force: true, name: 'x', urgency: new Typed('y', 2) };
    expect(await bus.call(target, 'Echo', 'a{sv}', [options])).toEqual({
      force: true,
      name: 'x',
      urgency: 2,
    });
    const bytes = { key: new Typed('ay', Buffer.from([0, 255])) };
    expect(await bus.call(target, 'Echo', 'a{sv}', [bytes])).toEqual({
      key: Buffer.from([0, 255]),
    });
  });

  it('knows who is there', async () => {
    expect(await bus.offers(target.service)).toBe(true);
    expect(await bus.offers('org.example.Nobody')).toBe(false);
  });

  it('hears signals until it is told to stop', async () => {
    const heard: unknown[][] = [];
    const next = (): Promise<void> => new Promise((resolve) => void waiting.push(resolve));
    const waiting: (() => void)[] = [];
    const off = await bus.onSignal(target, 'Happened', (...args) => {
      heard.push(args);
      waiting.shift()?.();
    });
    const arrived = next();
    peer.sendSignal(target.path, target.interface, 'Happened', 's', ['rain']);
    await arrived;
    await off();
    peer.sendSignal(target.path, target.interface, 'Happened', 's', ['snow']);
    await bus.call(target, 'Add', 'uu', [1, 1]);
    expect(heard).toEqual([['rain']]);
  });

  it('says in types what went wrong', async () => {
    const failed = (call: Promise<unknown>): Promise<BusError> =>
      call.then(
        () => expect.unreachable(),
        (error: BusError) => error,
      );
    const refused = await failed(bus.call(target, 'Refuse'));
    expect(refused).toBeInstanceOf(BusError);
    expect(refused).toMatchObject({ kind: 'Denied', code: 'bus-denied' });
    expect(refused.dbusName).toBe('org.freedesktop.DBus.Error.AccessDenied');
    const nobody = { ...target, service: 'org.example.Nobody' };
    expect(await failed(bus.call(nobody, 'Add'))).toMatchObject({ code: 'bus-service-missing' });
    expect(await failed(bus.call(target, 'Never', '', [], { timeoutMs: 50 }))).toMatchObject({
      kind: 'Io',
      code: 'bus-no-answer',
    });
    expect(await failed(openBus({ address: 'unix:path=/nonexistent' }))).toMatchObject({
      code: 'no-bus',
    });
  });

  it('ends the calls that wait when the bus goes away', async () => {
    const own = await startMessageBus();
    const line = await openBus({ address: own.address });
    const closed = new Promise<void>((resolve) => line.onClose(resolve));
    const waiting = line.call(
      { service: 'org.freedesktop.DBus', path: '/', interface: 'org.freedesktop.DBus' },
      'GetId',
    );
    await waiting;
    await own.close();
    await closed;
    await expect(line.offers('org.example.Peer')).rejects.toThrow();
  });
});

describe('the address of a bus', () => {
  it('is the environment’s, else the usual socket', () => {
    expect(busAddress('session', { DBUS_SESSION_BUS_ADDRESS: 'unix:path=/x' })).toBe(
      'unix:path=/x',
    );
    expect(busAddress('system', { DBUS_SYSTEM_BUS_ADDRESS: 'unix:path=/y' })).toBe('unix:path=/y');
    expect(busAddress('session', {}, 4_000_000)).toBeUndefined();
  });
});
