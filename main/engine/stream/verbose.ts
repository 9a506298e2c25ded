import { printable, textFromBytes } from '../../../shared/model/bytes-text.ts';
import type { Bytes, CommandSink, EncodedWrite } from './command-sink.ts';
import { uuidText } from './dump-text.ts';

export interface VerboseOptions {
  /** 1: what begins and ends a snapshot, writes and clones (`-v`); 2: every command (`-vv`). */
  readonly level: 1 | 2;
  /** A received UUID is set at the end, which is told. */
  readonly isSealed: boolean;
  /** A line, without its end. */
  readonly say: (line: string) => void;
  readonly onSubvolume: (name: Bytes, kind: 'subvol' | 'snapshot') => void;
}

/**
 * Tells what is received, a line a command, in the words of `btrfs receive -v` (observed on
 * btrfs-progs 6.2, which has none for `fileattr` and `enable_verity`); names are made harmless.
 */
export class VerboseSink implements CommandSink {
  readonly #options: VerboseOptions;
  #isExact = true;
  #seal = '';

  constructor(options: VerboseOptions) {
    this.#options = options;
  }

  /** It is not what was sent, and gets no received UUID. */
  markInexact(): void {
    this.#isExact = false;
  }

  subvol(path: Bytes, uuid: Bytes, ctransid: number): void {
    this.#enter(path, 'subvol', uuid, ctransid);
    this.#say(`receiving subvol ${text(path)} ${this.#seal}`);
  }

  snapshot(path: Bytes, uuid: Bytes, ctransid: number, parent: Bytes, transid: number): void {
    this.#enter(path, 'snapshot', uuid, ctransid);
    const own = `uuid=${uuidText(uuid)}, ctransid=${ctransid}`;
    const from = `parent_uuid=${uuidText(parent)}, parent_ctransid=${transid}`;
    this.#say(`receiving snapshot ${text(path)} ${own} ${from}`);
  }

  mkfile(path: Bytes): void {
    this.#tell(`mkfile ${text(path)}`);
  }

  mkdir(path: Bytes): void {
    this.#tell(`mkdir ${text(path)}`);
  }

  mknod(path: Bytes, _inode: number, mode: number, rdev: number): void {
    this.#tell(`mknod ${text(path)} mode=${mode}, dev=${rdev}`);
  }

  mkfifo(path: Bytes): void {
    this.#tell(`mkfifo ${text(path)}`);
  }

  mksock(path: Bytes): void {
    this.#tell(`mksock ${text(path)}`);
  }

  symlink(path: Bytes, _inode: number, target: Bytes): void {
    this.#tell(`symlink ${text(path)} -> ${text(target)}`);
  }

  rename(from: Bytes, to: Bytes): void {
    this.#tell(`rename ${text(from)} -> ${text(to)}`);
  }

  link(path: Bytes, existing: Bytes): void {
    this.#tell(`link ${text(path)} -> ${text(existing)}`);
  }

  unlink(path: Bytes): void {
    this.#tell(`unlink ${text(path)}`);
  }

  rmdir(path: Bytes): void {
    this.#tell(`rmdir ${text(path)}`);
  }

  setXattr(path: Bytes, name: Bytes, value: Bytes): void {
    const end = value.indexOf(0);
    const shown = text(end < 0 ? value : value.subarray(0, end));
    const what = `name=${text(name)} data_len=${value.length} data=${shown}`;
    this.#tell(`set_xattr ${text(path)} - ${what}`);
  }

  removeXattr(path: Bytes, name: Bytes): void {
    this.#tell(`remove_xattr ${text(path)} - name=${text(name)}`);
  }

  write(path: Bytes, offset: number, data: Bytes): void {
    this.#say(`write ${text(path)} - offset=${offset} length=${data.length}`);
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
    const from = `source=${text(sourcePath)} source offset=${sourceOffset}`;
    this.#say(`clone ${text(path)} - ${from} offset=${offset} length=${length}`);
  }

  truncate(path: Bytes, size: number): void {
    this.#tell(`truncate ${text(path)} size=${size}`);
  }

  chmod(path: Bytes, mode: number): void {
    this.#tell(`chmod ${text(path)} - mode=0${mode.toString(8)}`);
  }

  chown(path: Bytes, uid: number, gid: number): void {
    this.#tell(`chown ${text(path)} - uid=${uid}, gid=${gid}`);
  }

  utimes(path: Bytes): void {
    this.#tell(`utimes ${text(path)}`);
  }

  updateExtent(path: Bytes, offset: number, length: number): void {
    this.markInexact();
    this.#tell(`update_extent ${text(path)}: offset=${offset}, len=${length}`);
  }

  encodedWrite(path: Bytes, write: EncodedWrite): void {
    const lengths =
      `unencoded_offset=${write.unencodedOffset}, ` +
      `unencoded_file_len=${write.unencodedFileLength}, unencoded_len=${write.unencodedLength}`;
    const how = `compression=${write.compression}, encryption=${write.encryption}`;
    const where = `offset=${write.offset}, len=${write.data.length}`;
    this.#tell(`encoded_write ${text(path)} - ${where}, ${lengths}, ${how}`);
  }

  fallocate(path: Bytes, mode: number, offset: number, length: number): void {
    this.#tell(`fallocate ${text(path)} - offset=${offset}, len=${length}, mode=${mode}`);
  }

  fileattr(): void {}

  enableVerity(): void {}

  end(): void {
    if (!this.#isExact || !this.#options.isSealed || this.#seal === '') return;
    this.#say(`BTRFS_IOC_SET_RECEIVED_SUBVOL ${this.#seal}`);
    this.#seal = '';
  }

  #enter(path: Bytes, kind: 'subvol' | 'snapshot', uuid: Bytes, ctransid: number): void {
    this.#isExact = true;
    this.#seal = `uuid=${uuidText(uuid)}, stransid=${ctransid}`;
    this.#options.onSubvolume(path, kind);
  }

  #say(line: string): void {
    this.#options.say(line);
  }

  #tell(line: string): void {
    if (this.#options.level > 1) this.#options.say(line);
  }
}

function text(bytes: Bytes): string {
  return printable(textFromBytes(bytes));
}
