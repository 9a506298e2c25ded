import { afterAll, beforeAll, expect, test } from 'vitest';
import { receiveFolder } from '../../main/engine/receive.ts';
import { bytesSource } from '../../main/engine/stream/decode-source.ts';
import type { StreamEncoder } from '../../main/engine/stream/encode.ts';
import { existsSync, mkdirSync } from 'node:fs';
import { DendroError } from '../../shared/errors.ts';
import { describeKernel } from '../harness/kernel.ts';
import { makeBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { collidingNames } from '../harness/colliding-names.ts';
import { errorOf, fullStream, receiveBytes, text, UUID } from './receive-harness.ts';

const FILE = text('file');
const NAMES = collidingNames(20);

describeKernel('what does not fit', () => {
  let volume: TestBtrfs;
  beforeAll(() => {
    volume = makeBtrfs({ sizeMiB: 256, mkfsArgs: ['-n', '4096'] });
    for (const name of ['plain', 'other']) mkdirSync(`${volume.dir}/${name}`);
  });
  afterAll(() => volume.close());

  const file = (more: (e: StreamEncoder) => void): Uint8Array =>
    fullStream('new', (e) => {
      e.mkfile(text('file'), 1);
      e.write(text('file'), 0, text('content'));
      e.mkdir(text('folder'), 2);
      more(e);
    });

  // It ended as if the target were full, and the work was kept for a run that could not go on.
  test('an attribute that no leaf has room for is named', () => {
    const stream = file((e) => e.setXattr(text('file'), text('user.long'), Buffer.alloc(4000, 1)));
    expect(errorOf(() => receiveBytes(stream, volume.dir))).toMatchObject({
      ...{ kind: 'Conflict', code: 'attribute-too-large' },
    });
    const [folder] = receiveFolder({
      ...{ source: bytesSource(stream), target: `${volume.dir}/plain` },
    }).folders;
    expect(folder!.losses).toMatchObject([{ path: 'file', what: { code: 'lost-attribute' } }]);
  });

  // They ended as system calls that failed.
  test.each([
    ['cloned from', (e: StreamEncoder) => e.clone(text('file'), 0, 7, UUID, 7, text('folder'), 0)],
    ['written to', (e: StreamEncoder) => e.write(text('folder'), 0, text('x'))],
  ])('a folder that is %s', (_, command) => {
    const expected = { kind: 'Corrupt', code: 'content-of-no-file' };
    const stream = file(command);
    expect(errorOf(() => receiveBytes(stream, volume.dir))).toMatchObject(expected);
    const plain = { source: bytesSource(stream), target: `${volume.dir}/other` };
    expect(errorOf(() => receiveFolder({ ...plain }))).toMatchObject(expected);
  });

  // Each ended as 'system-call-failed', with no word of what to do, and was kept to be gone on with.
  test.each<[what: string, code: string, ask: (e: StreamEncoder) => void]>([
    ['a node of no type', 'not-accepted', (e) => e.mknod(text('node'), 3, 0o170644, 0)],
    ['a folder into itself', 'not-accepted', (e) => e.rename(text('folder'), text('folder/x'))],
    ['no space', 'not-accepted', (e) => e.fallocate(FILE, 0, 0, 0)],
    ['an attribute', 'not-accepted', (e) => e.setXattr(FILE, text('btrfs.x'), text('y'))],
    ['none of it', 'not-accepted', (e) => e.removeXattr(FILE, text('user.'))],
    ['rights', 'not-accepted', (e) => e.setXattr(FILE, text('security.capability'), text('x'))],
    ['a second name of a folder', 'is-a-directory', (e) => e.link(text('b'), text('folder'))],
    ['too many names', 'too-many-links', (e) => upTo(65_536, (i) => e.link(text(`${i}`), FILE))],
    ['files of one checksum', 'names-collide', (e) => NAMES.forEach((name) => e.mkfile(name, 3))],
    ['folders of one checksum', 'names-collide', (e) => NAMES.forEach((name) => e.mkdir(name, 3))],
    ['links of one checksum', 'names-collide', (e) => NAMES.forEach((name) => e.link(name, FILE))],
    [
      ...(['renamed to one checksum', 'names-collide'] as const),
      (e) => {
        for (const name of NAMES) {
          e.mkfile(text('one'), 3);
          e.chmod(text('one'), 0o600);
          e.rename(text('one'), name);
        }
      },
    ],
    [
      ...(['attributes of one checksum', 'attribute-too-large'] as const),
      (e) => {
        for (const name of NAMES) e.setXattr(FILE, Buffer.concat([text('user.'), name]), text(''));
      },
    ],
  ])('%s, which btrfs does not take: %s', (_, code, ask) => {
    const stream = fullStream(
      'new',
      (e) => {
        e.mkfile(FILE, 1);
        e.mkdir(text('folder'), 2);
        ask(e);
      },
      3,
    );
    const error = caught(() => receiveBytes(stream, volume.dir));
    expect(error).toMatchObject({ kind: 'Conflict', code, hint: expect.stringMatching(/\w/) });
    expect(error.place).toMatchObject({ path: expect.anything(), command: expect.any(Number) });
    expect(existsSync(`${volume.dir}/.dendro-receive`)).toBe(false);
  });
});

function caught(run: () => unknown): DendroError {
  try {
    run();
  } catch (error) {
    if (error instanceof DendroError) return error;
    throw error;
  }
  throw new Error('it passed');
}

function upTo(count: number, run: (index: number) => void): void {
  for (let i = 0; i < count; i += 1) run(i);
}
