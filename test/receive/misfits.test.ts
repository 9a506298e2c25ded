import { afterAll, beforeAll, expect, test } from 'vitest';
import { receiveFolder } from '../../main/engine/receive.ts';
import { bytesSource } from '../../main/engine/stream/decode-source.ts';
import type { StreamEncoder } from '../../main/engine/stream/encode.ts';
import { mkdirSync } from 'node:fs';
import { describeKernel } from '../harness/kernel.ts';
import { makeBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { errorOf, fullStream, receiveBytes, text, UUID } from './receive-harness.ts';

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
});
