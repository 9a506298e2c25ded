import {
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { receive } from '../../main/engine/receive.ts';
import { bytesSource } from '../../main/engine/stream/decode-source.ts';
import { describeKernel } from '../harness/kernel.ts';
import { makeBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { run } from '../harness/run.ts';
import { Canaries, receiveMutated } from './canaries.ts';
import { HOSTILE_PATHS } from './mutate-stream.ts';
import { errorOf, fullStream, receiveBytes, streamOf, text, UUID } from './receive-harness.ts';
import type { StreamEncoder } from '../../main/engine/stream/encode.ts';

/** How many spoilt streams `npm test` tries; `hostile-campaign.ts` does as many as wanted. */
const COUNT = 250;

type Write = (encoder: StreamEncoder, path: Buffer) => void;

const COMMANDS: readonly (readonly [name: string, write: Write])[] = [
  ['mkfile', (e, path) => e.mkfile(path, 1)],
  ['mkdir', (e, path) => e.mkdir(path, 1)],
  ['mknod', (e, path) => e.mknod(path, 1, 0o20666, 0x103)],
  ['mkfifo', (e, path) => e.mkfifo(path, 1)],
  ['mksock', (e, path) => e.mksock(path, 1)],
  ['symlink', (e, path) => e.symlink(path, 1, text('x'))],
  ['rename to', (e, path) => e.rename(text('file'), path)],
  ['rename from', (e, path) => e.rename(path, text('stolen'))],
  ['link to', (e, path) => e.link(path, text('file'))],
  ['link from', (e, path) => e.link(text('stolen'), path)],
  ['unlink', (e, path) => e.unlink(path)],
  ['rmdir', (e, path) => e.rmdir(path)],
  ['setXattr', (e, path) => e.setXattr(path, text('user.x'), text('y'))],
  ['removeXattr', (e, path) => e.removeXattr(path, text('user.x'))],
  ['write', (e, path) => e.write(path, 0, text('overwritten'))],
  ['clone to', (e, path) => e.clone(path, 0, 4096, UUID, 7, text('file'), 0)],
  ['clone from', (e, path) => e.clone(text('file'), 0, 4096, UUID, 7, path, 0)],
  ['truncate', (e, path) => e.truncate(path, 1)],
  ['chmod', (e, path) => e.chmod(path, 0o4777)],
  ['chown', (e, path) => e.chown(path, 1, 1)],
  ['utimes', (e, path) => e.utimes(path, Buffer.alloc(48), true)],
  ['fallocate', (e, path) => e.fallocate(path, 0, 0, 4096)],
  ['fileattr', (e, path) => e.fileattr(path, 0x40)],
  ['verity', (e, path) => e.enableVerity(path, 1, 4096, text(''), text(''))],
];

describeKernel('hostile streams', () => {
  let volume: TestBtrfs;
  let canaries: Canaries;
  let planted: string;
  beforeAll(() => {
    volume = makeBtrfs({ sizeMiB: 512 });
    planted = `${volume.dir}/planted`;
    mkdirSync(`${planted}/.dendro-receive`, { recursive: true });
    chownSync(`${planted}/.dendro-receive`, 1000, 1000);
    canaries = new Canaries(volume.dir);
  });
  afterAll(() => volume.close());

  /** A stream with links that lead out, and one command on a hostile path. */
  const attack = (write: Write, path: string, protocol: 3 = 3) =>
    fullStream(
      'new',
      (e) => {
        e.mkfile(text('file'), 2);
        e.write(text('file'), 0, Buffer.alloc(4096, 1));
        e.mkdir(text('dir'), 3);
        e.symlink(text('out'), 4, text('../..'));
        e.symlink(text('abs'), 5, text('/etc'));
        e.symlink(text('up'), 6, text('..'));
        write(e, Buffer.from(path, 'latin1'));
      },
      protocol,
    );

  test.each(COMMANDS)('%s: no path leads out, through a planted link or dots', (_, write) => {
    for (const path of [...HOSTILE_PATHS, 'out', 'abs', 'out/target/canary', 'dir/x/../..']) {
      let outcome = 'received';
      try {
        receiveBytes(attack(write, path), canaries.target);
      } catch (error) {
        outcome = (error as { kind?: string }).kind ?? `untyped: ${String(error)}`;
      }
      expect(outcome).not.toMatch(/untyped|Bug/);
      expect(canaries.changed()).toBe('');
      canaries.cleanUp();
    }
  });

  test('chmod through a planted link leaves what it points to alone', () => {
    const stream = fullStream('new', (e) => {
      e.symlink(text('link'), 4, text('../canary'));
      e.chmod(text('link'), 0o777);
      e.chown(text('link'), 7, 7);
      e.utimes(text('link'), Buffer.alloc(48), false);
      e.setXattr(text('link'), text('trusted.x'), text('y'));
    });
    receiveBytes(stream, canaries.target);
    expect(lstatSync(`${canaries.target}/new/link`).uid).toBe(7);
    expect(canaries.changed()).toBe('');
    canaries.cleanUp();
  });

  test('a header that claims gigabytes gets none', () => {
    const stream = Buffer.from(fullStream('new', (e) => e.mkfile(text('f'), 1)));
    stream.writeUInt32LE(0xf0000000, 17);
    expect(errorOf(() => receiveBytes(stream, canaries.target)).code).toBe('stream-malformed');
  });

  test('unknown versions and commands are refused by name', () => {
    const stream = Buffer.from(fullStream('new', () => {}));
    stream.writeUInt32LE(9, 13);
    expect(errorOf(() => receiveBytes(stream, canaries.target)).code).toBe('stream-version');
    const later = streamOf((e) => {
      e.subvol(text('new'), UUID, 7);
      e.fallocate(text('f'), 0, 0, 1);
    }, 1);
    expect(errorOf(() => receiveBytes(later, canaries.target)).code).toBe('stream-command');
  });

  test.each(['a/b', '..', '.', '', 'x'.repeat(256), '.dendro-receive', 'canary'])(
    'a snapshot cannot be called %j',
    (name) => {
      const stream = fullStream(name, () => {});
      expect(errorOf(() => receiveBytes(stream, canaries.target)).kind).not.toBe('none');
      expect(canaries.changed()).toBe('');
    },
  );

  // What failed at the END was gone on after, and ended as a defect of Dendro.
  test('an error at the end of a tolerant receive is one', () => {
    const source = bytesSource(fullStream('late', (e) => e.mkfile(text('f'), 1)));
    let reads = 0;
    const taken = {
      read: (into: Buffer, offset: number, length: number) => {
        if (reads === 1) mkdirSync(`${canaries.target}/late`);
        reads += 1;
        return source.read(into, offset, Math.min(length, 90));
      },
    };
    const receiveTaken = (): void =>
      void receive({ source: taken, target: canaries.target, maxErrors: 0 });
    expect(errorOf(receiveTaken)).toMatchObject({ kind: 'Conflict', code: 'exists' });
    rmdirSync(`${canaries.target}/late`);
    canaries.cleanUp();
  });

  test('an encoded write that does not decompress is never stored', () => {
    const stream = fullStream(
      'new',
      (e) => {
        e.mkfile(text('f'), 1);
        const lengths = { unencodedFileLength: 4096, unencodedLength: 4096, unencodedOffset: 0 };
        const data = Buffer.alloc(4096, 7);
        e.encodedWrite(text('f'), { offset: 0, ...lengths, compression: 2, encryption: 0, data });
      },
      2,
    );
    const error = errorOf(() => receiveBytes(stream, canaries.target));
    expect(error).toMatchObject({ kind: 'Corrupt', code: 'encoded-data' });
    expect(existsSync(`${canaries.target}/new`)).toBe(false);
  });

  test('an encoded write that the kernel could not read back is stored unpacked', () => {
    // 128 KiB of A in one repeated block; the window descriptor asks for 128 MiB
    const block = (131072 << 3) | (1 << 1) | 1;
    const header = [block & 255, (block >> 8) & 255, block >> 16];
    const data = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 17 << 3, ...header, 0x41]);
    const stream = fullStream(
      'wide-window',
      (e) => {
        e.mkfile(text('f'), 1);
        const lengths = {
          unencodedFileLength: 131072,
          unencodedLength: 131072,
          unencodedOffset: 0,
        };
        e.encodedWrite(text('f'), { offset: 0, ...lengths, compression: 2, encryption: 0, data });
      },
      2,
    );
    receiveBytes(stream, canaries.target);
    run('sync', []);
    writeFileSync('/proc/sys/vm/drop_caches', '3');
    const content = readFileSync(`${canaries.target}/wide-window/f`);
    expect(content.equals(Buffer.alloc(131072, 0x41))).toBe(true);
  });

  test('a staging folder that somebody else made is not used', () => {
    const stream = fullStream('new', () => {});
    expect(errorOf(() => receiveBytes(stream, planted)).kind).toBe('Denied');
  });

  test(`${COUNT} spoilt streams: a typed error or a snapshot, nothing else touched`, () => {
    const outcomes = new Map<string, number>();
    for (const { kind } of receiveMutated(canaries, 1, COUNT)) {
      outcomes.set(kind, (outcomes.get(kind) ?? 0) + 1);
    }
    expect(outcomes.get('Corrupt')).toBeGreaterThan(COUNT / 4);
    expect(outcomes.get('received')).toBeGreaterThan(5);
    expect(readdirSync(canaries.target).sort()).toEqual(['base', 'canary', 'secret']);
  });

  test('commands that no sender puts together: the same', () => {
    const outcomes = [...receiveMutated(canaries, 1, COUNT / 2, 'composed')];
    expect(outcomes.filter(({ kind }) => kind === 'received').length).toBeGreaterThan(5);
  });
});
