import type { Readable, Writable } from 'node:stream';
import { MAX_REQUEST_BYTES } from '../../../shared/contract/messages.ts';
import type { Service } from '../service.ts';
import { attachLine } from './line.ts';
import { readLines } from './read-lines.ts';

/**
 * Serves the contract to whoever started this process, one JSON message a line. Resolves when the
 * other side has ended or sent what is no request.
 */
export function serveStdio(service: Service, input: Readable, output: Writable): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      line.close();
      resolve();
    };
    const send = (text: string): void => void output.write(`${text}\n`);
    const line = attachLine(service, { send }, { onMalformed: end });
    readLines(input, MAX_REQUEST_BYTES, (text) => line.receive(text));
    input.once('end', end).once('close', end).once('error', end);
    output.once('error', end);
  });
}
