import { z } from 'zod';
import { UpdateFile } from '../../shared/model/update.ts';

/**
 * A channel is one JSON file, signed:
 *
 *     { "format": "dendro-channel", "body": BASE64, "signatures": [{ "key": ID, "signature": BASE64 }] }
 *
 * The signatures are Ed25519 (RFC 8032) over `SIGNED_AS` followed by the bytes of the body, which
 * is JSON as `ChannelBody`. What is signed are bytes, so that nobody has to agree on how JSON is
 * written down.
 */
export const CHANNEL_FORMAT = 'dendro-channel';

/** Before the body when it is signed: a signature of anything else is none of a channel. */
export const SIGNED_AS = 'dendro-channel-v1\n';

/** Generous for some hundreds of files; nothing larger is read. */
export const MAX_CHANNEL_BYTES = 256 * 1024;

const Base64 = z.string().regex(/^[A-Za-z0-9+/]+={0,2}$/);

export const ChannelEnvelope = z.strictObject({
  format: z.literal(CHANNEL_FORMAT),
  body: Base64,
  signatures: z
    .array(z.strictObject({ key: z.string().regex(/^[0-9a-f]{16}$/), signature: Base64.max(88) }))
    .min(1)
    .max(8),
});

/** 32 bytes in base64. */
export const PublicKey = z.string().regex(/^[A-Za-z0-9+/]{43}=$/);

/** 'MAJOR.MINOR.PATCH', with '-PRE' behind it or not (semver.org). */
export const Version = z
  .string()
  .max(64)
  .regex(/^\d{1,9}\.\d{1,9}\.\d{1,9}(-[0-9A-Za-z.-]+)?$/);

export const ChannelBody = z.object({
  /** Grows by one with each file that is signed: an older one is a replay. */
  serial: z.int().min(1),
  issuedAtMs: z.int().min(0),
  /** After it nobody believes this file: whoever holds back newer ones is noticed. */
  expiresAtMs: z.int().min(0),
  version: Version,
  /** Older ones cannot go there directly. */
  minimumVersion: Version,
  /** In English, for people. */
  notes: z.string().max(16_384),
  files: z.array(UpdateFile).max(64),
  /** Public keys that sign from now on, these and no others: how keys are changed. */
  keys: z.array(PublicKey).min(1).max(8),
});
export type ChannelBody = z.infer<typeof ChannelBody>;
