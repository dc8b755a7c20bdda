import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import type { TestPlane } from '../contract/plane.ts';
import { closeTab, openStudio, shoot } from './browser.ts';
import { openInEditor } from './editorPage.ts';
import { fixturePlane, openRun } from './fixture.ts';

const fixture = (name: string) => readFileSync(path.resolve(import.meta.dirname, '../fixtures/files', name));

const markdownOf = (outside: string) => `# Results

**Accuracy** rose to \`0.93\`, see [the paper](https://example.org/paper) or [nothing](javascript:hacked=1).

| model | acc |
|---|---:|
| a | 0.91 |

- [x] done
- [ ] open

![a picture](${outside}/track.png)
<img src=x onerror="hacked = 1"><script>hacked = 1</script>
`;
const htmlOf = (
  outside: string,
) => `<h1>Report</h1><p style="color:red">All is well.</p><script>parent.hacked = 1; document.body.append('ran')</script>
<img src="${outside}/track.png" onerror="parent.hacked = 1"><iframe src="${outside}/page"></iframe>`;

describe('previews of files', () => {
  let plane: TestPlane;
  let run: string;
  /** Another server: what it is asked for would have been fetched from outside. */
  let server: Server;
  const asked: string[] = [];
  after(() => server?.close());
  before(async () => {
    server = createServer((request, response) => {
      asked.push(request.url ?? '');
      response.end();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const outside = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    plane = await fixturePlane();
    run = await openRun(plane, 'files of many kinds');
    const table = fixture('table.parquet');
    const bomb = Buffer.alloc(64);
    bomb.set([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
    bomb.writeUInt32BE(60_000, 16);
    bomb.writeUInt32BE(60_000, 20);
    const files: Record<string, string | Buffer> = {
      'results.md': markdownOf(outside),
      'report.html': htmlOf(outside),
      'table.parquet': table,
      'cut.parquet': table.subarray(0, 9000),
      'array.npy': fixture('array.npy'),
      'bomb.png': bomb,
      'lies.parquet': 'id,name\n1,a\n',
      'study.ipynb': JSON.stringify({
        nbformat: 4,
        cells: [
          { cell_type: 'markdown', source: '## A study' },
          { cell_type: 'code', source: 'model.fit(X)', execution_count: 2, outputs: [{ output_type: 'stream', text: 'loss 0.3\n' }] },
        ],
      }),
    };
    for (const [name, content] of Object.entries(files))
      await plane.client.http.send('PUT', `/api/2.0/mlflow-artifacts/artifacts/0/${run}/artifacts/${name}`, { body: content as BodyInit });
  });

  for (const where of ['the Studio', 'the editor'])
    it(`show Markdown, HTML, Parquet, arrays and notebooks in ${where}, of which nothing runs and nothing is fetched`, async () => {
      const tab =
        where === 'the Studio'
          ? await openStudio(plane, `/jobs/${run}?tab=outputs`)
          : await openInEditor(plane, { page: 'job', name: run, tab: 'outputs' });
      const { page } = tab;
      const open = async (name: string) => {
        await page.getByRole('treeitem', { name, exact: true }).click();
        return page.getByRole('region', { name: `Preview of ${name}` });
      };
      const text = await open('results.md');
      await text.getByRole('heading', { name: 'Results', exact: true }).waitFor();
      await text.getByRole('cell', { name: '0.91' }).waitFor();
      assert.equal(await text.getByRole('link').count(), 1);
      await text.getByText('<script>hacked = 1</script>').waitFor();
      await text.getByText('[image: a picture]').waitFor();
      await shoot(page, `pages-preview-markdown-${where === 'the Studio' ? 'studio' : 'editor'}`);

      const report = await open('report.html');
      await report.frameLocator('iframe').getByRole('heading', { name: 'Report' }).waitFor();
      assert.equal(await report.frameLocator('iframe').getByText('ran', { exact: true }).count(), 0);

      const table = await open('table.parquet');
      await table.getByText('1200 rows, 5 columns · only the first 1000 rows are shown').waitFor();
      await table.getByRole('cell', { name: 'name: sample 3', exact: true }).waitFor();
      await shoot(page, `pages-preview-parquet-${where === 'the Studio' ? 'studio' : 'editor'}`);
      for (const name of ['cut.parquet', 'lies.parquet']) await (await open(name)).getByText('This Parquet file can’t be read').waitFor();
      await (await open('bomb.png')).getByText('3600 million pixels').waitFor();
      await (await open('array.npy')).getByText('An array of shape (4, 3), type <f4').waitFor();
      const notebook = await open('study.ipynb');
      await notebook.getByRole('heading', { name: 'A study' }).waitFor();
      await notebook.getByText('loss 0.3').waitFor();
      await shoot(page, `pages-preview-notebook-${where === 'the Studio' ? 'studio' : 'editor'}`);
      assert.equal(await page.evaluate(() => (globalThis as any).hacked), undefined);
      assert.deepEqual(asked, []);
      // The browser tells of what it kept the file from.
      tab.errors.splice(
        0,
        tab.errors.length,
        ...tab.errors.filter((text) => !/^(?:Loading the image|Framing) 'http:\/\/127\.0\.0\.1:\d+\//.test(text)),
      );
      await closeTab(tab);
    });
});
