import { createHash, createPublicKey, verify, type KeyObject } from 'node:crypto';
import { conflict, corrupt, denied } from '../../shared/errors.ts';
import { noted, say, type Note } from '../../shared/said.ts';
import {
  ChannelBody,
  ChannelEnvelope,
  MAX_CHANNEL_BYTES,
  SIGNED_AS,
  type ChannelBody as Body,
} from './channel-format.ts';

/** What was accepted last: nothing before it is accepted again. */
export interface Accepted {
  readonly serial: number;
  readonly issuedAtMs: number;
  /** Hexadecimal, of the body's bytes. */
  readonly sha512: string;
}

export interface VerifiedChannel extends Accepted {
  readonly body: Body;
}

/** Clocks of two computers differ; more than this is no difference of clocks. */
const CLOCK_SKEW_MS = 86_400_000;
/** The DER of an Ed25519 public key (RFC 8410) up to its 32 bytes. */
const ED25519_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
const SIGNATURE_BYTES = 64;

/**
 * Reads a channel file: size, form, signature, dates, in this order; nothing of the body is
 * looked at before its signature is proved.
 *
 * @param keys public keys that are trusted, 32 bytes each in base64
 * @param last what was accepted before; null at the first look
 * @throws Corrupt 'channel-damaged'; Denied 'channel-not-signed'; Conflict 'channel-replayed',
 *   'channel-expired', 'channel-from-the-future'
 */
export function verifyChannel(
  bytes: Uint8Array,
  keys: readonly string[],
  last: Accepted | null,
  nowMs: number,
): VerifiedChannel {
  if (bytes.length > MAX_CHANNEL_BYTES) throw damaged(noted('channel-too-long', 'it is too long'));
  const envelope = ChannelEnvelope.safeParse(json(bytes));
  if (!envelope.success) throw damaged(noted('channel-form', 'it has another form'));
  const signed = Buffer.from(envelope.data.body, 'base64');
  const trusted = new Map(keys.map((key) => [keyId(key), publicKey(key)]));
  const message = Buffer.concat([Buffer.from(SIGNED_AS), signed]);
  const isSigned = envelope.data.signatures.some(({ key, signature }) => {
    const proof = Buffer.from(signature, 'base64');
    const by = trusted.get(key);
    return by !== undefined && proof.length === SIGNATURE_BYTES && verify(null, message, by, proof);
  });
  if (!isSigned) throw notSigned();
  const body = ChannelBody.safeParse(json(signed));
  if (!body.success) throw damaged(noted('channel-body', 'what was signed has another form'));
  const sha512 = createHash('sha512').update(signed).digest('hex');
  const { serial, issuedAtMs } = body.data;
  refuseReplay({ serial, issuedAtMs, sha512 }, last);
  refuseDates(body.data, nowMs);
  return { body: body.data, serial, issuedAtMs, sha512 };
}

/** The first 8 bytes of the key's SHA-256, in hexadecimal. */
export function keyId(key: string): string {
  return createHash('sha256').update(Buffer.from(key, 'base64')).digest('hex').slice(0, 16);
}

function publicKey(key: string): KeyObject {
  const der = Buffer.concat([ED25519_PREFIX, Buffer.from(key, 'base64')]);
  return createPublicKey({ key: der, format: 'der', type: 'spki' });
}

function refuseReplay(now: Accepted, last: Accepted | null): void {
  if (last === null) return;
  const isOlder = now.serial < last.serial || now.issuedAtMs < last.issuedAtMs;
  const isOther = now.serial === last.serial && now.sha512 !== last.sha512;
  if (!isOlder && !isOther) return;
  throw conflict(
    'channel-replayed',
    isOlder
      ? say`The update channel is older than the one seen before (number ${{ found: now.serial }} after ${{ last: last.serial }}).`
      : say`Two different update channels have the number ${{ twin: now.serial }}.`,
    { hint: 'Somebody may be holding newer versions back. Look again from another network.' },
  );
}

function refuseDates({ issuedAtMs, expiresAtMs }: Body, nowMs: number): void {
  if (issuedAtMs > nowMs + CLOCK_SKEW_MS) {
    throw conflict('channel-from-the-future', 'The update channel was signed in the future.', {
      hint: 'Check the clock of this computer.',
    });
  }
  if (nowMs <= expiresAtMs) return;
  throw conflict('channel-expired', 'The update channel is too old to be believed.', {
    hint: 'Newer versions may be held back, or this computer’s clock is wrong.',
  });
}

function json(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}

function damaged(why: Note): Error {
  return corrupt('channel-damaged', say`The update channel cannot be read: ${{ why }}.`, {
    hint: 'Nothing was changed. Try again later.',
  });
}

function notSigned(): Error {
  return denied('channel-not-signed', 'The update channel is not signed by a key known here.', {
    hint: 'Nothing was downloaded. If it stays so, get the new version by hand and compare its checksum.',
  });
}
