import { spawn, type ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { listBlockDevices } from '../../../main/engine/device/index.ts';
import { readSpaceBill, verifySubvolume } from '../../../main/engine/inspect/index.ts';
import { openSubvolume } from '../../../main/engine/tree/index.ts';
import { openVolume, type Damage } from '../../../main/engine/volume/index.ts';
import { fillTree } from '../../harness/fill.ts';
import { describeKernel } from '../../harness/kernel.ts';
import { withBtrfs } from '../../harness/loop.ts';
import { Random } from '../../harness/random.ts';
import { run } from '../../harness/run.ts';
import { describeByKernel, describeByReader } from '../describe.ts';

const SECONDS = Number(process.env['DENDRO_LIVE_SECONDS'] ?? 10);

/** Everything that moves blocks about, without pause, until killed. */
const churn = (dir: string): string[] => [
  `while true; do btrfs balance start --full-balance ${dir}; done`,
  `while true; do btrfs scrub start -B ${dir}; fstrim ${dir}; sleep 0.2; done`,
  `while true; do
     btrfs subvolume snapshot ${dir}/data ${dir}/gone; rm -rf ${dir}/gone/tree ${dir}/gone/extents
     btrfs subvolume delete ${dir}/gone; btrfs subvolume sync ${dir}; done`,
  `i=0; while true; do i=$(((i+1)%40))
     head -c 3000000 /dev/urandom > ${dir}/data/churn-$i; rm -f ${dir}/data/churn-$(((i+20)%40))
     dd if=/dev/urandom of=${dir}/data/flags/nocow bs=4096 count=5 conv=notrunc; sync -f ${dir}; done`,
];

describeKernel('reading a mounted filesystem that is written to', () => {
  test.each([
    ['single device', 1, ['-m', 'dup', '-d', 'single']],
    ['RAID1 of two', 2, ['-m', 'raid1', '-d', 'raid1']],
  ] as const)('%s: the snapshot reads the same each time', async (_, devices, mkfsArgs) => {
    await withBtrfs({ sizeMiB: 1024, devices, mkfsArgs: [...mkfsArgs] }, async (fs) => {
      run('btrfs', ['subvolume', 'create', `${fs.dir}/data`]);
      fillTree(`${fs.dir}/data`, { files: 200 });
      // long enough to be read ahead
      writeFileSync(`${fs.dir}/data/large`, new Random(9).bytes(12_345_678));
      run('btrfs', ['subvolume', 'snapshot', '-r', `${fs.dir}/data`, `${fs.dir}/snap`]);
      fs.sync();
      const kernel = describeByKernel(`${fs.dir}/snap`);
      const damage: Damage[] = [];
      const volume = openVolume([fs.device], {
        candidates: listBlockDevices,
        onDamage: (d) => damage.push(d),
      });
      const workers = churn(fs.dir).map((script) =>
        spawn('sh', ['-c', script], { stdio: 'ignore', detached: true }),
      );
      const first = volume.generation;
      let reads = 0;
      try {
        const end = performance.now() + SECONDS * 1000;
        while (performance.now() < end) {
          const subvolume = openSubvolume(volume, Buffer.from('snap'));
          expect(describeByReader(subvolume)).toEqual(kernel);
          reads += 1;
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
        volume.refresh();
        expect(
          verifySubvolume(openSubvolume(volume, Buffer.from('snap'))).dataBytes,
        ).toBeGreaterThan(0);
        expect(readSpaceBill(volume).totalBytes).toBeGreaterThan(0);
      } finally {
        for (const worker of workers) stop(worker);
        run('btrfs', ['balance', 'cancel', fs.dir], { accept: [0, 1, 2] });
        run('btrfs', ['scrub', 'cancel', fs.dir], { accept: [0, 1, 2] });
        volume.close();
      }
      expect(reads).toBeGreaterThan(1);
      console.log(
        `${reads} reads over ${volume.generation - first} generations, ${volume.epoch - 1} moves`,
      );
      expect(damage.filter(({ uncertain }) => uncertain !== true)).toEqual([]);
    });
  });
});

/** The shell and what it started. */
function stop(worker: ChildProcess): void {
  try {
    process.kill(-worker.pid!, 'SIGKILL');
  } catch {
    // it has ended by itself
  }
}
