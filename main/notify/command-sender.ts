import { ioError } from '../../shared/errors.ts';
import { say } from '../../shared/said.ts';
import type { Notice } from '../../shared/model/notice.ts';
import { runToEnd } from './run-to-end.ts';

/** @throws Unsupported 'command-missing'; Io 'command-failed'. Neither names its arguments. */
export async function runCommand(
  notice: Notice,
  command: readonly string[],
  hostName: string,
): Promise<void> {
  const { event, title, text, subject } = notice;
  const env = {
    DENDRO_EVENT: event,
    DENDRO_TITLE: title,
    DENDRO_TEXT: text,
    DENDRO_SUBJECT: subject,
    DENDRO_HOST: hostName,
  };
  const input = `${JSON.stringify({ ...notice, host: hostName })}\n`;
  const { exitCode } = await runToEnd(command, input, env);
  if (exitCode === 0) return;
  throw ioError(
    'command-failed',
    say`The command for notices ended with exit code ${{ exitCode }}.`,
    {
      hint: 'Run it by hand and see what it says.',
    },
  );
}
