import { readFile } from 'node:fs/promises';
import { denied, ioError } from '../../shared/errors.ts';
import { say } from '../../shared/said.ts';
import type { Notice, NoticeWay } from '../../shared/model/notice.ts';

const PATIENCE_MS = 30_000;
const MAX_TOKEN_CHARACTERS = 8_192;

type Webhook = Extract<NoticeWay, { way: 'webhook' }>;

/**
 * Posts the notice. A redirect is not followed: it could carry the token elsewhere.
 *
 * @throws Io 'webhook-failed', Denied 'webhook-denied'; the address is named by its host only,
 *   since paths and queries of webhooks are often the secret itself
 */
export async function postToWebhook(
  notice: Notice,
  { url, tokenFile }: Pick<Webhook, 'url' | 'tokenFile'>,
  hostName: string,
): Promise<void> {
  const address = new URL(url);
  const token = tokenFile === '' ? undefined : await readToken(tokenFile);
  // fetch takes no user and password in an address: they go where they belong.
  const login = address.username === '' ? undefined : basic(address);
  address.username = '';
  address.password = '';
  const authorization = token ?? login;
  let response: Response;
  try {
    response = await fetch(address, {
      method: 'POST',
      redirect: 'manual',
      signal: AbortSignal.timeout(PATIENCE_MS),
      headers: {
        'content-type': 'application/json',
        ...(authorization === undefined ? {} : { authorization }),
      },
      body: JSON.stringify({ ...notice, host: hostName }),
    });
    await response.body?.cancel();
  } catch {
    throw ioError(
      'webhook-failed',
      say`The webhook at ${{ host: address.host }} could not be reached.`,
      {
        hint: 'Check its address and the network.',
      },
    );
  }
  if (response.ok) return;
  const isRefused = response.status === 401 || response.status === 403;
  const make = isRefused ? denied : ioError;
  const code = isRefused ? 'webhook-denied' : 'webhook-failed';
  throw make(code, `The webhook at ${address.host} answered ${response.status}.`, {
    hint: isRefused ? 'Check its token.' : 'Check its address.',
  });
}

async function readToken(path: string): Promise<string> {
  try {
    const text = (await readFile(path, 'utf8')).trim().slice(0, MAX_TOKEN_CHARACTERS);
    // A bare token is meant as a bearer's; a line that names its scheme goes as it is.
    return /^[A-Za-z]+ \S/.test(text) ? text : `Bearer ${text}`;
  } catch {
    throw denied('token-unreadable', 'The file with the token of the webhook cannot be read.', {
      hint: 'Check its path and its permissions.',
      place: { path },
    });
  }
}

function basic({ username, password }: URL): string {
  const words = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return `Basic ${Buffer.from(words).toString('base64')}`;
}
