import type * as os from 'node:os';
import { expect, test, vi } from 'vitest';
import type { Handlers } from '../../main/service/handlers/index.ts';

vi.mock('node:os', async (original) => ({
  ...(await original<typeof os>()),
  userInfo: () => {
    throw Object.assign(new Error('uv_os_get_passwd returned ENOENT'), {
      code: 'ERR_SYSTEM_ERROR',
    });
  },
}));

test('a user who is in no user database goes by the number', async () => {
  const { settingHandlers } = await import('../../main/service/handlers/settings.ts');
  const options = { version: '1.2.3', carrier: 'socket', historyPath: '' };
  const context = { options } as unknown as Parameters<Handlers['service.info']>[1];
  expect(await settingHandlers['service.info']({}, context)).toMatchObject({
    userName: String(process.getuid!()),
  });
});

// The page told whoever has a package to type ./dendro, which only a checkout has.
test.each([
  ['/usr/lib/dendro/bin/node', 'dendro'],
  ['/opt/Dendro/dendro', 'dendro'],
  ['/home/anna/dendro/node_modules/node/bin/node', './dendro'],
  ['/home/anna/usr/bin/node', './dendro'],
])('%s is started with %s', async (program, command) => {
  const { commandOf } = await import('../../main/service/handlers/settings.ts');
  expect(commandOf(program)).toBe(command);
});
