import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { CatalogueKeeper } from '../../main/service/catalogue/keeper.ts';
import { EventHub } from '../../main/service/event-hub.ts';
import type { PointBook } from '../../main/service/points/point-book.ts';

const folder = mkdtempSync(join(tmpdir(), `dendro-test-${process.pid}-`));
let looks: number;
let hub: EventHub;
let devices: string;
let fails: boolean;

const points = {
  look: () => {
    looks += 1;
    return fails
      ? Promise.reject(new Error('no'))
      : Promise.resolve({ volumes: [], subvolumes: [] });
  },
  list: () => [],
  formers: () => new Map(),
} as unknown as PointBook;

function keeper(): CatalogueKeeper {
  return new CatalogueKeeper(join(folder, 'catalogue.sqlite'), {
    points,
    hub,
    devices: () => devices,
  });
}

beforeEach(() => {
  [looks, hub, devices, fails] = [0, new EventHub(), 'one', false];
});
afterAll(() => rmSync(folder, { recursive: true }));

test('searches look around once, and again when something was plugged in or mounted', async () => {
  const catalogue = keeper();
  await Promise.all([catalogue.lookAround(), catalogue.lookAround()]);
  await catalogue.lookAround();
  expect(looks).toBe(1);
  devices = 'two';
  await catalogue.lookAround();
  await catalogue.lookAround();
  expect(looks).toBe(2);
  hub.emit('drives.changed', {});
  await catalogue.lookAround();
  expect(looks).toBe(3);
  await catalogue.close();
});

test('what waits is asked with a look of its own, which serves searches', async () => {
  const catalogue = keeper();
  await Promise.all([catalogue.waiting(), catalogue.lookAround()]);
  expect(looks).toBe(1);
  await catalogue.waiting();
  expect(looks).toBe(2);
  await catalogue.close();
});

test('a look that failed is made again', async () => {
  const catalogue = keeper();
  fails = true;
  await expect(catalogue.lookAround()).rejects.toThrow('no');
  fails = false;
  await catalogue.lookAround();
  expect(looks).toBe(2);
  await catalogue.close();
});
