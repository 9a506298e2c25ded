import * as fs from 'node:fs';
import { afterAll } from 'vitest';
import { netRawCapability } from '../harness/fill.ts';
import { describeKernel } from '../harness/kernel.ts';
import { run } from '../harness/run.ts';
import { removeXattr, setXattr } from '../harness/syscalls.ts';
import { Stage } from './scenario.ts';

const chattr = (flags: string, ...paths: string[]): void => void run('chattr', [flags, ...paths]);

describeKernel('question 3: inode flags', () => {
  const stage = new Stage();
  afterAll(() => {
    run('chattr', ['-R', '-f', '-ia', stage.source.dir], { accept: [0, 1] });
  });
  stage.arrives('nodatacow, compress, nodump, noatime and sync arrive, files and directories', [
    (dir) => {
      for (const flag of ['C', 'c', 'd', 'A', 'S']) {
        fs.writeFileSync(`${dir}/${flag}`, '');
        chattr(`+${flag}`, `${dir}/${flag}`);
        fs.writeFileSync(`${dir}/${flag}`, 'x'.repeat(50_000));
        fs.mkdirSync(`${dir}/${flag}.d`);
        chattr(`+${flag}`, `${dir}/${flag}.d`);
        fs.writeFileSync(`${dir}/${flag}.d/inherits`, 'y'.repeat(20_000));
      }
    },
    (dir) => {
      fs.writeFileSync(`${dir}/C.d/plain`, '');
      chattr('-C', `${dir}/C.d/plain`);
      fs.appendFileSync(`${dir}/C.d/plain`, 'z'.repeat(9000));
      fs.appendFileSync(`${dir}/C`, 'more');
      chattr('-d', `${dir}/d`);
      chattr('-c', `${dir}/c.d`);
      fs.writeFileSync(`${dir}/c.d/later`, 'w'.repeat(20_000));
    },
  ]);
  // The property came before the flag went, and was refused (EINVAL).
  stage.arrives('nodatacow goes and a compression property comes, files and directories', [
    (dir) => {
      fs.mkdirSync(`${dir}/d`);
      fs.writeFileSync(`${dir}/f`, '');
      chattr('+C', `${dir}/d`, `${dir}/f`, dir);
      fs.writeFileSync(`${dir}/d/inside`, 'x'.repeat(30_000));
    },
    (dir) => {
      chattr('-C', `${dir}/d`, `${dir}/f`, dir);
      for (const path of [`${dir}/d`, `${dir}/f`, dir]) {
        setXattr(path, 'btrfs.compression', Buffer.from('zstd'));
      }
      fs.writeFileSync(`${dir}/f`, 'y'.repeat(30_000));
      fs.writeFileSync(`${dir}/d/later`, 'z'.repeat(30_000));
    },
    (dir) => {
      for (const path of [`${dir}/d`, dir]) {
        setXattr(path, 'btrfs.compression', Buffer.from(''));
        chattr('+C', path);
      }
      fs.writeFileSync(`${dir}/d/again`, 'z'.repeat(30_000));
    },
  ]);
  // The file is emptied first, which takes its capability: removing it again failed.
  stage.arrives('nodatacow goes from files with capabilities: one keeps it, one does not', [
    (dir) => {
      for (const name of ['keeps', 'loses']) {
        fs.writeFileSync(`${dir}/${name}`, '');
        chattr('+C', `${dir}/${name}`);
        setXattr(`${dir}/${name}`, 'security.capability', netRawCapability());
      }
    },
    (dir) => {
      for (const name of ['keeps', 'loses']) chattr('-C', `${dir}/${name}`);
      removeXattr(`${dir}/loses`, 'security.capability');
    },
  ]);
  // The kernel refuses nodatacow beside nocompress, even where one call takes the other away.
  stage.arrives('nodatacow and nocompress change places, files and directories', [
    (dir) => {
      fs.mkdirSync(`${dir}/m.d`);
      fs.mkdirSync(`${dir}/C.d`);
      for (const name of ['m', 'C']) fs.writeFileSync(`${dir}/${name}`, '');
      chattr('+m', `${dir}/m`, `${dir}/m.d`);
      chattr('+C', `${dir}/C`, `${dir}/C.d`);
      for (const name of ['m', 'C']) fs.writeFileSync(`${dir}/${name}`, 'x'.repeat(30_000));
    },
    (dir) => {
      for (const name of ['m', 'C']) fs.truncateSync(`${dir}/${name}`);
      chattr('-m', `${dir}/m`, `${dir}/m.d`);
      chattr('+C', `${dir}/m`, `${dir}/m.d`);
      chattr('-C', `${dir}/C`, `${dir}/C.d`);
      chattr('+m', `${dir}/C`, `${dir}/C.d`);
      for (const name of ['m', 'C']) fs.writeFileSync(`${dir}/${name}`, 'y'.repeat(40_000));
    },
  ]);
  // Setting any flag made the kernel replace the property by its own choice, or take it away.
  stage.arrives('a flag beside a compression property leaves the property as it is', [
    (dir) => {
      for (const value of ['zstd', 'lzo', 'none']) {
        fs.mkdirSync(`${dir}/${value}.d`);
        fs.writeFileSync(`${dir}/${value}`, '');
        for (const path of [`${dir}/${value}.d`, `${dir}/${value}`]) {
          chattr('+d', path);
          setXattr(path, 'btrfs.compression', Buffer.from(value));
        }
        fs.writeFileSync(`${dir}/${value}`, 'x'.repeat(20_000));
      }
    },
    (dir) => {
      fs.writeFileSync(`${dir}/later`, '');
      fs.mkdirSync(`${dir}/later.d`);
      for (const path of [`${dir}/later`, `${dir}/later.d`, dir]) {
        chattr('+A', path);
        setXattr(path, 'btrfs.compression', Buffer.from('zstd'));
      }
    },
  ]);
  // Setting flags takes the property away and leaves nocompress; removing it takes both.
  stage.arrives('nocompress stays where the property that brought it goes', [
    (dir) => {
      fs.mkdirSync(`${dir}/d`);
      fs.writeFileSync(`${dir}/f`, 'x'.repeat(20_000));
      for (const name of ['d', 'f']) {
        setXattr(`${dir}/${name}`, 'btrfs.compression', Buffer.from('none'));
      }
    },
    (dir) => chattr('-a', `${dir}/d`, `${dir}/f`),
  ]);
});

describeKernel('question 3: inode flags without checksums', () => {
  const stage = new Stage({ mountOptions: 'nodatasum' });
  afterAll(() => {
    run('chattr', ['-R', '-f', '-i', stage.source.dir], { accept: [0, 1] });
  });
  // A file without checksums takes the flag over from its folder, but no property, which another
  // flag then brings. From the last to the first, removing the property took the flag along.
  stage.arrives(
    'compress stays where the property that came with a seal goes',
    [
      (dir) => {
        chattr('+c', dir);
        fs.writeFileSync(`${dir}/f`, 'x'.repeat(20_000));
      },
      (dir) => chattr('+i', `${dir}/f`),
    ],
    ['xattrs'],
  );
  // Our receive gives a flag of compression the property that the kernel set with `compress`.
  stage.arrives(
    'nocompress comes where compress stood without a property',
    [
      (dir) => {
        chattr('+c', dir);
        fs.writeFileSync(`${dir}/f`, 'x'.repeat(20_000));
        fs.writeFileSync(`${dir}/touched`, 'x'.repeat(20_000));
      },
      (dir) => {
        run('chattr', ['-c', '+m', `${dir}/f`, `${dir}/touched`]);
        fs.appendFileSync(`${dir}/touched`, 'more');
      },
      (dir) => run('chattr', ['-m', '+d', `${dir}/f`]),
    ],
    ['xattrs'],
  );
});
