import { afterAll, beforeAll, expect, test } from 'vitest';
import { whatIsThere } from '../../main/archive/restore/received.ts';
import { allRootFacts } from '../../main/linux/btrfs-ioctl-search.ts';
import { withDirectory } from '../../main/linux/mounts.ts';
import { describeKernel } from '../harness/kernel.ts';
import { makeBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { run } from '../harness/run.ts';

// A restore that followed another one within half a minute took the links of the chain, which
// that had just deleted, for parents: "The snapshot that this stream builds on is not on the target".
describeKernel('a subvolume that was deleted, before the next commit', () => {
  let fs: TestBtrfs;
  beforeAll(() => void (fs = makeBtrfs({ mountOptions: 'commit=300' })));
  afterAll(() => fs.close());

  test('is none any more', () => {
    const { dir } = fs;
    const facts = () => withDirectory(Buffer.from(dir), (fd) => [...allRootFacts(fd)]);
    run('btrfs', ['-q', 'subvolume', 'create', `${dir}/live`]);
    for (const name of ['kept', 'gone']) {
      run('btrfs', ['-q', 'subvolume', 'snapshot', '-r', `${dir}/live`, `${dir}/${name}`]);
    }
    fs.sync();
    const identities = facts().map(({ uuid, ctransid }) => ({
      ...{ uuid: uuid.toString('hex'), ctransid },
    }));
    expect(identities.slice(1).map(whatIsThere(dir))).toEqual([true, true]);
    run('btrfs', ['-q', 'subvolume', 'delete', `${dir}/gone`]);
    expect(identities.slice(1).map(whatIsThere(dir))).toEqual([true, false]);
    expect(facts().length).toBe(2);
  });
});
