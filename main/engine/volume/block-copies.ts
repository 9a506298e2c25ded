import { corrupt, DendroError } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import type { BlockAcceptor } from './block-acceptor.ts';
import type { ChunkReader, Place } from './chunk-reader.ts';
import type { Damage } from './damage.ts';
import { nodeFault, structureFault, type CheckContext, type Expected } from './node-check.ts';
import type { Node } from './node.ts';

interface Failure {
  readonly place: Place;
  readonly reason: string;
}

/** Tree blocks from whichever copy is good: the mirrors one after the other, then the parity. */
export class BlockCopies {
  readonly #chunks: ChunkReader;
  readonly #check: CheckContext;
  readonly #nodeSize: number;
  readonly #acceptor: BlockAcceptor;
  readonly #onDamage: (damage: Damage) => void;
  readonly #buffer: Uint8Array;

  constructor(
    chunks: ChunkReader,
    check: CheckContext,
    nodeSize: number,
    acceptor: BlockAcceptor,
    onDamage: (damage: Damage) => void,
    buffer: Uint8Array,
  ) {
    this.#chunks = chunks;
    this.#check = check;
    this.#nodeSize = nodeSize;
    this.#acceptor = acceptor;
    this.#onDamage = onDamage;
    this.#buffer = buffer;
  }

  /** The first good copy; the bad ones before it are told. @throws Corrupt `tree-block-damaged`, Io. */
  read(logical: number, expected: Expected): Node {
    const failures: Failure[] = [];
    const ways = this.#waysTo(logical);
    for (let rank = 0; rank < ways; rank += 1) {
      const place = this.#chunks.place(logical, rank);
      const result = this.#tryWay(logical, expected, rank);
      if (typeof result !== 'string') {
        this.#report(logical, failures, place);
        return result;
      }
      failures.push({ place, reason: result });
    }
    throw damaged(logical, expected, failures);
  }

  /** The first copy that is whole but for its checksum; what it says is not proved. */
  readUnproven(logical: number, expected: Expected): Node | undefined {
    const ways = this.#waysTo(logical);
    for (let rank = 0; rank < ways; rank += 1) {
      const result = this.#tryWay(logical, expected, rank, structureFault);
      if (typeof result !== 'string') return result;
    }
    return undefined;
  }

  /**
   * Looks at every copy; what is said of a bad one has `healedBy` only if another is good. A
   * parity that does not give the good block has the reason `parity`: it, or another block of
   * its row, is bad.
   */
  check(logical: number, expected: Expected): Damage[] {
    const failures: Failure[] = [];
    let good: Place | undefined;
    const ways = this.#waysTo(logical);
    const copies = ways === 0 ? 0 : Math.max(1, this.#chunks.copyCount(logical));
    for (let rank = 0; rank < ways && (rank < copies || good === undefined); rank += 1) {
      const place = this.#chunks.place(logical, rank);
      const result = this.#tryWay(logical, expected, rank);
      if (typeof result !== 'string') good ??= place;
      else failures.push({ place, reason: place.by === 'parity' ? 'parity' : result });
    }
    const hasGoodMirror = good?.by === 'mirror';
    const told = failures.filter(({ place }) => place.by === 'mirror' || hasGoodMirror);
    if (good === undefined && told.length === 0) {
      told.push({ place: this.#plainPlace(logical), reason: failures[0]?.reason ?? 'address' });
    }
    return told.map((failure) => this.#damage(logical, failure, good));
  }

  #plainPlace(logical: number): Place {
    const isMapped = this.#chunks.map.find(logical) !== undefined;
    return isMapped ? this.#chunks.plainPlace(logical) : { device: '', physical: 0, by: 'mirror' };
  }

  #waysTo(logical: number): number {
    if (logical % this.#check.sectorSize !== 0) return 0;
    return Math.max(1, this.#chunks.wayCount(logical));
  }

  #tryWay(
    logical: number,
    expected: Expected,
    rank: number,
    faultOf: typeof structureFault = nodeFault,
  ): Node | string {
    try {
      this.#chunks.readWay(logical, this.#nodeSize, this.#buffer, 0, rank);
    } catch (error) {
      if (error instanceof DendroError && error.kind !== 'Bug') return error.code;
      throw error;
    }
    return this.#acceptor.accept(this.#buffer, 0, logical, expected, faultOf);
  }

  #report(logical: number, failures: readonly Failure[], good: Place): void {
    for (const failure of failures) {
      // a rebuild that fails does not say which of the row's stripes is at fault
      if (failure.place.by === 'mirror') this.#onDamage(this.#damage(logical, failure, good));
    }
  }

  #damage(logical: number, { place, reason }: Failure, good: Place | undefined): Damage {
    return {
      what: 'metadata',
      reason,
      device: place.device,
      physical: place.physical,
      logical,
      lengthBytes: this.#nodeSize,
      ...(good && { healedBy: good.by, goodDevice: good.device, goodPhysical: good.physical }),
    };
  }
}

function damaged(logical: number, expected: Expected, failures: readonly Failure[]): DendroError {
  const reasons = [...new Set(failures.map(({ reason }) => reason))].join(', ') || 'address';
  const first = failures[0]?.place;
  const copies = failures.length > 1 ? `in all ${failures.length} copies ` : '';
  return corrupt(
    'tree-block-damaged',
    say`The tree block at ${{ logical }} is bad ${{ copies }}(${{ reasons }}).`,
    {
      hint: 'Try dendro rescue on the device; btrfs check tells more.',
      place: {
        logical,
        ...(first && { device: first.device, physical: first.physical }),
        ...(expected.owner !== undefined && { tree: expected.owner }),
      },
    },
  );
}
