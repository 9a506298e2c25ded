import * as fs from 'node:fs';
import { join } from 'node:path';
import { send, type SendRequest } from '../../main/engine/send.ts';
import { StreamEncoder } from '../../main/engine/stream/encode.ts';
import { openSubvolume } from '../../main/engine/tree/index.ts';
import { openVolume, type Volume } from '../../main/engine/volume/index.ts';
import { compareTrees, showDifferences, type Aspect } from '../harness/compare.ts';
import { makeBtrfs, type BtrfsOptions, type TestBtrfs } from '../harness/loop.ts';
import { run } from '../harness/run.ts';

export type StreamOptions = Pick<
  SendRequest,
  'protocol' | 'noData' | 'compressedData' | 'resumeFrom' | 'excludes'
> & {
  readonly parent?: string;
  readonly cloneSources?: readonly string[];
};

/** A source with subvolume `work`, and a target that snapshots are received into. */
export class RoundTrip {
  readonly source: TestBtrfs;
  readonly target: TestBtrfs;

  /** @param target options of the target; the defaults when left out. */
  constructor(options: BtrfsOptions = {}, target: BtrfsOptions = {}) {
    this.source = makeBtrfs({ sizeMiB: 512, ...options });
    this.target = makeBtrfs({ sizeMiB: 512, ...target });
    run('btrfs', ['-q', 'subvolume', 'create', this.work]);
  }

  /** Where the test makes its changes. */
  get work(): string {
    return join(this.source.dir, 'work');
  }

  at(snapshot: string): string {
    return join(this.source.dir, snapshot);
  }

  snapshot(name: string): void {
    run('btrfs', ['-q', 'subvolume', 'snapshot', '-r', this.work, this.at(name)]);
  }

  /** The stream of a snapshot, by Dendro, from the mounted device. */
  stream(snapshot: string, options: StreamOptions = {}): Buffer {
    this.source.sync();
    const volume = openVolume(this.source.devices);
    try {
      return encode(volume, snapshot, options);
    } finally {
      volume.close();
    }
  }

  /** The same by the kernel. */
  kernelStream(snapshot: string, options: StreamOptions = {}): Buffer {
    const file = join(this.source.dir, '..', 'kernel.stream');
    const parent = options.parent === undefined ? [] : ['-p', this.at(options.parent)];
    const clones = (options.cloneSources ?? []).flatMap((name) => ['-c', this.at(name)]);
    const proto = options.protocol === undefined ? [] : ['--proto', `${options.protocol}`];
    const flags = options.compressedData === true ? ['--compressed-data'] : [];
    run('btrfs', [
      '-q',
      'send',
      ...parent,
      ...clones,
      ...proto,
      ...flags,
      '-f',
      file,
      this.at(snapshot),
    ]);
    const stream = fs.readFileSync(file);
    fs.rmSync(file);
    return stream;
  }

  /** Applies a stream by the stock receive. */
  receive(stream: Buffer): void {
    run('btrfs', ['-q', 'receive', this.target.dir], { input: stream });
  }

  /** What is not the same in a snapshot and what was received of it. */
  differences(
    snapshot: string,
    except: readonly Aspect[] = ['flags'],
    ignore?: (path: string) => boolean,
  ): string[] {
    const found = compareTrees(this.at(snapshot), join(this.target.dir, snapshot), {
      except,
      also: ['atime'],
      ...(ignore && { ignore }),
    });
    return showDifferences(found);
  }

  /** Forgets a received snapshot. */
  drop(snapshot: string): void {
    run('btrfs', ['-q', 'subvolume', 'delete', join(this.target.dir, snapshot)]);
  }

  /** Makes room for another snapshot of this name. */
  dropSource(snapshot: string): void {
    run('btrfs', ['-q', 'subvolume', 'delete', this.at(snapshot)]);
  }

  close(): void {
    this.source.close();
    this.target.close();
  }
}

export function encode(volume: Volume, snapshot: string, options: StreamOptions): Buffer {
  const { parent, cloneSources, ...rest } = options;
  const open = (name: string) => openSubvolume(volume, Buffer.from(name));
  return bytesOf({
    ...rest,
    volume,
    snapshot: open(snapshot),
    ...(parent !== undefined && { parent: open(parent) }),
    ...(cloneSources !== undefined && { cloneSources: cloneSources.map(open) }),
  });
}

export function bytesOf(request: SendRequest): Buffer {
  const parts: Buffer[] = [];
  const encoder = new StreamEncoder((bytes) => void parts.push(Buffer.from(bytes)), {
    protocol: request.protocol ?? 1,
  });
  send(request, encoder);
  return Buffer.concat(parts);
}

/** A stream in words, as the stock tool reads it. */
export function dump(stream: Buffer): string {
  return run('btrfs', ['receive', '--dump'], { input: stream }).stdout.toString('latin1');
}
