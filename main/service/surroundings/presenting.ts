import { readdirSync } from 'node:fs';
import { openBus, type Bus } from '../../dbus/bus.ts';
import { answerOf, propertyOf } from './property.ts';

const GNOME = {
  service: 'org.gnome.SessionManager',
  path: '/org/gnome/SessionManager',
  interface: 'org.gnome.SessionManager',
};
/** `InhibitedActions`: the session is kept from being marked as idle. */
const GNOME_IDLE = 8;
const PLASMA = {
  service: 'org.kde.Solid.PowerManagement.PolicyAgent',
  path: '/org/kde/Solid/PowerManagement/PolicyAgent',
  interface: 'org.kde.Solid.PowerManagement.PolicyAgent',
};
/** `HasInhibition`: the screen is kept on. */
const PLASMA_SCREEN = 4;
/** Desktop Notifications: Plasma's "do not disturb", which it sets for full screens, too. */
const NOTIFICATIONS = {
  service: 'org.freedesktop.Notifications',
  path: '/org/freedesktop/Notifications',
  interface: 'org.freedesktop.Notifications',
};
const LOGIND = {
  service: 'org.freedesktop.login1',
  path: '/org/freedesktop/login1',
  interface: 'org.freedesktop.login1.Manager',
};

export interface Buses {
  system(): Promise<Bus>;
  /** One for each session that this process may look into. */
  sessions(): readonly (() => Promise<Bus>)[];
}

/**
 * Whether somebody presents or watches something: a program (a video player, a browser in full
 * screen, a presentation) keeps the screen on. As far as desktops tell: GNOME, Plasma and what
 * asks logind; elsewhere no.
 */
export async function isPresenting(buses: Buses = realBuses): Promise<boolean> {
  const [system, ...sessions] = await Promise.all([
    using(buses.system, keepsAwake),
    ...buses.sessions().map((connect) => using(connect, isInhibited)),
  ]);
  return system === true || sessions.includes(true);
}

async function keepsAwake(bus: Bus): Promise<boolean> {
  const inhibited = await propertyOf(bus, LOGIND, 'BlockInhibited');
  return typeof inhibited === 'string' && inhibited.split(':').includes('idle');
}

async function isInhibited(bus: Bus): Promise<boolean> {
  const [gnome, plasma, quiet] = await Promise.all([
    propertyOf(bus, GNOME, 'InhibitedActions'),
    answerOf(bus, PLASMA, 'HasInhibition', 'u', [PLASMA_SCREEN]),
    propertyOf(bus, NOTIFICATIONS, 'Inhibited'),
  ]);
  const isAwake = typeof gnome === 'number' && (gnome & GNOME_IDLE) !== 0;
  return isAwake || plasma === true || quiet === true;
}

async function using(
  connect: () => Promise<Bus>,
  ask: (bus: Bus) => Promise<boolean>,
): Promise<boolean | undefined> {
  const bus = await connect().catch(() => undefined);
  if (!bus) return undefined;
  try {
    return await ask(bus);
  } finally {
    await bus.close();
  }
}

const realBuses: Buses = {
  system: () => openBus('system'),
  sessions: () =>
    process.getuid?.() === 0
      ? userFolders().map((uid) => () => openBus({ address: `unix:path=/run/user/${uid}/bus` }))
      : [() => openBus('session')],
};

/** Of everybody who is logged in. */
function userFolders(): string[] {
  try {
    return readdirSync('/run/user').filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
}
