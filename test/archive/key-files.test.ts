import { cpSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { openArchive } from '../../main/archive/folder/archive.ts';
import { makeIdentity } from '../../main/archive/format/age-header.ts';
import { rebuildIndex } from '../../main/archive/import/rebuild-index.ts';
import { openReader } from '../../main/archive/read/reader.ts';
import { describeKernel } from '../harness/kernel.ts';
import { withBtrfs } from '../harness/loop.ts';
import { run } from '../harness/run.ts';
import { context, exportSnapshot, wrongFiles } from './archive-harness.ts';

describeKernel('the key file of an archive', () => {
  // The copies beside the streams were looked at only when the one at the top was not there.
  test('that is damaged, or of another archive, stands back behind its copies', () =>
    withBtrfs({ sizeMiB: 256 }, async ({ dir }) => {
      run('btrfs', ['-q', 'subvolume', 'create', `${dir}/one`]);
      writeFileSync(`${dir}/one/file`, 'content');
      run('btrfs', ['property', 'set', `${dir}/one`, 'ro', 'true']);
      const passphrase = 'the same on every drive';
      const folder = `${dir}/archive`;
      for (const [to, words] of [
        [folder, passphrase],
        [`${dir}/alike`, passphrase],
        [`${dir}/unlike`, 'another one'],
      ] as const) {
        const encryption = { passphrase: words, workFactor: 10 };
        await exportSnapshot(`${dir}/one`, to, { encryption });
      }
      const key = `${folder}/key.age`;
      const spoilers = [
        () => writeFileSync(key, ''),
        () => writeFileSync(key, 'age-encryption.org/v1\n-> scrypt damaged'),
        () => cpSync(`${dir}/unlike/key.age`, key),
        () => cpSync(`${dir}/alike/key.age`, key),
      ];
      for (const spoil of spoilers) {
        spoil();
        expect(await wrongFiles(folder, 'one', `${dir}/one`, { passphrase })).toEqual([]);
        await expect(openReader(folder, { passphrase: 'no' })).rejects.toMatchObject({
          code: expect.stringMatching(/wrong-passphrase|age-header/) as string,
        });
      }
    }));

  // Without a key it left an archive that is not encrypted, to which the next export went in the open;
  // with a wrong one, an archive that was sealed for that.
  test('a lost manifest is made again by a key that opens the streams, and by no other', () =>
    withBtrfs({ sizeMiB: 256 }, async ({ dir }) => {
      run('btrfs', ['-q', 'subvolume', 'create', `${dir}/one`]);
      writeFileSync(`${dir}/one/file`, 'content');
      run('btrfs', ['property', 'set', `${dir}/one`, 'ro', 'true']);
      const folder = `${dir}/archive`;
      const [right, wrong] = [await makeIdentity(), await makeIdentity()];
      await exportSnapshot(`${dir}/one`, folder, {
        encryption: { recipients: [right.recipient] },
      });
      rmSync(`${folder}/manifest.json`);
      rmSync(`${folder}/one/one.point.json`);
      const rebuild = (...identities: string[]) =>
        rebuildIndex({ folder, secrets: { identities }, nowMs: 1 }, context());
      await expect(rebuild()).rejects.toMatchObject({ code: 'archive-encrypted' });
      await expect(rebuild(wrong.identity)).rejects.toMatchObject({ code: 'wrong-key' });
      expect(existsSync(`${folder}/manifest.json`)).toBe(false);
      const { adopted } = await rebuild(wrong.identity, right.identity);
      expect(adopted).toEqual(['one/one']);
      expect(openArchive(folder).manifest.encryption?.recipients).toEqual([right.recipient]);
      const secrets = { identities: [right.identity] };
      expect(await wrongFiles(folder, 'one', `${dir}/one`, secrets)).toEqual([]);
    }));
});
