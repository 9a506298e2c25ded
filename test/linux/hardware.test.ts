import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { hardwareIn } from '../../main/linux/hardware.ts';

test.each([
  [{ 'sys/class/dmi/id/product_uuid': '4c4c4544-0042\n' }, '4c4c4544-0042'],
  [{ 'sys/firmware/devicetree/base/serial-number': '10000000abc\0' }, '10000000abc'],
  [{ 'sys/class/dmi/id/product_uuid': '\n' }, undefined],
  [{}, undefined],
])('%j', (files, expected) => {
  const root = mkdtempSync(join(tmpdir(), `dendro-test-${process.pid}-`));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  expect(hardwareIn(root)).toBe(expected);
});
