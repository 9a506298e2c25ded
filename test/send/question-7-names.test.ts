import * as fs from 'node:fs';
import { describeKernel } from '../harness/kernel.ts';
import { run } from '../harness/run.ts';
import { exchange, removeXattr, setXattr } from '../harness/syscalls.ts';
import { Stage } from './scenario.ts';

describeKernel('question 7: names and links', () => {
  const stage = new Stage();
  stage.arrives('links N1 and N2 become N3 and N4, across directories that move', [
    (dir) => {
      fs.mkdirSync(`${dir}/a/b`, { recursive: true });
      fs.mkdirSync(`${dir}/c`);
      fs.writeFileSync(`${dir}/a/N1`, 'content');
      fs.linkSync(`${dir}/a/N1`, `${dir}/a/b/N2`);
    },
    (dir) => {
      fs.linkSync(`${dir}/a/N1`, `${dir}/c/N3`);
      fs.linkSync(`${dir}/a/N1`, `${dir}/N4`);
      fs.rmSync(`${dir}/a/N1`);
      fs.rmSync(`${dir}/a/b/N2`);
      fs.renameSync(`${dir}/a/b`, `${dir}/c/b`);
    },
    (dir) => {
      fs.renameSync(`${dir}/c`, `${dir}/a/c`);
      fs.linkSync(`${dir}/N4`, `${dir}/a/c/b/N2`);
      fs.rmSync(`${dir}/N4`);
    },
  ]);
  stage.arrives('swaps, rotations, and a directory below its former child', [
    (dir) => {
      fs.mkdirSync(`${dir}/x/y/z`, { recursive: true });
      for (const name of ['1', '2', '3']) fs.writeFileSync(`${dir}/${name}`, name);
      fs.mkdirSync(`${dir}/p`);
      fs.mkdirSync(`${dir}/q`);
    },
    (dir) => {
      fs.renameSync(`${dir}/x/y/z`, `${dir}/z`);
      fs.renameSync(`${dir}/x/y`, `${dir}/z/y`);
      fs.renameSync(`${dir}/x`, `${dir}/z/y/x`);
      exchange(`${dir}/1`, `${dir}/2`);
      exchange(`${dir}/2`, `${dir}/3`);
      exchange(`${dir}/p`, `${dir}/q`);
    },
    (dir) => {
      exchange(`${dir}/z/y`, `${dir}/p`);
      fs.renameSync(`${dir}/q`, `${dir}/p/q`);
      exchange(`${dir}/1`, `${dir}/p/q`);
    },
  ]);
  // More folders than a receiver keeps open; each has a file of the name that is linked.
  stage.arrives('a link in each of many folders', [
    (dir) => {
      for (let i = 0; i < 400; i++) {
        fs.mkdirSync(`${dir}/d${i}`);
        fs.writeFileSync(`${dir}/d${i}/file`, `own ${i}`);
        fs.linkSync(`${dir}/d0/file`, `${dir}/d${i}/link`);
      }
    },
    (dir) => {
      for (let i = 1; i < 400; i++) {
        fs.renameSync(`${dir}/d${i}/link`, `${dir}/d${(i * 3) % 400}/link ${i}`);
        fs.linkSync(`${dir}/d${(i * 7) % 400}/file`, `${dir}/d${i}/other`);
      }
    },
  ]);
  stage.arrives('hundreds of links to one inode, more than one item holds', [
    (dir) => {
      fs.mkdirSync(`${dir}/d`);
      fs.writeFileSync(`${dir}/hub`, 'hub');
      for (let i = 0; i < 400; i++) fs.linkSync(`${dir}/hub`, `${dir}/d/${'n'.repeat(60)}${i}`);
    },
    (dir) => {
      for (let i = 0; i < 400; i += 3) fs.rmSync(`${dir}/d/${'n'.repeat(60)}${i}`);
      for (let i = 0; i < 100; i++) fs.linkSync(`${dir}/hub`, `${dir}/d/new-${i}`);
      fs.rmSync(`${dir}/hub`);
    },
  ]);
  stage.arrives('names of inodes with thousands, which go to others, to new ones, and back', [
    (dir) => {
      for (const inode of ['first', 'second', 'third']) fs.writeFileSync(`${dir}/${inode}`, inode);
      for (let i = 0; i < 1500; i++) {
        if (i < 30) fs.mkdirSync(`${dir}/${i}`);
        fs.linkSync(`${dir}/${i % 2 === 0 ? 'first' : 'second'}`, `${dir}/${i % 30}/link-${i}`);
      }
    },
    (dir) => {
      for (let i = 0; i < 1500; i++) {
        const path = `${dir}/${i % 30}/link-${i}`;
        if (i % 3 === 0) continue;
        if (i % 7 === 0) fs.renameSync(path, `${path}-moved`);
        else fs.rmSync(path);
        if (i % 5 === 0) fs.writeFileSync(path, `new ${i}`);
        else fs.linkSync(`${dir}/${['second', 'third', 'first'][i % 3]}`, path);
      }
      for (let i = 0; i < 30; i += 4) fs.renameSync(`${dir}/${i}`, `${dir}/renamed-${i}`);
    },
    (dir) => {
      for (let i = 0; i < 30; i += 4) fs.renameSync(`${dir}/renamed-${i}`, `${dir}/${i}`);
      for (let i = 1; i < 1500; i += 2) {
        const path = `${dir}/${i % 30}/link-${i}`;
        fs.rmSync(path);
        fs.linkSync(`${dir}/first`, path);
      }
      fs.rmSync(`${dir}/second`);
    },
  ]);
  // Names of one CRC-32C share an item: of a directory, of an inode's further links, of attributes.
  const twins = ['n0mxl8s4dmpwf8', 'n3tr8fehna0jfj', 'n2woii7blw8nnr', 'n3em93gilbdet6'] as const;
  const [a, twinOfA, b, twinOfB] = twins;
  stage.arrives('names with the same hash: of files, of hundreds of links, of attributes', [
    (dir) => {
      fs.mkdirSync(`${dir}/links`);
      fs.writeFileSync(`${dir}/one`, 'many links');
      for (let i = 0; i < 400; i++)
        fs.linkSync(`${dir}/one`, `${dir}/links/${'long'.repeat(10)}${i}`);
      for (const name of twins) {
        fs.writeFileSync(`${dir}/${name}`, name);
        fs.linkSync(`${dir}/one`, `${dir}/links/${name}`);
        setXattr(`${dir}/one`, `user.${name}`, Buffer.from(name));
      }
    },
    (dir) => {
      fs.renameSync(`${dir}/${twinOfA}`, `${dir}/${a}`);
      fs.rmSync(`${dir}/${b}`);
      fs.rmSync(`${dir}/links/${a}`);
      fs.renameSync(`${dir}/links/${b}`, `${dir}/links/moved`);
      removeXattr(`${dir}/one`, `user.${a}`);
      setXattr(`${dir}/one`, `user.${twinOfB}`, Buffer.from('another'));
    },
  ]);
  stage.arrives('names of all bytes, of 255 bytes, and like temporary ones', [
    (dir) => {
      for (let byte = 1; byte < 256; byte++) {
        if (byte !== 0x2f && byte !== 0x2e)
          fs.writeFileSync(Buffer.from([...Buffer.from(`${dir}/`), byte]), '');
      }
      fs.mkdirSync(`${dir}/o300-9-0`);
      for (let i = 256; i < 300; i++) fs.mkdirSync(`${dir}/o${i}-7-0`);
      fs.writeFileSync(Buffer.concat([Buffer.from(`${dir}/`), Buffer.alloc(255, 0xe9)]), '');
    },
    (dir) => {
      for (let i = 256; i < 299; i += 2) exchange(`${dir}/o${i}-7-0`, `${dir}/o${i + 1}-7-0`);
    },
  ]);
  stage.arrives('a directory that became a subvolume, and stubs of nested ones', [
    (dir) => {
      fs.mkdirSync(`${dir}/d/inner`, { recursive: true });
      fs.writeFileSync(`${dir}/d/inner/f`, 'f');
      run('btrfs', ['-q', 'subvolume', 'create', `${dir}/d/nested`]);
    },
    (dir) => {
      fs.rmSync(`${dir}/d/inner`, { recursive: true });
      run('btrfs', ['-q', 'subvolume', 'create', `${dir}/d/inner`]);
      run('btrfs', ['-q', 'subvolume', 'delete', `${dir}/d/nested`]);
      fs.mkdirSync(`${dir}/d/nested`);
    },
    (dir) => {
      run('btrfs', ['-q', 'subvolume', 'delete', `${dir}/d/inner`]);
      fs.rmSync(`${dir}/d`, { recursive: true });
    },
  ]);
  const open: number[] = [];
  stage.arrives('files and directories that are open and have no name any more', [
    (dir) => {
      fs.writeFileSync(`${dir}/gone`, 'gone');
      for (const name of ['empty', 'later/inner'])
        fs.mkdirSync(`${dir}/${name}`, { recursive: true });
      for (const name of ['gone', 'empty', 'later', 'later/inner']) {
        open.push(fs.openSync(`${dir}/${name}`, 'r'));
      }
      fs.rmSync(`${dir}/gone`);
      fs.rmdirSync(`${dir}/empty`);
      fs.writeFileSync(`${dir}/later/below`, 'below');
      fs.writeFileSync(`${dir}/stays`, 'stays');
    },
    (dir) => {
      fs.renameSync(`${dir}/later/below`, `${dir}/more`);
      fs.rmSync(`${dir}/later`, { recursive: true });
      fs.mkdirSync(`${dir}/empty`);
    },
    (dir) => {
      open.forEach((fd) => fs.closeSync(fd));
      fs.writeFileSync(`${dir}/more`, 'more still');
    },
  ]);
});
