import { unsupported } from '../../shared/errors.ts';
import type { Notice } from '../../shared/model/notice.ts';
import { openBus, type Bus } from '../dbus/bus.ts';
import { Typed } from '../dbus/typed.ts';

/** Desktop Notifications Specification 1.2 (freedesktop.org). */
const TARGET = {
  service: 'org.freedesktop.Notifications',
  path: '/org/freedesktop/Notifications',
  interface: 'org.freedesktop.Notifications',
};
const CRITICAL = 2;
const NORMAL = 1;
const SERVER_DECIDES = -1;
/** The bubble of each subject, so that a newer one takes its place instead of piling up. */
const shown = new Map<string, number>();

/** @throws Unsupported 'no-bus', 'no-desktop' where nobody shows notifications */
export async function showOnDesktop(
  notice: Notice,
  connect: () => Promise<Bus> = () => openBus('session'),
): Promise<void> {
  const bus = await connect();
  try {
    if (!(await bus.offers(TARGET.service))) throw noDesktop();
    const { event, subject, title, text } = notice;
    const isBad = event !== 'recovery';
    const hints = {
      urgency: new Typed('y', event === 'failure' ? CRITICAL : NORMAL),
      category: new Typed('s', isBad ? 'device.error' : 'transfer.complete'),
      'desktop-entry': new Typed('s', 'dendro'),
    };
    const args = [
      'Dendro',
      shown.get(subject) ?? 0,
      isBad ? 'dialog-warning' : 'dialog-information',
    ];
    const rest = [title, escaped(text), [], hints, SERVER_DECIDES];
    const id = await bus.call(TARGET, 'Notify', 'susssasa{sv}i', [...args, ...rest]);
    if (typeof id === 'number') shown.set(subject, id);
  } finally {
    await bus.close();
  }
}

/** Servers may take the body for markup: a name must not become a link. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function noDesktop(): Error {
  return unsupported('no-desktop', 'Nothing on this desktop shows notifications.', {
    hint: 'Choose mail, a command or a webhook.',
  });
}
