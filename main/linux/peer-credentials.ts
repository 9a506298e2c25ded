import { checked } from './libc-error.ts';
import { libc } from './libc.ts';

const SOL_SOCKET = 1;
const SO_PEERCRED = 17;
const SO_PEERGROUPS = 59;
const MOST_GROUPS = 65_536;

/** Who is on the other end of a Unix socket, as the kernel saw it when it connected. */
export interface Peer {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
  /** Supplementary groups. */
  readonly groups: readonly number[];
}

/** @throws Io, Denied when `fd` is no connected Unix socket */
export function peerOf(fd: number): Peer {
  const [pid, uid, gid] = option(fd, SO_PEERCRED, 3);
  return { pid: pid!, uid: uid!, gid: gid!, groups: option(fd, SO_PEERGROUPS, MOST_GROUPS) };
}

/** A socket option that is an array of 32-bit numbers (unix(7)). */
function option(fd: number, name: number, most: number): number[] {
  const value = new Uint32Array(most);
  const length = new Uint32Array([value.byteLength]);
  const bytes = new Uint8Array(value.buffer);
  checked(
    libc().getsockopt(fd, SOL_SOCKET, name, bytes, new Uint8Array(length.buffer)),
    'ask who is on the other end',
  );
  return [...value.subarray(0, length[0]! / 4)];
}
