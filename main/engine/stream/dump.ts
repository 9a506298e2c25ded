import type { Bytes, CommandSink, EncodedWrite } from './command-sink.ts';
import { escapePath, localTime, uuidText } from './dump-text.ts';
import type { Drain } from './output.ts';

const BUFFER_BYTES = 1 << 18;
/** The most that one line can need: two paths and a value, every byte escaped. */
const LINE_BYTES = 4 * (4096 + 4096 + 65536);
const TITLE_WIDTH = 16;
const PATH_WIDTH = 32;

/**
 * A line a command, as `btrfs receive --dump` prints them (observed on btrfs-progs 6.2): names
 * escaped, times in the local zone, `fileattr` decimal after 0x, attribute values up to a NUL.
 */
export class DumpSink implements CommandSink {
  readonly #buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES + LINE_BYTES);
  readonly #drain: Drain;
  #at = 0;
  /** `./NAME/`: escaped, and as it is for the source of a clone. */
  #top = './';
  #rawTop = './';

  constructor(drain: Drain) {
    this.#drain = drain;
  }

  /** Hands over what is still held back. */
  flush(): void {
    if (this.#at === 0) return;
    const length = this.#at;
    this.#at = 0;
    this.#drain(this.#buffer.subarray(0, length));
  }

  subvol(path: Bytes, uuid: Bytes, ctransid: number): void {
    this.#enter(path);
    this.#print('subvol', `./${escapePath(path)}`, `uuid=${uuidText(uuid)} transid=${ctransid}`);
  }

  snapshot(path: Bytes, uuid: Bytes, ctransid: number, parent: Bytes, transid: number): void {
    this.#enter(path);
    const own = `uuid=${uuidText(uuid)} transid=${ctransid}`;
    const from = `parent_uuid=${uuidText(parent)} parent_transid=${transid}`;
    this.#print('snapshot', `./${escapePath(path)}`, `${own} ${from}`);
  }

  mkfile(path: Bytes): void {
    this.#line('mkfile', path);
  }

  mkdir(path: Bytes): void {
    this.#line('mkdir', path);
  }

  mknod(path: Bytes, _inode: number, mode: number, rdev: number): void {
    this.#line('mknod', path, `mode=${mode.toString(8)} dev=0x${rdev.toString(16)}`);
  }

  mkfifo(path: Bytes): void {
    this.#line('mkfifo', path);
  }

  mksock(path: Bytes): void {
    this.#line('mksock', path);
  }

  symlink(path: Bytes, _inode: number, target: Bytes): void {
    this.#line('symlink', path, `dest=${escapePath(target)}`);
  }

  rename(from: Bytes, to: Bytes): void {
    this.#line('rename', from, `dest=${this.#top}${escapePath(to)}`);
  }

  link(path: Bytes, existing: Bytes): void {
    this.#line('link', path, `dest=${escapePath(existing)}`);
  }

  unlink(path: Bytes): void {
    this.#line('unlink', path);
  }

  rmdir(path: Bytes): void {
    this.#line('rmdir', path);
  }

  setXattr(path: Bytes, name: Bytes, value: Bytes): void {
    const end = value.indexOf(0);
    const shown = raw(end < 0 ? value : value.subarray(0, end));
    this.#line('set_xattr', path, `name=${raw(name)} data=${shown} len=${value.length}`);
  }

  removeXattr(path: Bytes, name: Bytes): void {
    this.#line('remove_xattr', path, `name=${raw(name)}`);
  }

  write(path: Bytes, offset: number, data: Bytes): void {
    this.#line('write', path, `offset=${offset} len=${data.length}`);
  }

  clone(
    path: Bytes,
    offset: number,
    length: number,
    _uuid: Bytes,
    _transid: number,
    sourcePath: Bytes,
    sourceOffset: number,
  ): void {
    const from = `from=${this.#rawTop}${raw(sourcePath)} clone_offset=${sourceOffset}`;
    this.#line('clone', path, `offset=${offset} len=${length} ${from}`);
  }

  truncate(path: Bytes, size: number): void {
    this.#line('truncate', path, `size=${size}`);
  }

  chmod(path: Bytes, mode: number): void {
    this.#line('chmod', path, `mode=${mode.toString(8)}`);
  }

  chown(path: Bytes, uid: number, gid: number): void {
    this.#line('chown', path, `gid=${gid} uid=${uid}`);
  }

  utimes(path: Bytes, times: Bytes): void {
    const [atime, mtime, ctime] = [localTime(times, 0), localTime(times, 24), localTime(times, 12)];
    this.#line('utimes', path, `atime=${atime} mtime=${mtime} ctime=${ctime}`);
  }

  updateExtent(path: Bytes, offset: number, length: number): void {
    this.#line('update_extent', path, `offset=${offset} len=${length}`);
  }

  encodedWrite(path: Bytes, write: EncodedWrite): void {
    const lengths =
      `unencoded_file_len=${write.unencodedFileLength}, ` +
      `unencoded_len=${write.unencodedLength}, unencoded_offset=${write.unencodedOffset}`;
    const how = `compression=${write.compression}, encryption=${write.encryption}`;
    const where = `offset=${write.offset} len=${write.data.length}`;
    this.#line('encoded_write', path, `${where}, ${lengths}, ${how}`);
  }

  fallocate(path: Bytes, mode: number, offset: number, length: number): void {
    this.#line('fallocate', path, `mode=${mode} offset=${offset} len=${length}`);
  }

  fileattr(path: Bytes, flags: number): void {
    this.#line('fileattr', path, `fileattr=0x${flags}`);
  }

  enableVerity(path: Bytes, algorithm: number, blockSize: number, salt: Bytes, sig: Bytes): void {
    const lengths = `salt_len=${salt.length} sig_len=${sig.length}`;
    this.#line('enable_verity', path, `algorithm=${algorithm} block_size=${blockSize} ${lengths}`);
  }

  end(): void {}

  #enter(path: Bytes): void {
    this.#top = `./${escapePath(path)}/`;
    this.#rawTop = `./${raw(path)}/`;
  }

  #line(title: string, path: Bytes, details?: string): void {
    this.#print(title, this.#top + escapePath(path), details);
  }

  /** Paths are filled up to 32 characters where something follows, and by one space at least. */
  #print(title: string, path: string, details?: string): void {
    const head = title.padEnd(TITLE_WIDTH) + path;
    if (details === undefined) this.#put(`${head}\n`);
    else this.#put(`${head.padEnd(TITLE_WIDTH + PATH_WIDTH - 1)} ${details}\n`);
  }

  #put(line: string): void {
    this.#at += this.#buffer.write(line, this.#at, 'latin1');
    if (this.#at >= BUFFER_BYTES) this.flush();
  }
}

/** A character a byte: written back as latin1, the bytes are what they were. */
function raw(bytes: Bytes): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}
