import { join } from 'node:path';
import { conflict, toErrorData, type ErrorData } from '../../shared/errors.ts';
import type { UpdateFile, UpdateState } from '../../shared/model/update.ts';
import { MAX_CHANNEL_BYTES, type ChannelBody } from './channel-format.ts';
import { downloadUpdate, isWhole } from './download-update.ts';
import { askWhole } from './fetch-bounded.ts';
import { installCommand, type Installed } from './installed-as.ts';
import type { ShippedChannel } from './shipped-channel.ts';
import { readMemory, writeMemory, type UpdateMemory } from './update-memory.ts';
import { verifyChannel } from './verify-channel.ts';
import { compareVersions } from './version-order.ts';

export interface UpdatesOptions {
  /** Null: this build has none. */
  readonly channel: ShippedChannel | null;
  readonly version: string;
  /** Where the memory and the downloads are kept. */
  readonly folder: string;
  readonly installed: Installed;
  readonly arch: string;
  readonly nowMs: () => number;
  /** Words as one line of a shell. */
  readonly shell: (words: readonly string[]) => string;
}

/** Newer versions of Dendro: looked for, downloaded and proved, never installed. */
export class Updates {
  readonly #options: UpdatesOptions;
  #problem: ErrorData | null = null;

  constructor(options: UpdatesOptions) {
    this.#options = options;
  }

  /** As of the last look. */
  async state(): Promise<UpdateState> {
    const { channel, version } = this.#options;
    const memory = this.#memory();
    const body = memory?.body;
    const file = body ? this.#fitting(body) : null;
    const state = channel === null ? 'none' : body ? this.#standing(body, file) : 'unknown';
    return {
      version,
      state,
      newVersion: body && state !== 'current' ? body.version : null,
      issuedAtMs: body?.issuedAtMs ?? null,
      lookedAtMs: memory?.lookedAtMs ?? null,
      notes: body && state !== 'current' ? body.notes : '',
      file,
      ready: file && state === 'available' ? await this.#ready(file) : null,
      problem: this.#problem,
    };
  }

  /** Asks the channel; what it says is believed when its signature and its dates are right. */
  async check(): Promise<UpdateState> {
    const { channel, nowMs } = this.#options;
    if (channel === null) throw noChannel();
    try {
      const bytes = await askWhole(channel.address, MAX_CHANNEL_BYTES);
      const last = this.#memory();
      const keys = last?.keys ?? channel.keys;
      const { body, ...accepted } = verifyChannel(bytes, keys, last, nowMs());
      writeMemory(this.#memoryPath, {
        ...accepted,
        shippedKeys: channel.keys,
        keys: body.keys,
        lookedAtMs: nowMs(),
        body,
      });
      this.#problem = null;
    } catch (error) {
      this.#problem = toErrorData(error);
      throw error;
    }
    return this.state();
  }

  /** @throws Conflict 'no-update'; and what `downloadUpdate` does */
  async download(onProgress?: (bytes: number) => void): Promise<UpdateState> {
    const { channel } = this.#options;
    const { state, file } = await this.state();
    if (channel === null) throw noChannel();
    if (state !== 'available' || file === null) {
      throw conflict('no-update', 'There is nothing newer for this computer to download.', {
        hint: 'Look first: dendro update --check',
      });
    }
    const folder = this.#downloads;
    await downloadUpdate({
      channelAddress: channel.address,
      file,
      folder,
      ...(onProgress && { onProgress }),
    });
    return this.state();
  }

  get #memoryPath(): string {
    return join(this.#options.folder, 'update.json');
  }

  get #downloads(): string {
    return join(this.#options.folder, 'packages');
  }

  #memory(): UpdateMemory | null {
    const { channel } = this.#options;
    return channel && readMemory(this.#memoryPath, channel.keys);
  }

  #fitting({ files }: ChannelBody): UpdateFile | null {
    const { installed, arch } = this.#options;
    return files.find((one) => one.kind === installed.kind && one.arch === arch) ?? null;
  }

  #standing(body: ChannelBody, file: UpdateFile | null): UpdateState['state'] {
    const { version } = this.#options;
    if (compareVersions(body.version, version) <= 0) return 'current';
    const isTooOld = compareVersions(version, body.minimumVersion) < 0;
    return isTooOld || file === null ? 'by-hand' : 'available';
  }

  /** Proved anew each time: what lies on the disk may have been changed since. */
  async #ready(file: UpdateFile): Promise<UpdateState['ready']> {
    const { installed, shell } = this.#options;
    const path = join(this.#downloads, file.name);
    if (!(await isWhole(path, file))) return null;
    return { path, command: shell(installCommand(path, file.kind, installed)) };
  }
}

function noChannel(): Error {
  return conflict('no-update-channel', 'This build of Dendro has no update channel.', {
    hint: 'It is updated as it was installed: by the package manager, or by hand.',
  });
}
