import type { CommandSink, EncodedWrite } from './command-sink.ts';
import type { Attributes } from './decode-attributes.ts';
import { broken } from './decode-attributes.ts';
import { ATTRIBUTE as A, COMMAND as C } from './protocol.ts';

/**
 * Calls the sink's method for one command whose attributes have been parsed. @param isProven what is
 * encoded in it is known to decode
 */
export function dispatch(
  command: number,
  a: Attributes,
  sink: CommandSink,
  isProven = false,
): void {
  switch (command) {
    case C.subvol:
      announce(a, sink);
      return sink.subvol(a.path(A.path), a.uuid(A.uuid), a.u64(A.ctransid));
    case C.snapshot: {
      announce(a, sink);
      const [parent, transid] = [a.uuid(A.cloneUuid), a.u64(A.cloneCtransid)];
      return sink.snapshot(a.path(A.path), a.uuid(A.uuid), a.u64(A.ctransid), parent, transid);
    }
    case C.mkfile:
      return sink.mkfile(a.path(A.path), inode(a));
    case C.mkdir:
      return sink.mkdir(a.path(A.path), inode(a));
    case C.mknod:
      return sink.mknod(a.path(A.path), inode(a), a.u32of64(A.mode), a.u32of64(A.rdev));
    case C.mkfifo:
      return sink.mkfifo(a.path(A.path), inode(a));
    case C.mksock:
      return sink.mksock(a.path(A.path), inode(a));
    case C.symlink:
      return sink.symlink(a.path(A.path), inode(a), a.linkTarget(A.pathLink));
    case C.rename:
      return sink.rename(a.path(A.path), a.path(A.pathTo));
    case C.link:
      return sink.link(a.path(A.path), a.path(A.pathLink));
    case C.unlink:
      return sink.unlink(a.path(A.path));
    case C.rmdir:
      return sink.rmdir(a.path(A.path));
    case C.setXattr:
      return sink.setXattr(a.pathOrTop(A.path), a.xattrName(A.xattrName), a.data(A.xattrData));
    case C.removeXattr:
      return sink.removeXattr(a.pathOrTop(A.path), a.xattrName(A.xattrName));
    case C.truncate:
      return sink.truncate(a.path(A.path), a.u64(A.size));
    case C.chmod:
      return sink.chmod(a.pathOrTop(A.path), a.u32of64(A.mode));
    case C.chown:
      return sink.chown(a.pathOrTop(A.path), a.u32of64(A.uid), a.u32of64(A.gid));
    case C.utimes:
      return sink.utimes(a.pathOrTop(A.path), a.times(), a.has(A.otime));
    case C.fileattr:
      return sink.fileattr(a.pathOrTop(A.path), a.u64(A.fileattr));
    case C.end:
      return sink.end();
    default:
      return dispatchData(command, a, sink, isProven);
  }
}

function dispatchData(command: number, a: Attributes, sink: CommandSink, isProven: boolean): void {
  switch (command) {
    case C.write: {
      const data = a.data(A.data);
      return sink.write(a.path(A.path), range(a, data.length), data);
    }
    case C.clone: {
      const length = a.u64(A.cloneLength);
      const sourceOffset = a.u64(A.cloneOffset);
      if (sourceOffset + length >= Number.MAX_SAFE_INTEGER) throw broken('clones past 2^53');
      return sink.clone(
        a.path(A.path),
        range(a, length),
        length,
        a.uuid(A.cloneUuid),
        a.u64(A.cloneCtransid),
        a.path(A.clonePath),
        sourceOffset,
      );
    }
    case C.updateExtent: {
      const length = a.u64(A.size);
      return sink.updateExtent(a.path(A.path), range(a, length), length);
    }
    case C.fallocate: {
      const length = a.u64(A.size);
      return sink.fallocate(a.path(A.path), a.u32(A.fallocateMode), range(a, length), length);
    }
    case C.encodedWrite:
      return sink.encodedWrite(a.path(A.path), encodedWrite(a, isProven));
    case C.enableVerity:
      return sink.enableVerity(
        a.path(A.path),
        a.u8(A.verityAlgorithm),
        a.u32(A.verityBlockSize),
        a.data(A.veritySalt),
        a.data(A.veritySignature),
      );
    default:
      throw broken(`has the unknown number ${command}`);
  }
}

/** What an encoded write says, its path aside. */
export function encodedWrite(a: Attributes, isProven: boolean): EncodedWrite {
  const unencodedFileLength = a.u64(A.unencodedFileLength);
  return {
    offset: range(a, unencodedFileLength),
    unencodedFileLength,
    unencodedLength: a.u64(A.unencodedLength),
    unencodedOffset: a.u64(A.unencodedOffset),
    compression: a.has(A.compression) ? a.u32(A.compression) : 0,
    encryption: a.has(A.encryption) ? a.u32(A.encryption) : 0,
    data: a.data(A.data),
    isProven,
  };
}

function announce(a: Attributes, sink: CommandSink): void {
  if (!a.has(A.resumeFrom)) return;
  const from = a.u64(A.resumeFrom);
  if (from < 1) throw broken('resumes nowhere');
  if (sink.resume === undefined) throw broken('resumes a stream that was never begun');
  sink.resume(from);
}

/** The file offset, once it is sure that offset and length together stay below 2^53. */
function range(a: Attributes, length: number): number {
  const offset = a.u64(A.fileOffset);
  if (offset + length >= Number.MAX_SAFE_INTEGER) throw broken('reaches past 2^53 in a file');
  return offset;
}

/** Inode numbers identify nothing at the receiver; streams of other tools may leave them out. */
function inode(a: Attributes): number {
  return a.has(A.inode) ? a.u64(A.inode) : 0;
}
