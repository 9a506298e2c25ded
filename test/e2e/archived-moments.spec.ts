import { AxeBuilder } from '@axe-core/playwright';
import { expect, test } from '@playwright/test';
import { conflict } from '../../shared/errors.ts';
import { servePage, type PageServer } from './support/page-server.ts';
import { goodOrder, home } from './support/scenes.ts';
import { sourceAnswers } from './support/source-answers.ts';
import { standIn, type Answers } from './support/stand-in.ts';

const PLACE = 'archive:5ed0c1aa-77aa-4b1e-9a53-3b1d0e6cbb10/backups';
const KEY = 'correct horse battery staple';

/** A document of two pages with a large word on each, as a text processor would write it. */
function documentOf(words: readonly string[]): Buffer {
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    `<< /Type /Pages /Count ${words.length} /Kids [${words.map((_, i) => `${4 + i * 2} 0 R`).join(' ')}] >>`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
    ...words.flatMap((word, i) => {
      const drawn = `BT /F1 64 Tf 40 100 Td (${word}) Tj ET`;
      return [
        `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 400 240] /Contents ${5 + i * 2} 0 R /Resources << /Font << /F1 3 0 R >> >> >>`,
        `<< /Length ${drawn.length} >>\nstream\n${drawn}\nendstream`,
      ];
    }),
  ];
  let text = '%PDF-1.4\n';
  const places = objects.map((object, i) => {
    const at = text.length;
    text += `${i + 1} 0 obj\n${object}\nendobj\n`;
    return `${String(at).padStart(10, '0')} 00000 n \n`;
  });
  const table = text.length;
  text += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${places.join('')}`;
  text += `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${table}\n%%EOF\n`;
  return Buffer.from(text, 'latin1');
}

/** What is used of the page's canvas; these tests know no types of a browser. */
interface Canvas {
  readonly width: number;
  readonly height: number;
  getContext(kind: '2d'): {
    getImageData(x: number, y: number, width: number, height: number): { data: Uint8Array };
  };
}

/** The newest moment lies in an encrypted archive only. */
const [newest, ...older] = home.points;
const archived = {
  ...home,
  points: [
    {
      ...newest!,
      copies: [
        {
          ...newest!.copies[0]!,
          ...{ volumeId: PLACE, subvolumeId: 271_828, volumeName: 'Stick (backups)' },
          ...{ path: 'home/newest', present: true, place: 'drive' as const },
        },
      ],
    },
    ...older,
  ],
};
const pdf = documentOf(['First', 'Second']);

const answers: Answers = {
  ...goodOrder,
  ...sourceAnswers([archived]),
  'directory.list': (input) => {
    if (input.volumeId === PLACE && input.secrets?.passphrase !== KEY) {
      throw input.secrets
        ? conflict('wrong-passphrase', 'This is not the passphrase of the archive.')
        : conflict('archive-encrypted', 'The archive is encrypted.');
    }
    const entry = {
      ...{ name: 'letter.pdf', type: 'file' as const, inode: 300, sizeBytes: pdf.length },
      ...{ modifiedAtMs: newest!.takenAtMs, mode: 0o644, uid: 1000, gid: 1000, linkTarget: null },
    };
    return { entries: [entry], total: 1 };
  },
  'file.preview': ({ path, limitBytes = 0 }) => ({
    sizeBytes: pdf.length,
    base64: (path.endsWith('.pdf') ? pdf : Buffer.alloc(0)).toString('base64'),
    text: null,
    mediaType: 'application/pdf',
    truncated: limitBytes < pdf.length,
  }),
};

let server: PageServer;
test.beforeAll(async () => {
  server = await servePage();
});
test.afterAll(() => server.close());

test('a moment in an encrypted archive asks for its key, and shows a document page by page', async ({
  page,
}) => {
  const wrong: string[] = [];
  page.on('console', (message) => {
    if (/Content Security Policy|Refused/.test(message.text())) wrong.push(message.text());
  });
  await standIn(page, answers);
  await page.goto(`${server.address}#/restore`);
  await expect(page.getByText('Stick (backups)').first()).toBeVisible();
  const key = page.getByRole('textbox', { name: /Stick \(backups\) is encrypted/ });
  await key.fill('something else');
  await page.getByRole('button', { name: 'Open', exact: true }).click();
  await expect(page.getByText('That does not open it.')).toBeVisible();
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([]);
  await key.fill(KEY);
  await page.getByRole('button', { name: 'Open', exact: true }).click();
  await page.getByText('letter.pdf').click();

  const drawn = page.getByRole('img', { name: 'Page 1 of 2 of letter.pdf' });
  const darkPixels = (): Promise<number> =>
    drawn.or(page.getByRole('img', { name: 'Page 2 of 2 of letter.pdf' })).evaluate((element) => {
      const canvas = element as unknown as Canvas;
      const { width, height } = canvas;
      const { data } = canvas.getContext('2d').getImageData(0, 0, width, height);
      let dark = 0;
      for (let at = 0; at < data.length; at += 4)
        if (data[at]! < 100 && data[at + 3]! > 200) dark++;
      return dark;
    });
  await expect.poll(darkPixels, { timeout: 30_000 }).toBeGreaterThan(100);
  if (process.env['DENDRO_SHOTS']) {
    await page.screenshot({ path: `${process.env['DENDRO_SHOTS']}/archived.png` });
  }
  const first = await darkPixels();
  await page.getByRole('button', { name: 'Next page' }).click();
  await expect(page.getByText('Page 2 of 2', { exact: true })).toBeVisible();
  await expect.poll(darkPixels, { timeout: 30_000 }).not.toBe(first);
  expect(wrong).toEqual([]);
});

test('a document that is none says so, and the page goes on', async ({ page }) => {
  const broken = Buffer.from('%PDF-1.7\nnothing of the kind');
  await standIn(page, {
    ...answers,
    'file.preview': () => ({
      ...{ sizeBytes: broken.length, base64: broken.toString('base64'), text: null },
      ...{ mediaType: 'application/pdf', truncated: false },
    }),
    'directory.list': (input) => answers['directory.list']!({ ...input, volumeId: 'laptop' }),
  });
  await page.goto(`${server.address}#/restore`);
  await page.getByText('letter.pdf').click();
  await expect(page.getByText('This document cannot be shown.')).toBeVisible({ timeout: 30_000 });
});
