import type { Readable } from 'node:stream';

/** Hands on each line without its end; a longer one than `mostBytes` ends the connection. */
export function readLines(
  socket: Readable,
  mostBytes: number,
  receive: (text: string) => void,
): void {
  let parts: string[] = [];
  let length = 0;
  socket.setEncoding('utf8');
  socket.on('data', (chunk: string) => {
    const lines = chunk.split('\n');
    for (const [i, piece] of lines.entries()) {
      parts.push(piece);
      length += piece.length;
      if (length > mostBytes) return void socket.destroy();
      if (i === lines.length - 1) break;
      receive(parts.join(''));
      parts = [];
      length = 0;
    }
  });
}
