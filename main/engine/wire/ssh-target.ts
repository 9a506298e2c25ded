import { usage } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { printable } from '../../../shared/model/bytes-text.ts';

/** A folder on another machine, reached with the system's OpenSSH. */
export interface SshTarget {
  readonly user: string | null;
  /** A name, an address, or an alias of the user's own ~/.ssh/config. */
  readonly host: string;
  readonly port: number | null;
  /** Absolute, as text that keeps its bytes. */
  readonly path: string;
  /** `ssh -F`: another configuration than the user's own. */
  readonly configFile?: string;
  /** Never ask for a password or about a key: what a service needs. Default false. */
  readonly isUnattended?: boolean;
  /** The words that start Dendro there, for the shell there: 'sudo -n dendro'. */
  readonly dendro?: string;
  /** The same for btrfs-progs: 'sudo -n btrfs'. */
  readonly btrfs?: string;
}

const SCHEME = 'ssh://';
/** Neither an option nor anything that a shell would look at twice. */
const HOST = /^(?:[A-Za-z0-9_][A-Za-z0-9_.-]*|\[[0-9A-Fa-f:.]+(?:%[A-Za-z0-9_.-]+)?\])$/;
const USER = /^[A-Za-z0-9_][A-Za-z0-9_.@+-]*\$?$/;

export function isSshTarget(text: string): boolean {
  return text.startsWith(SCHEME);
}

/** Parses `ssh://[USER@]HOST[:PORT]/PATH`; the path is taken as it stands, no %HH. @throws Usage */
export function parseSshTarget(text: string): SshTarget {
  const slash = text.indexOf('/', SCHEME.length);
  if (!isSshTarget(text) || slash < 0) throw notATarget(text);
  const place = text.slice(SCHEME.length, slash);
  const at = place.lastIndexOf('@');
  const user = at < 0 ? null : place.slice(0, at);
  const [, host, port] = /^(\[[^\]]*\]|[^:]*)(?::(\d{1,5}))?$/.exec(place.slice(at + 1)) ?? [];
  const number = port === undefined ? null : Number(port);
  const isPort = number === null || (number > 0 && number < 65_536);
  const isUser = user === null || USER.test(user);
  if (host === undefined || !HOST.test(host) || !isUser || !isPort) throw notATarget(text);
  const path = text.slice(slash).replace(/(.)\/+$/, '$1');
  return { user, host: host.replace(/^\[|\]$/g, ''), port: number, path };
}

export function sshTargetText({ user, host, port, path }: SshTarget): string {
  const shown = host.includes(':') ? `[${host}]` : host;
  return `${SCHEME}${user === null ? '' : `${user}@`}${shown}${port === null ? '' : `:${port}`}${path}`;
}

/** A dead line is noticed within a minute or so. */
const KEEP_ALIVE = ['-o', 'ServerAliveInterval=15', '-o', 'ServerAliveCountMax=4'];

/** The arguments of ssh(1) that run `command`, which the shell at the other end will parse. */
export function sshArguments(target: SshTarget, command: string): string[] {
  const { user, host, port, configFile, isUnattended } = target;
  return [
    ...(configFile === undefined ? [] : ['-F', configFile]),
    ...['-T', '-e', 'none', '-o', 'ConnectTimeout=20', ...KEEP_ALIVE],
    ...(isUnattended === true ? ['-o', 'BatchMode=yes'] : []),
    ...(port === null ? [] : ['-p', String(port)]),
    ...(user === null ? [] : ['-l', user]),
    ...['--', host, command],
  ];
}

function notATarget(text: string): Error {
  return usage(
    'bad-target',
    say`"${{ text: printable(text) }}" is not a folder on another machine.`,
    {
      hint: 'Write ssh://HOST/FOLDER, or ssh://USER@HOST:PORT/FOLDER.',
    },
  );
}
