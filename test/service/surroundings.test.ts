import { createClient, defineInterface, type MessageBus } from 'dbus-native';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openBus, type Bus } from '../../main/dbus/bus.ts';
import { unmetCondition } from '../../main/plan/conditions.ts';
import { isMetered } from '../../main/service/surroundings/metered.ts';
import { isPresenting } from '../../main/service/surroundings/presenting.ts';
import { SurroundingsWatch } from '../../main/service/surroundings/surroundings.ts';
import { Conditions } from '../../shared/model/plan.ts';
import { describeKernel } from '../harness/kernel.ts';
import { startMessageBus, type TestMessageBus } from '../harness/message-bus.ts';

let bus: TestMessageBus;
let peer: MessageBus;
const connect = (): Promise<Bus> => openBus({ address: bus.address });
const buses = { system: connect, sessions: () => [connect] };

beforeAll(async () => {
  bus = await startMessageBus();
  peer = createClient({ busAddress: bus.address });
});
afterAll(async () => {
  await peer?.close();
  await bus?.close();
});

/** A service with one property. */
async function offer(name: string, path: string, property: string, type: string, value: unknown) {
  const properties = { [property]: { type, get: () => value } };
  const interfaceName = name === 'org.freedesktop.login1' ? `${name}.Manager` : name;
  await peer.export(path, defineInterface({ name: interfaceName, properties } as never));
  await peer.ownName(name);
}

describeKernel('what the conditions of plans are about', () => {
  it('is as harmless as can be where no desktop and no NetworkManager runs', async () => {
    expect(await isMetered(connect)).toBe(false);
    expect(await isPresenting(buses)).toBe(false);
    const nobody = () => Promise.reject(new Error('no bus'));
    expect(await isMetered(nobody)).toBe(false);
    expect(await isPresenting({ system: nobody, sessions: () => [nobody] })).toBe(false);
  });

  it('is told by NetworkManager: metered, also when it only guesses so', async () => {
    const path = '/org/freedesktop/NetworkManager';
    let value = 1;
    const properties = { Metered: { type: 'u', get: () => value } };
    await peer.export(
      path,
      defineInterface({ name: 'org.freedesktop.NetworkManager', properties } as never),
    );
    await peer.ownName('org.freedesktop.NetworkManager');
    const answers: boolean[] = [];
    for (value = 0; value <= 4; value += 1) answers.push(await isMetered(connect));
    expect(answers).toEqual([false, true, false, true, false]);
  });

  it('is told by the desktop: GNOME keeps the session from being idle', async () => {
    await offer(
      'org.gnome.SessionManager',
      '/org/gnome/SessionManager',
      'InhibitedActions',
      'u',
      12,
    );
    expect(await isPresenting(buses)).toBe(true);
    expect(await isPresenting({ ...buses, sessions: () => [] })).toBe(false);
  });

  it('is told by logind where a program asks that', async () => {
    const locks = 'shutdown:sleep:idle';
    await offer('org.freedesktop.login1', '/org/freedesktop/login1', 'BlockInhibited', 's', locks);
    expect(await isPresenting({ ...buses, sessions: () => [] })).toBe(true);
  });

  it('is asked for only where a plan minds', async () => {
    const asked: string[] = [];
    const wanted: Conditions[] = [];
    const watch = new SurroundingsWatch({
      wanted: () => wanted,
      metered: () => (asked.push('metered'), Promise.resolve(true)),
      presenting: () => (asked.push('presenting'), Promise.reject(new Error('no desktop'))),
    });
    await watch.look();
    expect([asked, watch.latest.metered]).toEqual([[], false]);
    wanted.push(Conditions.parse({ notMetered: true, notPresenting: true }));
    await watch.look();
    expect(asked.sort()).toEqual(['metered', 'presenting']);
    expect(watch.latest).toMatchObject({ metered: true, presenting: false });
  });
});

it('a metered connection is minded only by what goes over it; a presentation by everything', () => {
  const minds = Conditions.parse({ notMetered: true, notPresenting: true });
  const here = { onAcPower: true, metered: true, presenting: false };
  expect(unmetCondition(minds, 0, here, true)).toBe('metered');
  expect(unmetCondition(minds, 0, here, false)).toBeNull();
  expect(unmetCondition(minds, 0, { ...here, presenting: true }, false)).toBe('presenting');
  expect(unmetCondition(Conditions.parse({}), 0, { ...here, presenting: true }, true)).toBeNull();
});
