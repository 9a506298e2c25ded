import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
} from 'node:crypto';
import { CHANNEL_FORMAT, ChannelBody, SIGNED_AS } from '../../main/update/channel-format.ts';
import { keyId } from '../../main/update/verify-channel.ts';

export interface KeyPair {
  /** PKCS #8 in PEM: to be kept where nobody else reads it. */
  readonly privateKey: string;
  /** 32 bytes in base64. */
  readonly publicKey: string;
}

export function makeKeys(): KeyPair {
  const { privateKey } = generateKeyPairSync('ed25519');
  const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  return { privateKey: pem, publicKey: publicKeyOf(pem) };
}

export function publicKeyOf(privateKey: string): string {
  const der = createPublicKey(createPrivateKey(privateKey)).export({ format: 'der', type: 'spki' });
  return der.subarray(-32).toString('base64');
}

/** The text of a channel file, signed by each of the keys. */
export function signChannel(body: ChannelBody, privateKeys: readonly string[]): string {
  const bytes = Buffer.from(JSON.stringify(ChannelBody.parse(body)));
  return `${JSON.stringify({
    format: CHANNEL_FORMAT,
    body: bytes.toString('base64'),
    signatures: privateKeys.map((key) => ({
      key: keyId(publicKeyOf(key)),
      signature: sign(
        null,
        Buffer.concat([Buffer.from(SIGNED_AS), bytes]),
        createPrivateKey(key),
      ).toString('base64'),
    })),
  })}\n`;
}

export function sha512Of(bytes: Uint8Array): string {
  return createHash('sha512').update(bytes).digest('hex');
}
