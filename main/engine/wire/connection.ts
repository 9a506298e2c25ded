import { spawn, type ChildProcess } from 'node:child_process';
import { readSync, writeSync } from 'node:fs';
import { fromErrorData, ioError } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { printable } from '../../../shared/model/bytes-text.ts';
import { closeFd } from '../../linux/files.ts';
import { sparingHangups } from '../../linux/hangups.ts';
import { makePipe, POLL_IN, POLL_OUT, setNonBlocking, waitFor } from '../../linux/pipes.ts';
import { Failure } from './messages.ts';

/** Between two looks at the cancel flag while the other end is silent. */
const LOOK_MS = 200;
const MAX_LINE_BYTES = 64 << 20;
const MAX_SAID_BYTES = 16 << 10;
const NEWLINE = 0x0a;

/** The pipe to the program broke in the middle of what was sent. */
export class FarEndGone extends Error {}

/**
 * A program at the other end of two pipes, talked to synchronously: lines of JSON either way,
 * and a stream of bytes to it. Waiting can be cancelled. What the program says on stderr is kept
 * for the error that tells of its end.
 */
export class Connection {
  readonly #child: ChildProcess;
  readonly #to: number;
  readonly #from: number;
  readonly #said: number;
  readonly #cancel: { check(): void } | undefined;
  readonly #chunk = Buffer.allocUnsafeSlow(1 << 16);
  #line = Buffer.alloc(0);
  #words = '';
  #isOpen = true;

  constructor(command: string, args: readonly string[], cancel?: { check(): void }) {
    const [input, output, words] = [makePipe(), makePipe(), makePipe()];
    const [program, ...rest] = sparingHangups([command, ...args]);
    this.#child = spawn(program!, rest, { stdio: [input.read, output.write, words.write] });
    // Told by the pipes' end; without a listener it would end this process.
    this.#child.on('error', () => {});
    this.#child.unref();
    for (const fd of [input.read, output.write, words.write]) closeFd(fd);
    [this.#to, this.#from, this.#said] = [input.write, output.read, words.read];
    for (const fd of [this.#to, this.#from, this.#said]) setNonBlocking(fd);
    this.#cancel = cancel;
  }

  /** Sends one message. */
  say(message: object): void {
    this.write(Buffer.from(`${JSON.stringify(message)}\n`));
  }

  /** The last that it said on stderr. */
  get words(): string {
    return printable(this.#words.trim().split('\n').slice(-3).join(' | '));
  }

  /** Sends bytes; waits while the pipe is full. @throws FarEndGone: its last line tells why */
  write(bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length;) {
      const count = attempt(() => writeSync(this.#to, bytes, done, bytes.length - done));
      if (count === 'later') this.#wait(this.#to, POLL_OUT);
      else if (count === 'gone') throw new FarEndGone();
      else done += count;
    }
  }

  /** The next line. @throws Io 'connection-lost' when there is none */
  readLine(): string {
    for (let searched = 0; ;) {
      const end = this.#line.indexOf(NEWLINE, searched);
      if (end >= 0) {
        const line = this.#line.toString('utf8', 0, end);
        this.#line = this.#line.subarray(end + 1);
        return line;
      }
      searched = this.#line.length;
      if (searched > MAX_LINE_BYTES || !this.#fill()) throw this.#lost();
    }
  }

  /** The next message. @throws the error that the other end reports */
  hear(): unknown {
    return parsed(this.readLine());
  }

  /** No more will be sent. */
  finishSending(): void {
    if (this.#isOpen) closeFd(this.#to);
    this.#isOpen = false;
  }

  /** Ends it, however far it is. */
  close(): void {
    this.finishSending();
    closeFd(this.#from);
    closeFd(this.#said);
    this.#child.kill('SIGTERM');
  }

  /** False at the end. */
  #fill(): boolean {
    for (;;) {
      const count = attempt(() => readSync(this.#from, this.#chunk, 0, this.#chunk.length, null));
      if (count === 'later') this.#wait(this.#from, POLL_IN);
      else if (count === 'gone' || count === 0) return false;
      else {
        this.#line = Buffer.concat([this.#line, this.#chunk.subarray(0, count)]);
        return true;
      }
    }
  }

  #wait(fd: number, events: number): void {
    this.#cancel?.check();
    this.#listen();
    waitFor([{ fd, events }], LOOK_MS);
  }

  /** Keeps the last words, so that a full pipe does not stop the program. */
  #listen(): boolean {
    const words = Buffer.alloc(4096);
    for (;;) {
      const count = attempt(() => readSync(this.#said, words, 0, words.length, null));
      if (typeof count !== 'number' || count === 0) return count !== 'later';
      this.#words = (this.#words + words.toString('utf8', 0, count)).slice(-MAX_SAID_BYTES);
    }
  }

  #lost(): Error {
    // It may still be at its last words.
    for (let i = 0; i < 10 && !this.#listen(); i += 1) {
      waitFor([{ fd: this.#said, events: POLL_IN }], LOOK_MS);
    }
    const { words } = this;
    const told = words === '' ? '.' : `: ${words}`;
    return ioError('connection-lost', say`The connection to the other machine ended${{ told }}`, {
      hint: 'Try it with: ssh HOST true. What has arrived is kept; the next run goes on there.',
    });
  }
}

function attempt(run: () => number): number | 'later' | 'gone' {
  try {
    return run();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EAGAIN' || code === 'EINTR') return 'later';
    if (code === 'EPIPE' || code === 'EOF') return 'gone';
    throw error;
  }
}

function parsed(line: string): unknown {
  let message: unknown;
  try {
    message = JSON.parse(line);
  } catch {
    const shown = printable(line.slice(0, 200));
    throw ioError('connection-garbled', say`The other machine says "${{ text: shown }}".`, {
      hint: 'Its shell may print something at login: that must go to a terminal only.',
    });
  }
  const failure = Failure.safeParse(message);
  if (failure.success) throw fromErrorData(failure.data.error);
  return message;
}
