import { openBus, type Bus } from '../../dbus/bus.ts';
import { propertyOf } from './property.ts';

const MANAGER = {
  service: 'org.freedesktop.NetworkManager',
  path: '/org/freedesktop/NetworkManager',
  interface: 'org.freedesktop.NetworkManager',
};
/** NMMetered: yes, and what NetworkManager guesses is (a phone's hotspot). */
const METERED: readonly unknown[] = [1, 3];

/** Whether the connection in use is paid by volume; no where NetworkManager does not run. */
export async function isMetered(
  connect: () => Promise<Bus> = () => openBus('system'),
): Promise<boolean> {
  const bus = await connect().catch(() => undefined);
  if (!bus) return false;
  try {
    return METERED.includes(await propertyOf(bus, MANAGER, 'Metered'));
  } finally {
    await bus.close();
  }
}
