import { afterEach, expect, test, vi } from 'vitest';
import { connect, type Carrier } from '../../renderer/bridge/connection.ts';

afterEach(() => void vi.useRealTimers());

type Hooks = Parameters<Carrier['open']>[0];

/** A carrier whose lines the test opens and closes by hand. */
function byHand() {
  const lines: { hooks: Hooks; sent: string[] }[] = [];
  const carrier: Carrier = {
    open(hooks) {
      const line = { hooks, sent: [] as string[] };
      lines.push(line);
      return { send: (text) => line.sent.push(text), close: () => undefined };
    },
  };
  return { carrier, lines };
}

test('a call made before the line is open waits for it', async () => {
  const { carrier, lines } = byHand();
  const connection = connect(carrier);
  const answer = connection.call('service.info', {});
  lines[0]!.hooks.opened();
  await vi.waitFor(() => expect(lines[0]!.sent).toHaveLength(1));
  const { id } = JSON.parse(lines[0]!.sent[0]!) as { id: number };
  lines[0]!.hooks.received(JSON.stringify({ id, output: { version: '1' } }));
  await expect(answer).resolves.toEqual({ version: '1' });
});

test('a line that closes fails its calls, is opened again, and listeners stay', async () => {
  vi.useFakeTimers();
  const { carrier, lines } = byHand();
  const connection = connect(carrier);
  const heard: unknown[] = [];
  connection.on('volumes.changed', (data) => heard.push(data));
  lines[0]!.hooks.opened();
  const lost = connection.call('volumes.list', {});
  const refusal = expect(lost).rejects.toMatchObject({ code: 'service-gone' });
  await vi.advanceTimersByTimeAsync(0);
  lines[0]!.hooks.closed();
  await refusal;
  expect(connection.state).toBe('gone');
  await vi.advanceTimersByTimeAsync(600);
  expect(lines).toHaveLength(2);
  lines[1]!.hooks.opened();
  expect(connection.state).toBe('ready');
  lines[1]!.hooks.received(JSON.stringify({ event: 'volumes.changed', data: {} }));
  expect(heard).toEqual([{}]);
});
