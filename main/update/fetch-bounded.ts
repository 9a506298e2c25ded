import { ioError } from '../../shared/errors.ts';
import { noted, say, type Note } from '../../shared/said.ts';

/** Between two pieces; the whole may take as long as it takes. */
const PATIENCE_MS = 30_000;
const MOST_REDIRECTS = 5;
const LOOPBACK = new Set(['127.0.0.1', '[::1]', 'localhost']);

export interface Answer {
  /** 200 or 206. */
  readonly status: number;
  readonly headers: Headers;
  /** Ends with an error when the line breaks or nothing comes for long. */
  readonly pieces: AsyncIterable<Uint8Array>;
}

/**
 * Asks for a file over https; over http only from this computer itself. Redirects are followed
 * to addresses of the same kind.
 *
 * @throws Io 'update-unreachable'
 */
export async function ask(
  address: string,
  headers: Readonly<Record<string, string>>,
): Promise<Answer> {
  let at = new URL(address);
  for (let turns = 0; turns <= MOST_REDIRECTS; turns++) {
    if (!mayAsk(at)) throw unreachable(at, noted('https-only', 'only https is asked'));
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(), PATIENCE_MS);
    const { signal } = patience;
    const response = await fetch(at, { headers, redirect: 'manual', signal }).catch(
      (error: unknown) => {
        throw unreachable(at, noted('no-answer', 'there was no answer'), error);
      },
    );
    timer.refresh();
    const next = response.headers.get('location');
    if (response.status >= 300 && response.status < 400 && next !== null) {
      clearTimeout(timer);
      await response.body?.cancel();
      at = new URL(next, at);
      continue;
    }
    if ((response.status === 200 || response.status === 206) && response.body !== null) {
      const { status, body } = response;
      return { status, headers: response.headers, pieces: piecesOf(body, at, timer) };
    }
    clearTimeout(timer);
    await response.body?.cancel();
    const { status } = response;
    throw unreachable(at, noted('answer-was', say`the answer was ${{ status }}`));
  }
  throw unreachable(at, noted('leads-on', 'it leads on without an end'));
}

/**
 * The whole answer, at most so many bytes.
 *
 * @throws Io 'update-unreachable', 'update-too-large'
 */
export async function askWhole(address: string, mostBytes: number): Promise<Buffer> {
  const { pieces } = await ask(address, {});
  const all: Uint8Array[] = [];
  let length = 0;
  for await (const piece of pieces) {
    length += piece.length;
    if (length > mostBytes) throw tooLarge(address, mostBytes);
    all.push(piece);
  }
  return Buffer.concat(all);
}

export function tooLarge(address: string, mostBytes: number): Error {
  return ioError(
    'update-too-large',
    say`${{ address }} is larger than the ${{ mostBytes }} bytes it may be.`,
    {
      hint: 'Nothing of it was kept.',
    },
  );
}

function mayAsk({ protocol, hostname }: URL): boolean {
  return protocol === 'https:' || (protocol === 'http:' && LOOPBACK.has(hostname));
}

async function* piecesOf(
  body: ReadableStream<Uint8Array>,
  at: URL,
  timer: NodeJS.Timeout,
): AsyncGenerator<Uint8Array> {
  try {
    for await (const piece of body) {
      timer.refresh();
      yield piece;
    }
  } catch (error) {
    throw unreachable(at, noted('line-broke', 'the line broke'), error);
  } finally {
    clearTimeout(timer);
  }
}

function unreachable(at: URL, why: Note, cause?: unknown): Error {
  return ioError(
    'update-unreachable',
    say`${{ origin: at.origin }}${{ pathname: at.pathname }} could not be read: ${{ why }}.`,
    {
      hint: 'Check the network, and try again: a download goes on where it stopped.',
      cause,
    },
  );
}
