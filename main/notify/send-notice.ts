import { assertNever } from '../../shared/errors.ts';
import type { Notice, NoticeWay } from '../../shared/model/notice.ts';
import { runCommand } from './command-sender.ts';
import { showOnDesktop } from './desktop-sender.ts';
import { sendMail } from './mail-sender.ts';
import { postToWebhook } from './webhook-sender.ts';

/** What a sender needs of this computer. */
export interface SenderWorld {
  readonly hostName: string;
  readonly showOnDesktop?: typeof showOnDesktop;
}

/**
 * Tells a notice by one way.
 *
 * @throws DendroError whose text names the way and never a secret: no URL beyond its host, no
 *   token, no argument of a command
 */
export function sendNotice(notice: Notice, way: NoticeWay, world: SenderWorld): Promise<void> {
  switch (way.way) {
    case 'desktop':
      return (world.showOnDesktop ?? showOnDesktop)(notice);
    case 'mail':
      return sendMail(notice, way.to, world.hostName);
    case 'command':
      return runCommand(notice, way.command, world.hostName);
    case 'webhook':
      return postToWebhook(notice, way, world.hostName);
    default:
      return assertNever(way);
  }
}
