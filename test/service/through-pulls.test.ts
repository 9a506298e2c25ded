import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { CancelToken } from '../../main/engine/cancel.ts';
import type { RunHandle } from '../../main/runs/runs.ts';
import { throughPulls } from '../../main/service/restore/through-pulls.ts';
import { conflict, ioError } from '../../shared/errors.ts';
import { textOf, type Noted } from '../../shared/said.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const gone = ioError('source-gone', 'The drive is gone.', { hint: '' });
const away = conflict('drive-away', 'It is not plugged in.', { hint: '' });

function fakeRun() {
  const notes: Noted[] = [];
  const cancel = new CancelToken();
  const run = { cancel, note: (note: Noted) => notes.push(note) };
  return { run: run as unknown as RunHandle, notes, cancel };
}

/** Fails with each of these in turn, then succeeds. */
function failing(...errors: Error[]): () => Promise<string> {
  return () => {
    const error = errors.shift();
    return error === undefined ? Promise.resolve('restored') : Promise.reject(error);
  };
}

test('a drive that was pulled is waited for, however often it is looked for in vain', async () => {
  const { run, notes } = fakeRun();
  const restored = throughPulls(run, failing(gone, away, away, gone));
  await vi.advanceTimersByTimeAsync(8_000);
  expect(await restored).toBe('restored');
  expect(notes.map(textOf)).toEqual([expect.stringContaining('Waiting for it')]);
});

test('a volume is looked for, and not read before it is there', async () => {
  const { run } = fakeRun();
  const looks = [false, false, true];
  const attempt = vi.fn(failing(gone));
  const restored = throughPulls(run, attempt, {
    isBack: () => Promise.resolve(looks.shift()!),
  });
  await vi.advanceTimersByTimeAsync(6_000);
  expect(await restored).toBe('restored');
  expect([attempt.mock.calls.length, looks]).toEqual([2, []]);
});

test('the wait can be cancelled, and leaves nothing of what was restored so far', async () => {
  const { run, cancel } = fakeRun();
  const giveUp = vi.fn(() => Promise.resolve());
  const restored = throughPulls(run, failing(gone, away, away, away), { giveUp });
  const ended = expect(restored).rejects.toMatchObject({ kind: 'Cancelled' });
  await vi.advanceTimersByTimeAsync(2_500);
  cancel.cancel();
  expect(giveUp).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(4_000);
  await ended;
  expect(giveUp).toHaveBeenCalledOnce();
});

test('a drive that was never there, and any other error, ends it', async () => {
  await expect(throughPulls(fakeRun().run, failing(away))).rejects.toBe(away);
  const full = ioError('target-full', 'Full.', { hint: '' });
  const { run } = fakeRun();
  const restored = throughPulls(run, failing(gone, full));
  const ended = expect(restored).rejects.toBe(full);
  await vi.advanceTimersByTimeAsync(2_500);
  await ended;
});
