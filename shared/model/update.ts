import { z } from 'zod';
import { Count, ErrorModel, PathText, TimeMs } from './basics.ts';

/** The kinds of packages that a channel may hold. */
export const PackageKind = z.enum(['deb', 'rpm', 'appimage', 'tar.gz', 'headless-deb']);
export type PackageKind = z.infer<typeof PackageKind>;

export const UpdateFile = z.object({
  /** A plain name: it lies beside the channel file. */
  name: z.string().regex(/^[A-Za-z0-9][\w.+~-]{0,199}$/),
  kind: PackageKind,
  arch: z.enum(['x64', 'arm64']),
  sizeBytes: Count.max(4 * 1024 ** 3),
  /** Hexadecimal. */
  sha512: z.string().regex(/^[0-9a-f]{128}$/),
});
export type UpdateFile = z.infer<typeof UpdateFile>;

/** What is known of newer versions. Nothing here has been installed, nor will be by itself. */
export const UpdateState = z.object({
  /** Of the running Dendro. */
  version: z.string(),
  /**
   * none: this build ships no channel; unknown: not looked yet; current: there is nothing newer;
   * available: there is; by-hand: this version is too old to go there directly, or nothing in the
   * channel is of the kind that is installed here.
   */
  state: z.enum(['none', 'unknown', 'current', 'available', 'by-hand']),
  newVersion: z.string().nullable(),
  /** When the channel was signed, and when it was last looked at. */
  issuedAtMs: TimeMs.nullable(),
  lookedAtMs: TimeMs.nullable(),
  notes: z.string(),
  /** What fits this computer. */
  file: UpdateFile.nullable(),
  /** Downloaded and checked: its path, and what installs it. */
  ready: z.object({ path: PathText, command: z.string() }).nullable(),
  /** Why the last look failed. */
  problem: ErrorModel.nullable(),
});
export type UpdateState = z.infer<typeof UpdateState>;
