import { dirname, join } from 'node:path';
import { tmpdir } from 'node:os';
import { installedAs } from './installed-as.ts';
import { shippedChannel, type ShippedChannel } from './shipped-channel.ts';
import { Updates, type UpdatesOptions } from './updates.ts';

/** Updates of the Dendro that runs, remembered beside its history. */
export function ownUpdates(
  historyPath: string,
  options: Pick<UpdatesOptions, 'version' | 'nowMs' | 'shell'>,
  channel: ShippedChannel | null = shippedChannel(),
): Updates {
  const folder = historyPath === ':memory:' ? tmpdir() : dirname(historyPath);
  return new Updates({
    ...options,
    channel,
    folder: join(folder, 'updates'),
    installed: installedAs(process.env, process.execPath),
    arch: process.arch,
  });
}
