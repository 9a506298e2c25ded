import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describeKernel } from '../harness/kernel.ts';
import { run } from '../harness/run.ts';

function demo(...args: readonly string[]): string {
  return run(process.execPath, [join(import.meta.dirname, 'demo.ts'), ...args]).stdout.toString();
}

test('the demo from an image into a plain folder comes to its table', () => {
  const said = demo('--image');
  expect(said.match(/the same: /g)).toHaveLength(3);
  expect(said).toMatch(/^increment\s+\d+/m);
});

describeKernel('the demo on disks', () => {
  test('comes to its table', () => {
    const said = demo('--files', '60');
    expect(said.match(/the same: /g)).toHaveLength(3);
    expect(said).toMatch(/^increment\s+\d+/m);
  });
});
