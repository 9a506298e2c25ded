import { ioctl, SyscallFailed } from './syscalls.ts';

export interface Segment {
  readonly start: number;
  readonly end: number;
}

/**
 * The ranges of an open file that hold data, by FIEMAP: SEEK_HOLE takes a file whose blocks add
 * up to its size for one without holes, though space in it may only be set aside. All of the
 * file where the filesystem cannot tell.
 */
export function dataSegments(fd: number, sizeBytes: number): Segment[] {
  const [block, unwritten] = [4096, 0x800];
  const segments: { start: number; end: number }[] = [];
  for (const { logical, length, flags } of extentsOrAll(fd, sizeBytes)) {
    const end = Math.min(Math.ceil((logical + length) / block) * block, sizeBytes);
    if ((flags & unwritten) !== 0 || logical >= end) continue;
    const last = segments.at(-1);
    if (last !== undefined && last.end >= logical) last.end = end;
    else segments.push({ start: logical, end });
  }
  return segments;
}

export interface Extent {
  readonly logical: number;
  /** Address on the volume: equal addresses are shared bytes. */
  readonly physical: number;
  readonly length: number;
  /** FIEMAP_EXTENT_* of `linux/fiemap.h`: 0x8 encoded, 0x200 inline, 0x800 unwritten, 0x2000 shared. */
  readonly flags: number;
}

/** `struct fiemap` and room for 512 extents behind it, for one call each. */
const request = Buffer.alloc(32 + 56 * 512);

/** FIEMAP with FIEMAP_FLAG_SYNC: where a file's bytes lie. */
export function fileExtents(fd: number): Extent[] {
  const perCall = 512;
  const extents: Extent[] = [];
  for (let start = 0; ;) {
    request.fill(0, 0, 32);
    request.writeBigUInt64LE(BigInt(start), 0);
    request.writeBigUInt64LE(0xffff_ffff_ffff_ffffn - BigInt(start), 8);
    request.writeUInt32LE(1, 16);
    request.writeUInt32LE(perCall, 24);
    ioctl(fd, 0xc020660b, request, 'FS_IOC_FIEMAP');
    const mapped = request.readUInt32LE(20);
    for (let index = 0; index < mapped; index++) {
      const at = 32 + 56 * index;
      const number = (offset: number) => Number(request.readBigUInt64LE(at + offset));
      const flags = request.readUInt32LE(at + 40);
      extents.push({ logical: number(0), physical: number(8), length: number(16), flags });
      start = number(0) + number(16);
      if ((flags & 1) !== 0) return extents;
    }
    if (mapped === 0) return extents;
  }
}

function extentsOrAll(fd: number, sizeBytes: number): Extent[] {
  try {
    return fileExtents(fd);
  } catch (error) {
    if (!(error instanceof SyscallFailed) || error.code !== 'EOPNOTSUPP') throw error;
    return [{ logical: 0, physical: 0, length: sizeBytes, flags: 0 }];
  }
}
