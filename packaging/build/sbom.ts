import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Arch } from './architecture.ts';
import { nodeVersion } from './locked-package.ts';
import { packagesInside, type LockedPackage } from './packages-inside.ts';

/**
 * Writes what is inside as CycloneDX 1.6 (cyclonedx.org): what is bundled, what stays a package,
 * and Node. The same bytes for the same lock file and time. Not by `npm sbom --omit=dev`: that of
 * npm 11 leaves out what a tool of development uses, too.
 */
export function writeSbom(
  top: string,
  file: string,
  { epoch, arch }: { readonly epoch: number; readonly arch: Arch },
): void {
  const { name, version, license } = JSON.parse(
    readFileSync(join(top, 'package.json'), 'utf8'),
  ) as Record<string, string>;
  const components = packagesInside(top, arch).map(component);
  const metadata = {
    timestamp: new Date(epoch * 1_000).toISOString(),
    component: { type: 'application', 'bom-ref': 'dendro', name, version, ...licenses(license!) },
  };
  const node = {
    type: 'platform',
    'bom-ref': `node@${nodeVersion(arch)}`,
    name: 'node',
    version: nodeVersion(arch),
    purl: `pkg:npm/node-linux-${arch}@${nodeVersion(arch)}`,
    ...licenses('MIT'),
  };
  const content = { metadata, components: [...components, node] };
  const bom = {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${uuidOf(JSON.stringify(content))}`,
    version: 1,
    ...content,
  };
  writeFileSync(file, `${JSON.stringify(bom, null, 2)}\n`);
}

function component({ name, version, integrity, license }: LockedPackage): object {
  const hash = /^sha512-(.+)$/.exec(integrity)?.[1];
  const content = hash && Buffer.from(hash, 'base64').toString('hex');
  return {
    type: 'library',
    'bom-ref': `${name}@${version}`,
    name,
    version,
    purl: `pkg:npm/${name.replace('@', '%40')}@${version}`,
    ...(content && { hashes: [{ alg: 'SHA-512', content }] }),
    ...licenses(license),
  };
}

/** An expression (SPDX) where it is one, as package.json has it. */
function licenses(license: string): object {
  if (license === '') return {};
  const isExpression = /\b(OR|AND|WITH)\b/.test(license);
  return { licenses: [isExpression ? { expression: license } : { license: { id: license } }] };
}

/** Version 8 (RFC 9562): made of a hash. */
function uuidOf(text: string): string {
  const hash = createHash('sha256').update(text).digest('hex');
  return hash.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-8$3-8$4-$5');
}
