import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { receiveFolder } from '../../main/engine/receive.ts';
import { bytesSource } from '../../main/engine/stream/decode-source.ts';
import { Random } from '../harness/random.ts';
import { atOnce, type Trying } from './trying.ts';
import {
  baseStreams,
  hostileStream,
  holderOf,
  join,
  type Making,
  type Outcome,
  TELLS_NOTHING,
} from './spoilt-streams.ts';

const OURS = ['canary', 'secret', 'base', 'base.dendro.jsonl', 'link'];
const SECRETS = ['do not touch', 'nor this', 'private'];
/** Of a tree that no stream was told of. */
const ALIEN = Buffer.alloc(16, 0xa1);

/** A plain folder with things in it and around it that no stream may touch. */
export class PlainCanaries {
  readonly target: string;
  readonly #top: string;
  readonly #before: string;

  constructor(top: string, hasLinks: boolean) {
    this.#top = top;
    this.target = `${top}/target`;
    mkdirSync(`${this.target}/secret`, { recursive: true });
    writeFileSync(`${top}/canary`, 'do not touch');
    writeFileSync(`${this.target}/canary`, 'nor this');
    writeFileSync(`${this.target}/secret/inside`, 'private');
    if (hasLinks) symlinkSync('/etc', `${this.target}/link`);
    const source = bytesSource(baseStreams()[0]!.stream);
    receiveFolder({ source, target: this.target });
    this.#before = this.look();
  }

  /** What has changed around, or '' when nothing has. */
  changed(): string {
    const now = this.look();
    return now === this.#before ? '' : `before:\n${this.#before}\nnow:\n${now}`;
  }

  /** Everything around, in words. */
  look(): string {
    const lines = ['', '/target', '/target/secret', '/target/base', '/target/base/dir'].flatMap(
      (dir) => readdirSync(this.#top + dir, 'buffer').flatMap((name) => this.#describe(dir, name)),
    );
    const host = statSync('/etc/hostname', { bigint: true });
    return [...lines.sort(), `host ${host.mode} ${host.size} ${host.ctimeNs}`].join('\n');
  }

  stolen(): string | undefined {
    return holderOf(SECRETS, this.#made());
  }

  cleanUp(): void {
    for (const path of this.#made()) rmSync(path, { recursive: true, force: true });
  }

  #made(): Buffer[] {
    const names = readdirSync(this.target, 'buffer');
    const made = names.filter((name) => !OURS.includes(name.toString('latin1')));
    return made.map((name) => join(Buffer.from(this.target), name));
  }

  #describe(dir: string, name: Buffer): string[] {
    if (dir === '/target' && !OURS.includes(name.toString('latin1'))) return [];
    const path = join(Buffer.from(this.#top + dir), name);
    const at = lstatSync(path, { bigint: true });
    const isRead = at.isFile() && at.size < 10_000n;
    const content = isRead ? readFileSync(path, 'latin1').slice(0, 32) : '';
    const file = at.isFile() ? ` ${at.size} ${at.mtimeNs}` : '';
    return [`${dir}/${name.toString('latin1')} ${at.mode} ${at.uid}${file} ${content}`];
  }
}

/** What this process still has open of a folder. */
export function openBelow(folder: string): string[] {
  const targets = readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      // Another thread has closed it.
      return '';
    }
  });
  return targets.filter((target) => target.startsWith(folder));
}

export interface PlainOutcome extends Outcome {
  readonly tookMs: number;
  readonly about: string;
}

/** Receives spoilt streams into plain folders one after another; throws at the first that does harm. */
export function* receivePlainMutated(
  canaries: PlainCanaries,
  seed: number,
  count: number,
  making: Making = 'spoilt',
  tried: Trying = atOnce,
): Generator<PlainOutcome> {
  for (let i = 0; i < count; i += 1) {
    const random = new Random(seed + i);
    const { stream, made } = hostileStream(making, random, ALIEN);
    const privileged = random.between(0, 4) === 0;
    // Past errors more of what comes behind them is tried.
    const maxErrors = random.between(0, 2);
    const about = `seed ${seed + i}, ${made}`;
    const began = performance.now();
    const { target } = canaries;
    const outcome = tried(stream, random, (source) =>
      receiveFolder({ source, target, privileged, maxErrors }),
    );
    const tookMs = performance.now() - began;
    if (TELLS_NOTHING.includes(outcome.code) || outcome.kind === 'Bug') {
      throw new Error(`${about}: ${outcome.code}`);
    }
    const open = openBelow(canaries.target);
    if (open.length > 0) throw new Error(`${about}: left open: ${open.join(', ')}`);
    const harm = canaries.changed();
    if (harm !== '') throw new Error(`${about}: something outside has changed\n${harm}`);
    const stolen = canaries.stolen();
    if (stolen !== undefined) throw new Error(`${about}: ${stolen} holds what was read outside`);
    yield { ...outcome, tookMs, about };
    canaries.cleanUp();
  }
}
