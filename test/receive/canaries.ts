import { lstatSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { cleanLeftovers, receive } from '../../main/engine/receive.ts';
import { destroySubvolume } from '../../main/engine/sink/staging-folder.ts';
import { closeFd, cString, O_DIRECTORY, O_RDONLY, openPath } from '../../main/linux/files.ts';
import { runText, run } from '../harness/run.ts';
import { receiveBytes, takeSnapshot } from './receive-harness.ts';
import { Random } from '../harness/random.ts';
import { atOnce, type Trying } from './trying.ts';
import {
  baseStreams,
  hostileStream,
  holderOf,
  join,
  type Making,
  type Outcome,
  TELLS_NOTHING,
} from './spoilt-streams.ts';

/** What is in the target before any stream comes. */
const OURS = ['canary', 'secret', 'base'];
const SECRETS = ['do not touch', 'nor this', 'secretsecret', 'private'];

/** A volume with things around the target that no stream may touch. */
export class Canaries {
  readonly target: string;
  /** UUID of a snapshot that holds a secret. */
  readonly alien: Buffer;
  readonly #top: string;
  readonly #before: string;

  constructor(top: string) {
    this.#top = top;
    this.target = `${top}/target`;
    mkdirSync(this.target);
    writeFileSync(`${top}/canary`, 'do not touch');
    writeFileSync(`${this.target}/canary`, 'nor this');
    run('btrfs', ['subvolume', 'create', `${top}/vault`]);
    writeFileSync(`${top}/vault/inside`, Buffer.alloc(8192, 'secret'));
    takeSnapshot(`${top}/vault`, `${top}/secret`);
    mkdirSync(`${this.target}/secret`);
    writeFileSync(`${this.target}/secret/inside`, 'private');
    const shown = runText('btrfs', ['subvolume', 'show', `${top}/secret`]);
    const uuid = /^\s*UUID:\s+(\S+)/m.exec(shown)![1]!;
    this.alien = Buffer.from(uuid.replaceAll('-', ''), 'hex');
    receiveBytes(baseStreams()[0]!.stream, this.target);
    this.#before = this.look();
  }

  /** Everything around, in words. */
  look(): string {
    const lines = ['', '/target', '/target/secret', '/vault', '/secret'].flatMap((dir) =>
      readdirSync(this.#top + dir, 'buffer').flatMap((name) => this.#describe(dir, name)),
    );
    const host = statSync('/etc/hostname', { bigint: true });
    return [...lines, `host ${host.mode} ${host.size} ${host.ctimeNs}`].join('\n');
  }

  cleanUp(): void {
    cleanUp(this.target);
  }

  /** What has changed around the target, or '' when nothing has. */
  changed(): string {
    const now = this.look();
    return now === this.#before ? '' : `before:\n${this.#before}\nnow:\n${now}`;
  }

  /** A file of what the stream made, a leftover included, that holds what only canaries hold. */
  stolen(): string | undefined {
    const made = readdirSync(this.target, 'buffer').filter(
      (name) => !OURS.includes(name.toString()),
    );
    const paths = made.map((name) => join(Buffer.from(this.target), name));
    return holderOf(SECRETS, paths);
  }

  /** Nothing for what a stream may make: snapshots in the target, and the private folder. */
  #describe(dir: string, name: Buffer): string[] {
    const path = Buffer.concat([Buffer.from(`${this.#top}${dir}/`), name]);
    const at = lstatSync(path, { bigint: true });
    const isOurs = at.ino === 256n || name.equals(Buffer.from('.dendro-receive'));
    if (dir === '/target' && isOurs && name.toString() !== 'base') return [];
    const content = at.isFile() ? readFileSync(path, 'latin1').slice(0, 32) : '';
    const file = at.isFile() ? ` ${at.size} ${at.ctimeNs}` : '';
    return [`${dir}/${name.toString('latin1')} ${at.mode} ${at.uid} ${at.nlink}${file} ${content}`];
  }
}

/** Receives spoilt streams one after another; throws at the first that does harm. */
export function* receiveMutated(
  canaries: Canaries,
  seed: number,
  count: number,
  making: Making = 'spoilt',
  tried: Trying = atOnce,
): Generator<Outcome> {
  for (let i = 0; i < count; i += 1) {
    const random = new Random(seed + i);
    const { stream, made } = hostileStream(making, random, canaries.alien);
    // Past errors more of what comes behind them is tried.
    const maxErrors = making === 'spoilt' ? 1 : random.between(0, 2);
    const { target } = canaries;
    const outcome = tried(stream, random, (source) => receive({ source, target, maxErrors }));
    const about = `seed ${seed + i}, ${made}`;
    if (TELLS_NOTHING.includes(outcome.code) || outcome.kind === 'Bug') {
      throw new Error(`${about}: ${outcome.code}`);
    }
    const harm = canaries.changed();
    if (harm !== '') throw new Error(`${about}: something outside has changed\n${harm}`);
    const stolen = canaries.stolen();
    if (stolen !== undefined) throw new Error(`${about}: ${stolen} holds what was read outside`);
    yield outcome;
    cleanUp(canaries.target);
  }
}

/** Back to the start, by ioctl: a process for each would take most of the time. */
function cleanUp(target: string): void {
  cleanLeftovers(target);
  const fd = openPath(cString(target), O_RDONLY | O_DIRECTORY);
  for (const name of readdirSync(target, 'buffer')) {
    if (!OURS.includes(name.toString())) destroySubvolume(fd, name);
  }
  closeFd(fd);
}
