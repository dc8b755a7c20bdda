import assert from 'node:assert/strict';
import { check } from '../../src/protocol/check.ts';
import type { DocumentGraph } from '../../src/protocol/graph.ts';
import { FromGraphPage, type ToGraphPage } from '../../src/protocol/webview.ts';
import { closeTab, shoot } from './browser.ts';
import { openFrame } from './editorFrame.ts';
import type { ThemeName } from './themes.ts';

const graph: DocumentGraph['graph'] = {
  nodes: [
    { id: '#inputs.raw', kind: 'input', label: 'raw' },
    { id: 'prepare', kind: 'step', label: 'prepare', icon: 'terminal', detail: './components/prepare/component.yml' },
    { id: 'train', kind: 'step', label: 'train', icon: 'beaker', detail: './train.yml' },
    {
      id: 'evaluate',
      kind: 'step',
      label: 'evaluate',
      icon: 'terminal',
      isBroken: true,
      detail: 'The step "train" has no output "modle".',
    },
    {
      id: 'report',
      kind: 'pipeline',
      label: 'report',
      icon: 'type-hierarchy-sub',
      detail: './report.yml',
      isExpandable: true,
      isExpanded: false,
    },
    { id: 'fti', kind: 'step', label: 'fti', isBroken: true, detail: 'Not defined' },
  ],
  edges: [
    { id: 'a', source: '#inputs.raw', target: 'prepare' },
    { id: 'b', source: 'prepare', target: 'train', label: 'table → data' },
    { id: 'c', source: 'train', target: 'evaluate', label: 'modle → model', isBroken: true },
    { id: 'd', source: 'train', target: 'report', label: 'model' },
    { id: 'e', source: 'fti', target: 'report', label: 'scores', isBroken: true },
  ],
};
const current: DocumentGraph = { uri: 'file:///w/pipeline.yml', state: 'current', graph, about: 'a pipeline job' };
const opened: DocumentGraph['graph'] = {
  nodes: [
    ...graph.nodes.map((node) => (node.id === 'report' ? { ...node, isExpanded: true } : node)),
    { id: 'report/draw', kind: 'step', label: 'draw', parent: 'report', icon: 'terminal', detail: 'python draw.py' },
  ],
  edges: graph.edges,
};

describe('the graph of a file', () => {
  const open = async (theme: ThemeName, width: number) => {
    const sent: FromGraphPage[] = [];
    const tab = await openFrame('graph', { theme, width, height: 720 }, (data, send) => {
      const message = check(FromGraphPage, data, 'A message of a graph');
      sent.push(message);
      if (message.type === 'ready') send({ type: 'init', uri: current.uri, name: 'pipeline.yml' } satisfies ToGraphPage);
    });
    const tell = (message: ToGraphPage) => tab.send(message);
    return { tab, sent, tell };
  };

  it('waits for what the editor tells, and shows which node was chosen and where the cursor is', async () => {
    const { tab, sent, tell } = await open('dark', 900);
    const { page } = tab;
    await page.getByText('Loading the graph').waitFor();
    await tell({ type: 'graph', graph: current });
    const train = page.getByRole('group', { name: 'step train, ./train.yml' });
    await train.waitFor();
    await page.getByRole('group', { name: 'step evaluate, broken: The step "train" has no output "modle".' }).waitFor();
    await shoot(page, 'graph-dark');
    await train.click();
    await page.locator('.react-flow__node.selected', { hasText: 'train' }).first().waitFor();
    assert.deepEqual(sent.at(-1), { type: 'reveal', node: 'train' });
    await tell({ type: 'cursor', node: 'prepare' });
    await page.locator('.react-flow__node.selected', { hasText: 'prepare' }).waitFor();
    await tell({ type: 'cursor' });
    await page.locator('.react-flow__node.selected').waitFor({ state: 'detached' });
    assert.equal(sent.filter(({ type }) => type === 'reveal').length, 1, 'the cursor alone moves no cursor');
    await closeTab(tab);
  });

  it('works by keyboard, opens what is nested, and comes back as it was after a reload', async () => {
    const { tab, sent, tell } = await open('dark', 900);
    const { page } = tab;
    await tell({ type: 'graph', graph: current });
    await page.getByRole('group', { name: /step prepare/ }).focus();
    await page.keyboard.press('Enter');
    await page.locator('.react-flow__node.selected', { hasText: 'prepare' }).waitFor();
    assert.deepEqual(sent.at(-1), { type: 'reveal', node: 'prepare' });
    await page.keyboard.press('Escape');
    await page.locator('.react-flow__node.selected').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Show the steps of report' }).click();
    assert.deepEqual(sent.at(-1), { type: 'expand', nodes: ['report'] });
    await tell({ type: 'graph', graph: { ...current, graph: opened } });
    await page.getByRole('group', { name: /step draw/ }).waitFor();
    // Another graph is shown whole, as long as nobody has moved the view.
    await page.waitForFunction(() =>
      [...document.querySelectorAll('.react-flow__node')].every((node) => {
        const { top, left, bottom, right } = node.getBoundingClientRect();
        return top >= 0 && left >= 0 && bottom <= innerHeight && right <= innerWidth;
      }),
    );
    await page.getByRole('button', { name: 'Lay out from left to right' }).click();
    assert.deepEqual(await tab.state(), { uri: current.uri, expanded: ['report'], direction: 'right' });
    await page.getByRole('button', { name: 'Save the graph as SVG' }).click();
    const saved = sent.at(-1);
    assert.ok(saved?.type === 'save' && /^<svg/.test(saved.svg) && saved.svg.includes('not defined'.replace('n', 'N')));
    await tab.reload();
    await tell({ type: 'graph', graph: { ...current, graph: opened } });
    await page.getByRole('button', { name: 'Lay out from top to bottom' }).waitFor();
    await page.getByRole('button', { name: 'Hide the steps of report' }).click();
    assert.deepEqual(sent.at(-1), { type: 'expand', nodes: [] });
    await closeTab(tab);
  });

  it('says what can not be read, and why there is nothing to draw', async () => {
    const { tab, tell } = await open('light', 900);
    const { page } = tab;
    await tell({ type: 'graph', graph: { ...current, state: 'stale', problem: { message: 'A key must be followed by ":"', line: 12 } } });
    await page.getByRole('status').getByText("Line 12 can't be read:").waitFor();
    await page.getByRole('group', { name: /step train/ }).waitFor();
    await shoot(page, 'graph-stale-light');
    const none = { nodes: [], edges: [] };
    await tell({ type: 'graph', graph: { ...current, graph: none } });
    await page.getByText('This pipeline has no steps yet.').waitFor();
    await tell({ type: 'graph', graph: { uri: current.uri, state: 'other', graph: none, about: 'a command job' } });
    await page.getByText('It is a command job.').waitFor();
    await shoot(page, 'graph-other-light');
    await tell({ type: 'graph', graph: { uri: current.uri, state: 'other', graph: none } });
    await page.getByText('It is not recognised as Azure ML YAML.').waitFor();
    await tell({ type: 'graph', graph: { uri: current.uri, state: 'missing', graph: none } });
    await page.getByText('pipeline.yml is not there.').waitFor();
    await closeTab(tab);
  });

  for (const [theme, width] of [
    ['light', 900],
    ['contrast', 900],
    ['dark', 300],
  ] as const)
    it(`fits ${theme}, ${width} pixels wide`, async () => {
      const { tab, tell } = await open(theme, width);
      const { page } = tab;
      await tell({ type: 'graph', graph: { ...current, graph: opened, state: 'stale', problem: { message: 'Bad indentation', line: 3 } } });
      await page.getByRole('group', { name: /step draw/ }).waitFor();
      await tell({ type: 'cursor', node: 'train' });
      await page.locator('.react-flow__node.selected').waitFor();
      assert.ok((await page.evaluate(() => document.scrollingElement!.scrollWidth - innerWidth)) <= 0);
      await shoot(page, `graph-${width === 300 ? 'narrow' : theme}`);
      await closeTab(tab);
    });

  it('keeps the view of whoever has moved it, and brings the chosen node into it', async () => {
    const { tab, tell } = await open('dark', 700);
    const { page } = tab;
    const chain = (count: number): DocumentGraph => ({
      ...current,
      graph: {
        nodes: Array.from({ length: count }, (_, index) => ({
          id: `s${index}`,
          kind: 'step' as const,
          label: `s${index}`,
          icon: 'terminal',
        })),
        edges: Array.from({ length: count - 1 }, (_, index) => ({ id: `${index}`, source: `s${index}`, target: `s${index + 1}` })),
      },
    });
    await tell({ type: 'graph', graph: chain(40) });
    const viewport = page.locator('.react-flow__viewport');
    const place = () => viewport.getAttribute('style');
    await page.getByRole('group', { name: /step s39/ }).waitFor();
    await page.getByRole('button', { name: 'zoom in' }).click();
    await page.mouse.move(350, 60);
    await page.mouse.wheel(0, -400);
    await page.getByRole('group', { name: /step s0,/ }).waitFor();
    await tell({ type: 'cursor', node: 's39' });
    await page.waitForFunction(() => {
      const box = document.querySelector('.react-flow__node.selected')?.getBoundingClientRect();
      return box && box.top >= 0 && box.bottom <= innerHeight;
    });
    const before = await place();
    await tell({ type: 'graph', graph: chain(41) });
    await page.getByRole('group', { name: /step s40/ }).waitFor();
    assert.equal(await place(), before);
    await closeTab(tab);
  });
});
