import { DendroError, toErrorData, usage } from '../../../shared/errors.ts';
import { MAX_REQUEST_BYTES, RequestMessage } from '../../../shared/contract/messages.ts';
import type { Line } from '../../../shared/contract/client.ts';
import type { Service } from '../service.ts';

/** The service's end of a line of text messages. */
export interface AttachedLine {
  /** Takes one message. Never throws: what is wrong is answered, or ends the line. */
  receive(text: string): void;
  close(): void;
}

export interface LineOptions {
  /** The other side sent something that is no request: hang up. */
  readonly onMalformed?: (error: DendroError) => void;
}

/** Serves one client over a line: requests in, replies and events out. */
export function attachLine(service: Service, line: Line, options: LineOptions = {}): AttachedLine {
  const send = (message: unknown): void => line.send(JSON.stringify(message));
  const unsubscribe = service.subscribe((event, data) => send({ event, data }));
  let open = true;
  return {
    receive(text) {
      if (!open) return;
      const request = parsed(text);
      if (request instanceof DendroError) return options.onMalformed?.(request);
      const { id, call, input } = request;
      void service
        .call(call, input)
        .then((output) => ({ id, output }))
        .catch((error: unknown) => ({ id, error: toErrorData(error) }))
        .then((reply) => {
          if (open) send(reply);
        });
    },
    close() {
      open = false;
      unsubscribe();
    },
  };
}

function parsed(text: string): RequestMessage | DendroError {
  // A UTF-16 unit is at least one byte: no need to encode before saying no.
  if (text.length > MAX_REQUEST_BYTES) {
    return usage('message-too-long', 'A message is longer than any request may be.');
  }
  try {
    return RequestMessage.parse(JSON.parse(text));
  } catch (cause) {
    return usage('message-malformed', 'A message is no request of the contract.', { cause });
  }
}
