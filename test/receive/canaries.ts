import {
  closeSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { cleanLeftovers } from '../../main/engine/receive.ts';
import { destroySubvolume } from '../../main/engine/sink/staging-folder.ts';
import { closeFd, cString, O_DIRECTORY, O_RDONLY, openPath } from '../../main/linux/files.ts';
import { runText, run } from '../harness/run.ts';
import { fullStream, receiveBytes, streamOf, takeSnapshot, text, UUID } from './receive-harness.ts';
import { Random } from '../harness/random.ts';
import { mutateStream } from './mutate-stream.ts';

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
    const files = made.flatMap((name) => filesBelow(join(Buffer.from(this.target), name)));
    const found = files.find((file) => {
      const beginning = beginningOf(file);
      return SECRETS.some((secret) => beginning.includes(secret));
    });
    return found?.toString('latin1');
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

export interface Base {
  readonly name: string;
  readonly stream: Buffer;
}

/** Small streams with every command in them: a full one, and one that builds on it. */
export function baseStreams(): Base[] {
  const times = Buffer.alloc(48, 1);
  for (const at of [8, 20, 32, 44]) times.writeUInt32LE(5, at);
  const full = (protocol: 1 | 2 | 3) => (name: string) =>
    fullStream(
      name,
      (e) => {
        e.mkdir(text('o257-7-0'), 257);
        e.rename(text('o257-7-0'), text('dir'));
        e.mkfile(text('o258-7-0'), 258);
        e.rename(text('o258-7-0'), text('dir/file'));
        e.setXattr(text('dir/file'), text('user.name'), text('value'));
        e.write(text('dir/file'), 0, Buffer.alloc(9000, 'data'));
        e.chown(text('dir/file'), 5, 6);
        e.chmod(text('dir/file'), 0o644);
        e.utimes(text('dir/file'), times, protocol > 1);
        e.symlink(text('dir/link'), 259, text('file'));
        e.link(text('second'), text('dir/file'));
        e.mkfifo(text('fifo'), 260);
        e.mknod(text('node'), 261, 0o20600, 0x103);
        e.mksock(text('sock'), 262);
        e.mkfile(text('copy'), 263);
        e.clone(text('copy'), 0, 8192, UUID, 7, text('dir/file'), 0);
        e.truncate(text('copy'), 5000);
        if (protocol >= 2) {
          e.fallocate(text('copy'), 3, 0, 4096);
          e.fileattr(text('copy'), 0x10);
          e.encodedWrite(text('copy'), zlibExtent());
        }
        if (protocol >= 3) e.enableVerity(text('second'), 1, 4096, text('salt'), text(''));
        e.removeXattr(text('dir/file'), text('user.name'));
        e.unlink(text('second'));
        e.mkdir(text('empty'), 264);
        e.rmdir(text('empty'));
        e.utimes(text(''), times, protocol > 1);
      },
      protocol,
    );
  const next = streamOf((e) => {
    e.snapshot(text('new'), Buffer.alloc(16, 9), 8, UUID, 7);
    e.rename(text('dir'), text('moved'));
    e.clone(text('copy'), 8192, 4096, UUID, 7, text('dir/file'), 4096);
    e.write(text('moved/file'), 4096, Buffer.alloc(100, 'new'));
    e.unlink(text('fifo'));
    e.link(text('hard'), text('moved/file'));
    e.chmod(text('moved'), 0o700);
    e.end();
  });
  return [
    { name: 'base', stream: Buffer.from(full(1)('base')) },
    { name: 'version 1', stream: Buffer.from(full(1)('new')) },
    { name: 'version 2', stream: Buffer.from(full(2)('new')) },
    { name: 'version 3', stream: Buffer.from(full(3)('new')) },
    { name: 'increment', stream: Buffer.from(next) },
  ];
}

function zlibExtent() {
  const data = Buffer.from('789ccb48cdc9c95728cf2fca4901001a0b045d', 'hex');
  const lengths = { unencodedFileLength: 4096, unencodedLength: 4096, unencodedOffset: 0 };
  return { offset: 4096, ...lengths, compression: 1, encryption: 0, data };
}

export interface Outcome {
  readonly kind: string;
  readonly code: string;
}

/** Receives spoilt streams one after another; throws at the first that does harm. */
export function* receiveMutated(
  canaries: Canaries,
  seed: number,
  count: number,
): Generator<Outcome> {
  const bases = baseStreams().slice(1);
  for (let i = 0; i < count; i += 1) {
    const random = new Random(seed + i);
    const base = random.pick(bases);
    const isRaw = random.between(0, 3) === 0;
    const stream = mutateStream(base.stream, random, isRaw, canaries.alien);
    const outcome = tryReceive(stream, canaries.target);
    const about = `seed ${seed + i}, ${base.name}, ${isRaw ? 'raw' : 'right checksums'}`;
    if (outcome.kind === 'Bug') throw new Error(`${about}: ${outcome.code}`);
    const harm = canaries.changed();
    if (harm !== '') throw new Error(`${about}: something outside has changed\n${harm}`);
    const stolen = canaries.stolen();
    if (stolen !== undefined) throw new Error(`${about}: ${stolen} holds what was read outside`);
    yield outcome;
    cleanUp(canaries.target);
  }
}

function filesBelow(path: Buffer): Buffer[] {
  const status = lstatSync(path);
  if (status.isFile()) return [path];
  if (!status.isDirectory()) return [];
  return readdirSync(path, 'buffer').flatMap((name) => filesBelow(join(path, name)));
}

function join(dir: Buffer, name: Buffer): Buffer {
  return Buffer.concat([dir, Buffer.from('/'), name]);
}

/** As much as a clone of a canary brings; a file may claim any size. */
function beginningOf(file: Buffer): Buffer {
  const fd = openSync(file, 'r');
  try {
    const bytes = Buffer.alloc(16_384);
    return bytes.subarray(0, readSync(fd, bytes));
  } finally {
    closeSync(fd);
  }
}

function tryReceive(stream: Buffer, target: string): Outcome {
  try {
    receiveBytes(stream, target);
    return { kind: 'received', code: 'received' };
  } catch (error) {
    const { kind, code, stack } = error as { kind?: string; code?: string; stack?: string };
    if (kind === undefined || kind === 'Bug') return { kind: 'Bug', code: stack ?? String(error) };
    return { kind, code: code ?? '' };
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
