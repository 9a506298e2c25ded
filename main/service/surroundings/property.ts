import type { Bus, Target } from '../../dbus/bus.ts';

/** A desktop that hangs holds nobody up. */
const TIMEOUT_MS = 2_000;

/** A property of a service that runs; undefined when it does not, or has none of that name. */
export async function propertyOf(bus: Bus, of: Target, name: string): Promise<unknown> {
  const properties = { ...of, interface: 'org.freedesktop.DBus.Properties' };
  return answerOf(bus, properties, 'Get', 'ss', [of.interface, name]);
}

/** What a method of a service that runs answers; undefined when it does not. */
export async function answerOf(
  bus: Bus,
  of: Target,
  member: string,
  signature: string,
  args: readonly unknown[],
): Promise<unknown> {
  try {
    // Asking a service that can only be started would start it.
    if (!(await bus.runs(of.service))) return undefined;
    return await bus.call(of, member, signature, args, { timeoutMs: TIMEOUT_MS });
  } catch {
    return undefined;
  }
}
