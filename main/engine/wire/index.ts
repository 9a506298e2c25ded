import { conflict, unsupported } from '../../../shared/errors.ts';
import { noted, say } from '../../../shared/said.ts';
import { printable } from '../../../shared/model/bytes-text.ts';
import type { z } from 'zod';
import type { CancelToken } from '../cancel.ts';
import { streamFingerprint } from '../send-identity.ts';
import { send, type SendRequest, type SendSummary } from '../send.ts';
import { recordFor, type SentRecord } from '../proof/sent-record.ts';
import type { Loss } from '../sink/loss-report.ts';
import type { CommandSink } from '../stream/command-sink.ts';
import { StreamEncoder } from '../stream/encode.ts';
import type { OutgoingHooks } from '../stream/outgoing.ts';
import { transferProtocol } from '../transfer/request.ts';
import { Connection, FarEndGone } from './connection.ts';
import {
  Begun,
  CAN_RECORDS_DUE,
  Described,
  Forgone,
  Greeting,
  Kept,
  MAX_RECORD_BYTES,
  Ready,
  Received,
  RecordsDue,
  Removed,
} from './messages.ts';
import { greetCommand, listCommand, receiveCommand, removeCommand } from './remote-command.ts';
import { sshArguments, type SshTarget } from './ssh-target.ts';
import { awaitReady, awaitStatus, noReceiver, readListing } from './stock-end.ts';
import {
  NOTHING_SETTLED,
  settleRecords,
  type RecordStore,
  type SettledRecords,
} from '../transfer/settle-records.ts';
import { headOf, headOfIdentity, identityOfHead } from '../transfer/stream-head.ts';
import type { StreamIdentity } from '../sink/stream-identity.ts';

export { isSshTarget, parseSshTarget, sshTargetText, type SshTarget } from './ssh-target.ts';
export type { Described as FarEnd, FarSubvolume } from './messages.ts';
export { serveWire } from './far-end.ts';

export interface WireHooks {
  readonly cancel?: CancelToken;
  readonly onProgress?: OutgoingHooks['onProgress'];
  /** In front of the encoder: to count, or to look on. */
  readonly around?: (sink: CommandSink, protocol: 1 | 2) => CommandSink;
  /** From which command on this run sends; 0 is the whole stream. */
  readonly onResume?: (command: number) => void;
}

export interface WireSummary {
  /** 'dendro' goes on after an interruption; 'stock' begins anew. */
  readonly farEnd: 'dendro' | 'stock';
  /** Nothing was sent: it was there already, whole. */
  readonly wasThere: boolean;
  readonly resumedAt: number;
  readonly sent: SendSummary | undefined;
  readonly losses: readonly Loss[];
  readonly lossCount: number;
  readonly records: SettledRecords;
}

/** What there is at the far end. @throws Io 'connection-lost', Unsupported 'far-end-bare' */
export function describeFarEnd(
  target: SshTarget,
  cancel?: CancelToken,
): Described & {
  readonly farEnd: 'dendro' | 'stock';
} {
  return withConnection(target, cancel, (connection, isDendro) => {
    if (isDendro) {
      connection.say({ do: 'describe', folder: target.path });
      return { farEnd: 'dendro' as const, ...told(connection, Described) };
    }
    const listing = withCommand(target, listCommand(target), cancel, readListing);
    return { farEnd: 'stock' as const, ...listing };
  });
}

/**
 * Sends a snapshot into the folder of another machine, all or nothing. With Dendro there the two
 * agree on the command to go on at, and what comes before it is neither read nor sent again.
 * Unless the request says which, the stream is of version 2 with compressed data as it is; for a
 * stock receiver, of any age, version 1.
 * @throws what `send` throws, what the far end says, Io 'connection-lost'
 */
export function sendOverSsh(
  request: SendRequest,
  target: SshTarget,
  hooks: WireHooks = {},
): WireSummary {
  return withConnection(target, hooks.cancel, (connection, isDendro, canTellDue) =>
    isDendro
      ? sendToDendro(request, target, connection, canTellDue, hooks)
      : sendToStock(request, target, hooks),
  );
}

/** Deletes a received snapshot at the far end, by its own UUID. */
export function removeAtFarEnd(target: SshTarget, uuid: string, cancel?: CancelToken): void {
  withConnection(target, cancel, (connection, isDendro) => {
    if (isDendro) {
      connection.say({ do: 'remove', folder: target.path, uuid });
      return void told(connection, Removed);
    }
    const { subvolumes } = withCommand(target, listCommand(target), cancel, readListing);
    const found = subvolumes.find((one) => one.uuid === uuid && one.readOnly);
    if (found === undefined || found.receivedUuid === null) throw notThere();
    withCommand(target, removeCommand(target, found.path), cancel, (one) => one.readLine());
  });
}

function sendToDendro(
  request: SendRequest,
  target: SshTarget,
  connection: Connection,
  canTellDue: boolean,
  hooks: WireHooks,
): WireSummary {
  const chosen = { ...transferProtocol, ...request };
  const fingerprint = streamFingerprint(chosen);
  const record = recordFor(chosen);
  const begin = { do: 'begin', folder: target.path, stream: headOf(chosen), fingerprint };
  connection.say({ ...begin, record: record !== undefined });
  const { command, isComplete } = told(connection, Begun);
  const store = new FarRecords(target.path, connection, canTellDue);
  if (isComplete) {
    return {
      ...{ farEnd: 'dendro', wasThere: true, resumedAt: 0, sent: undefined },
      ...{ losses: [], lossCount: 0 },
      records: settleRecords(chosen, store, undefined, hooks.cancel),
    };
  }
  hooks.onResume?.(command);
  const rest = { ...chosen, resumeFrom: command };
  const sent = streamed(rest, connection, hooks, record);
  const { losses: inEnglish, lossCount } = told(connection, Received).received;
  const losses = inEnglish.map(({ path, what }) => ({
    path,
    what: noted('lost-there', say`${{ what }}`),
  }));
  const records = settleRecords(rest, store, record, hooks.cancel);
  return {
    farEnd: 'dendro',
    wasThere: false,
    resumedAt: command,
    sent,
    losses,
    lossCount,
    records,
  };
}

/** The folder of records at the far end, where one that is older knows of no marks. */
class FarRecords implements RecordStore {
  readonly #folder: string;
  readonly #connection: Connection;
  readonly #canTellDue: boolean;

  constructor(folder: string, connection: Connection, canTellDue: boolean) {
    this.#folder = folder;
    this.#connection = connection;
    this.#canTellDue = canTellDue;
  }

  due(): StreamIdentity[] {
    if (!this.#canTellDue) return [];
    this.#connection.say({ do: 'records-due', folder: this.#folder });
    return told(this.#connection, RecordsDue).due.map(identityOfHead);
  }

  keep(identity: StreamIdentity, packed: Buffer): boolean {
    const [connection, folder] = [this.#connection, this.#folder];
    const stream = headOfIdentity(identity);
    if (packed.length > MAX_RECORD_BYTES) {
      if (!this.#canTellDue) return false;
      connection.say({ do: 'forgo-record', folder, stream });
      told(connection, Forgone);
      return false;
    }
    connection.say({ do: 'keep', folder, stream, bytes: packed.length });
    told(connection, Ready);
    connection.write(packed);
    told(connection, Kept);
    return true;
  }
}

function sendToStock(request: SendRequest, target: SshTarget, hooks: WireHooks): WireSummary {
  const { name } = headOf(request);
  const { cancel } = hooks;
  const sent = withCommand(target, receiveCommand(target, name), cancel, (connection) => {
    awaitReady(connection, name);
    hooks.onResume?.(0);
    const summary = streamed(request, connection, hooks);
    connection.finishSending();
    awaitStatus(connection);
    return summary;
  });
  const records = NOTHING_SETTLED;
  return {
    farEnd: 'stock',
    wasThere: false,
    resumedAt: 0,
    sent,
    losses: [],
    lossCount: 0,
    records,
  };
}

/** Undefined when the far end went away meanwhile: its last line, yet to be read, tells why. */
function streamed(
  request: SendRequest,
  connection: Connection,
  hooks: WireHooks,
  record?: SentRecord,
): SendSummary | undefined {
  try {
    return stream(request, connection, hooks, record);
  } catch (error) {
    if (!(error instanceof FarEndGone)) throw error;
    return undefined;
  }
}

function stream(
  request: SendRequest,
  connection: Connection,
  hooks: WireHooks,
  record: SentRecord | undefined,
): SendSummary {
  const protocol = request.protocol === 2 ? 2 : 1;
  const encoder = new StreamEncoder((bytes) => connection.write(bytes), { protocol });
  const sink = hooks.around?.(encoder, protocol) ?? encoder;
  const { cancel, onProgress } = hooks;
  return send(request, record?.around(sink) ?? sink, {
    ...(cancel && { cancel }),
    ...(onProgress && { onProgress }),
  });
}

function withConnection<T>(
  target: SshTarget,
  cancel: CancelToken | undefined,
  use: (connection: Connection, isDendro: boolean, canTellDue: boolean) => T,
): T {
  return withCommand(target, greetCommand(target), cancel, (connection) => {
    const greeting = told(connection, Greeting);
    if ('dendro' in greeting) {
      return use(connection, true, greeting.can.includes(CAN_RECORDS_DUE));
    }
    if (!greeting.isBtrfs) throw noReceiver();
    return use(connection, false, false);
  });
}

function withCommand<T>(
  target: SshTarget,
  command: string,
  cancel: CancelToken | undefined,
  use: (connection: Connection) => T,
): T {
  const connection = new Connection('ssh', sshArguments(target, command), cancel);
  try {
    return use(connection);
  } finally {
    connection.close();
  }
}

function told<T extends z.ZodType>(connection: Connection, model: T): z.infer<T> {
  const message = connection.hear();
  const parsed = model.safeParse(message);
  if (parsed.success) return parsed.data;
  const shown = printable(JSON.stringify(message).slice(0, 200));
  throw unsupported('wire-version', say`The Dendro at the other end says ${{ version: shown }}.`, {
    hint: 'Use the same version of Dendro at both ends.',
  });
}

function notThere(): Error {
  return conflict('snapshot-missing', 'The folder holds no received snapshot of this UUID.', {
    hint: 'List what it holds again.',
  });
}
