/** As their makers write them, where that is not the name that the kernel and udev use. */
const NAMES: Readonly<Record<string, string>> = {
  exfat: 'exFAT',
  vfat: 'FAT',
  ntfs: 'NTFS',
  ntfs3: 'NTFS',
  xfs: 'XFS',
  jfs: 'JFS',
  f2fs: 'F2FS',
  apfs: 'APFS',
  hfsplus: 'HFS+',
};

/** `exfat` as a person has seen it written: exFAT. */
export function filesystemName(type: string): string {
  return NAMES[type] ?? type;
}
