import { defineInterface, type MessageBus } from 'dbus-native';

const ROOT = '/org/freedesktop/secrets';
const PROMPT = `${ROOT}/prompt/p1`;

/** A keyring as the Secret Service API has it, locked at first: its prompt unlocks it. */
export async function keyringPeer(peer: MessageBus): Promise<void> {
  const items = new Map<string, { attributes: Record<string, string>; value: Buffer }>();
  let isLocked = true;
  const exportItem = (path: string): Promise<unknown> =>
    peer.export(
      path,
      defineInterface({
        name: 'org.freedesktop.Secret.Item',
        methods: {
          GetSecret: {
            in: { session: 'o' },
            out: { secret: '(oayays)' },
            handler: ({ session }) => [
              session,
              Buffer.alloc(0),
              items.get(path)!.value,
              'text/plain',
            ],
          },
          Delete: {
            in: {},
            out: { prompt: 'o' },
            handler: () => {
              items.delete(path);
              return '/';
            },
          },
        },
      }),
    );
  await peer.export(
    ROOT,
    defineInterface({
      name: 'org.freedesktop.Secret.Service',
      methods: {
        OpenSession: {
          in: { algorithm: 's', input: 'v' },
          out: { output: 'v', session: 'o' },
          handler: () => ({ output: '', session: `${ROOT}/session/s1` }),
        },
        SearchItems: {
          in: { attributes: 'a{ss}' },
          out: { unlocked: 'ao', locked: 'ao' },
          handler: ({ attributes }) => {
            const found = [...items]
              .filter(([, item]) => item.attributes['luks-uuid'] === attributes['luks-uuid'])
              .map(([path]) => path);
            return isLocked ? { unlocked: [], locked: found } : { unlocked: found, locked: [] };
          },
        },
        Unlock: {
          in: { objects: 'ao' },
          out: { unlocked: 'ao', prompt: 'o' },
          handler: ({ objects }) =>
            isLocked ? { unlocked: [], prompt: PROMPT } : { unlocked: objects, prompt: '/' },
        },
      },
    }),
  );
  const prompt = defineInterface({
    name: 'org.freedesktop.Secret.Prompt',
    methods: {
      Prompt: {
        in: { window: 's' },
        out: {},
        handler: () => {
          isLocked = false;
          peer.sendSignal(PROMPT, 'org.freedesktop.Secret.Prompt', 'Completed', 'bv', [
            false,
            ['s', ''],
          ]);
        },
      },
    },
  });
  await peer.export(PROMPT, prompt);
  await peer.export(
    `${ROOT}/aliases/default`,
    defineInterface({
      name: 'org.freedesktop.Secret.Collection',
      methods: {
        CreateItem: {
          in: { properties: 'a{sv}', secret: '(oayays)', replace: 'b' },
          out: { item: 'o', prompt: 'o' },
          handler: async ({ properties, secret }) => {
            const path = `${ROOT}/collection/login/${items.size + 1}`;
            const attributes = properties['org.freedesktop.Secret.Item.Attributes'];
            items.set(path, { attributes, value: Buffer.from(secret[2]) });
            await exportItem(path);
            return { item: path, prompt: '/' };
          },
        },
      },
    }),
  );
  await peer.ownName('org.freedesktop.secrets');
}
