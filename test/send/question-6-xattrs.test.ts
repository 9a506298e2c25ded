import * as fs from 'node:fs';
import { describeKernel } from '../harness/kernel.ts';
import { acl, netRawCapability } from '../harness/fill.ts';
import { removeXattr, setXattr } from '../harness/syscalls.ts';
import { Stage } from './scenario.ts';

describeKernel('question 6: extended attributes, ACLs, capabilities', () => {
  const stage = new Stage();
  stage.arrives('set, changed, removed, made again', [
    (dir) => {
      fs.writeFileSync(`${dir}/f`, 'f');
      fs.symlinkSync('f', `${dir}/link`);
      for (let i = 0; i < 30; i++) setXattr(`${dir}/f`, `user.${i}`, Buffer.from(`${i}`));
      setXattr(`${dir}/f`, 'user.empty', Buffer.alloc(0));
      setXattr(`${dir}/f`, 'user.bytes', Buffer.from([0, 255, 10, 0]));
      setXattr(`${dir}/link`, 'trusted.link', Buffer.from('l'));
      setXattr(dir, 'user.top', Buffer.from('top'));
    },
    (dir) => {
      removeXattr(`${dir}/f`, 'user.3');
      setXattr(`${dir}/f`, 'user.4', Buffer.from('changed'));
      removeXattr(`${dir}/link`, 'trusted.link');
      removeXattr(dir, 'user.top');
    },
    (dir) => setXattr(`${dir}/f`, 'user.3', Buffer.alloc(3000, 3)),
  ]);
  stage.arrives('ACLs that others would inherit', [
    (dir) => {
      fs.mkdirSync(`${dir}/d`);
      fs.writeFileSync(`${dir}/d/before`, '');
      setXattr(dir, 'system.posix_acl_default', acl(1001, 7));
      setXattr(`${dir}/d`, 'system.posix_acl_default', acl(1002, 5));
      fs.writeFileSync(`${dir}/d/after`, '');
      fs.mkdirSync(`${dir}/e`);
    },
    (dir) => {
      removeXattr(`${dir}/d/after`, 'system.posix_acl_access');
      fs.renameSync(`${dir}/d/before`, `${dir}/e/before`);
      fs.writeFileSync(`${dir}/d/third`, '');
      removeXattr(`${dir}/d/third`, 'system.posix_acl_access');
      fs.chmodSync(`${dir}/d/third`, 0o604);
    },
    (dir) => {
      removeXattr(dir, 'system.posix_acl_default');
      fs.mkdirSync(`${dir}/f`);
      fs.writeFileSync(`${dir}/e/x`, '');
    },
  ]);
  stage.arrives(
    'properties that others would inherit',
    [
      (dir) => {
        setXattr(dir, 'btrfs.compression', Buffer.from('zstd'));
        fs.mkdirSync(`${dir}/d`);
        fs.writeFileSync(`${dir}/with`, 'a'.repeat(50_000));
        removeXattr(dir, 'btrfs.compression');
        fs.writeFileSync(`${dir}/without`, 'b'.repeat(50_000));
      },
      (dir) => {
        setXattr(dir, 'btrfs.compression', Buffer.from('lzo'));
        fs.writeFileSync(`${dir}/lzo`, 'c'.repeat(50_000));
        fs.writeFileSync(`${dir}/none`, 'd'.repeat(50_000));
        removeXattr(`${dir}/none`, 'btrfs.compression');
      },
      // The flags that a property brings along are the kernel's own business.
    ],
    ['flags'],
  );
  stage.arrives('capabilities, through changes of content and owner', [
    (dir) => {
      fs.writeFileSync(`${dir}/f`, 'program');
      setXattr(`${dir}/f`, 'security.capability', netRawCapability());
    },
    (dir) => {
      fs.appendFileSync(`${dir}/f`, ' changed');
      setXattr(`${dir}/f`, 'security.capability', netRawCapability());
    },
    (dir) => {
      fs.chownSync(`${dir}/f`, 9, 9);
      setXattr(`${dir}/f`, 'security.capability', netRawCapability());
    },
    (dir) => removeXattr(`${dir}/f`, 'security.capability'),
  ]);
});
