import { closeSync, openSync, readSync } from 'node:fs';
import { unsupported } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { bytesFromText, printable } from '../../../shared/model/bytes-text.ts';

type Kind = 'filesystem' | 'locked' | 'partitions' | 'member';

/** What a disk begins with, by its own specification; text is a character a byte. */
interface Signature {
  readonly at: number;
  readonly text: string;
  readonly kind: Kind;
  readonly name: string;
}

const filesystem = (at: number, text: string, name: string): Signature => ({
  ...{ at, text, name },
  kind: 'filesystem',
});

/** FAT and NTFS end their first sector as a table of partitions does: that is looked for last. */
const SIGNATURES: readonly Signature[] = [
  { at: 0, text: 'LUKS\xba\xbe', kind: 'locked', name: 'LUKS' },
  { at: 3, text: '-FVE-FS-', kind: 'locked', name: 'BitLocker' },
  filesystem(0x438, '\x53\xef', 'ext2, ext3 or ext4'),
  filesystem(0, 'XFSB', 'XFS'),
  filesystem(3, 'NTFS    ', 'NTFS'),
  filesystem(3, 'EXFAT   ', 'exFAT'),
  filesystem(82, 'FAT32   ', 'FAT'),
  filesystem(54, 'FAT16   ', 'FAT'),
  filesystem(54, 'FAT12   ', 'FAT'),
  filesystem(1_024, '\x10\x20\xf5\xf2', 'F2FS'),
  filesystem(4_096 + 24, '\xc6\x85\x73\xf6\x4e\x1a\x45\xca', 'bcachefs'),
  filesystem(0, 'hsqs', 'SquashFS'),
  filesystem(1_024, '\xe2\xe1\xf5\xe0', 'EROFS'),
  filesystem(0x8001, 'CD001', 'ISO 9660'),
  filesystem(0x1_0034, 'ReIsEr', 'ReiserFS'),
  filesystem(1_024, 'H+\x00\x04', 'HFS+'),
  filesystem(32, 'NXSB', 'APFS'),
  filesystem(4_086, 'SWAPSPACE2', 'swap space'),
  { at: 4_096, text: '\xfc\x4e\x2b\xa9', kind: 'member', name: 'Linux RAID' },
  { at: 0, text: '\xfc\x4e\x2b\xa9', kind: 'member', name: 'Linux RAID' },
  { at: 512 + 24, text: 'LVM2 001', kind: 'member', name: 'LVM' },
  { at: 24, text: 'LVM2 001', kind: 'member', name: 'LVM' },
  { at: 512, text: 'EFI PART', kind: 'partitions', name: 'GPT' },
  { at: 4_096, text: 'EFI PART', kind: 'partitions', name: 'GPT' },
];
const READ_BYTES = 0x1_0040;

/**
 * Of a disk or image that holds no btrfs: what it holds instead, and how to get at that.
 * @throws Unsupported 'other-filesystem', 'disk-locked', 'partition-table', 'member-disk'
 */
export function refuseForeign(path: string): void {
  const start = startOf(path);
  const found = SIGNATURES.find(({ at, text }) => textAt(start, at, text.length) === text);
  if (found) throw foreign(path, found.kind, found.name);
  if (hasPartitions(start)) throw foreign(path, 'partitions', 'MBR');
}

/** A boot sector with at least one partition that could be one, and no state but 0 or 0x80. */
function hasPartitions(start: Buffer): boolean {
  if (textAt(start, 510, 2) !== '\x55\xaa') return false;
  const entries = [0, 1, 2, 3].map((i) => start.subarray(446 + i * 16, 462 + i * 16));
  const isOrderly = entries.every((entry) => entry[0] === 0 || entry[0] === 0x80);
  return isOrderly && entries.some((entry) => entry[4] !== 0 && entry.readUInt32LE(12) > 0);
}

function foreign(path: string, kind: Kind, name: string): Error {
  const [shown, place] = [printable(path), { path: printable(path) }];
  switch (kind) {
    case 'filesystem':
      return unsupported(
        'other-filesystem',
        say`"${{ path: shown }}" holds ${{ name }}, not btrfs.`,
        {
          hint: 'Mount it read-only, and name the folder that it is mounted at.',
          place,
        },
      );
    case 'locked':
      return unsupported('disk-locked', say`"${{ path: shown }}" is encrypted (${{ name }}).`, {
        hint: 'Unlock it (cryptsetup open), and name what that makes below /dev/mapper.',
        place,
      });
    case 'partitions':
      return unsupported(
        'partition-table',
        say`"${{ path: shown }}" is a disk with partitions (${{ name }}).`,
        {
          hint: 'Name one of its partitions; those of an image appear with: losetup -Pf --show IMAGE',
          place,
        },
      );
    case 'member':
      return unsupported(
        'member-disk',
        say`"${{ path: shown }}" is a part of a larger device (${{ name }}).`,
        {
          hint: 'Put it together (mdadm --assemble, vgchange -ay), and name the device that it makes.',
          place,
        },
      );
  }
}

function textAt(bytes: Buffer, at: number, length: number): string {
  return bytes.toString('latin1', at, at + length);
}

/** As far as it can be read. */
function startOf(path: string): Buffer {
  const fd = openSync(Buffer.from(bytesFromText(path)), 'r');
  try {
    const bytes = Buffer.alloc(READ_BYTES);
    return bytes.subarray(0, readSync(fd, bytes, 0, READ_BYTES, 0));
  } catch {
    return Buffer.alloc(0); // blocks that cannot be read: whoever opens it says so
  } finally {
    closeSync(fd);
  }
}
