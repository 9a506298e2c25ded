import { libc } from './libc.ts';

const AF_UNIX = 1;
const SOCK_DGRAM_CLOEXEC = 2 | 0o2000000;
const MSG_NOSIGNAL = 0x4000;

/**
 * Tells the service manager how the service is (sd_notify(3)): one datagram to the socket that
 * NOTIFY_SOCKET names. False without one, or when it does not listen.
 */
export function notifyManager(
  state: string,
  address: string | undefined = process.env['NOTIFY_SOCKET'],
): boolean {
  if (address === undefined || !/^[/@]./.test(address)) return false;
  const { socket, sendto, close } = libc();
  const fd = socket(AF_UNIX, SOCK_DGRAM_CLOEXEC, 0);
  if (fd < 0) return false;
  const message = new TextEncoder().encode(state);
  const to = socketAddress(address);
  const sent = sendto(fd, message, message.length, MSG_NOSIGNAL, to, to.length);
  close(fd);
  return sent === message.length;
}

/** How often the manager wants to hear WATCHDOG=1, in milliseconds; undefined: never. */
export function watchdogMs(environment: NodeJS.ProcessEnv = process.env): number | undefined {
  const { WATCHDOG_USEC, WATCHDOG_PID } = environment;
  const isOurs = WATCHDOG_PID === undefined || Number(WATCHDOG_PID) === process.pid;
  const us = Number(WATCHDOG_USEC ?? 0);
  return isOurs && us > 0 ? us / 1_000 : undefined;
}

/** struct sockaddr_un (unix(7)): the family, then the path; '@' stands for the abstract NUL. */
function socketAddress(address: string): Uint8Array {
  const path = new TextEncoder().encode(address);
  const bytes = new Uint8Array(2 + path.length);
  new DataView(bytes.buffer).setUint16(0, AF_UNIX, true);
  bytes.set(path, 2);
  if (address.startsWith('@')) bytes[2] = 0;
  return bytes;
}
