import type { Argv } from '../harness/pipeline.ts';

/** One line of a table: the same work done by Dendro and by the stock tool. */
export interface BenchRow {
  /** Chosen by it on the command line: kebab-case. */
  readonly name: string;
  /** For people: what work it is. */
  readonly title: string;
  /** At least so many times as fast as the stock tool. */
  readonly goal?: number;
  /** Default both: each gives a line. Cold: the kernel's caches are dropped before each run. */
  readonly caches?: readonly ('cold' | 'warm')[];
  /** Makes the data; not measured. */
  prepare(context: BenchContext): PreparedRow | Promise<PreparedRow>;
}

export interface BenchContext {
  /** The launcher of the command line: `[dendro, 'send', ...]`. */
  readonly dendro: string;
  /** 1 is the size that the row's title says; smaller is for trying it out. */
  readonly scale: number;
}

export interface PreparedRow {
  readonly ours: Contender;
  readonly theirs: Contender;
  /** How much work a run is, for a rate: `{ amount: 1_000_000, unit: 'items' }`. */
  readonly work?: { readonly amount: number; readonly unit: string };
  /** What the row is to show besides times: a sentence below its lines. */
  remark?(): string;
  /** Before each run, not measured: removes what the last one made. */
  reset?(): void;
  close(): void;
}

/** A pipeline of commands. What the last one prints goes through a pipe into `cat >/dev/null`. */
export interface Contender {
  readonly stages: readonly Argv[];
  /** A file that the first command reads on its standard input. */
  readonly stdin?: string;
  /** The last command prints nothing worth a pipe. Default false. */
  readonly isQuiet?: boolean;
}
