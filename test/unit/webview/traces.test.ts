import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { systemGroups } from '../../../webview/job/system/systemGroups.ts';
import { attributeValue, readSpans, type Span, spansOf } from '../../../webview/job/traces/spans.ts';
import { shownRows, spanTree } from '../../../webview/job/traces/spanTree.ts';
import { tokenCount, tokenParts } from '../../../webview/job/traces/tokenCount.ts';
import { traceFilter } from '../../../webview/job/traces/traceFilter.ts';
import { iconOfSpan, spanDuration } from '../../../webview/job/traces/traceLook.ts';
import { chartSections } from '../../../webview/shared/chart/chartSections.ts';

const span = (id: string, parent: string | undefined, start: number, end: number | undefined = start + 1): Span => ({
  id,
  parent,
  name: id,
  type: 'UNKNOWN',
  start,
  end,
  status: 'OK',
  message: '',
  attributes: new Map(),
  events: [],
});
const rows = (spans: readonly Span[], ...closed: string[]) =>
  shownRows(spanTree(spans), new Set(closed)).map(({ span: { id }, level, place, siblings }) => `${id} ${level} ${place}/${siblings}`);

describe('the spans of a trace', () => {
  it('are read from both forms of the file', () => {
    const [now] = spansOf(
      '{"spans": [{"span_id": "YQ==", "parent_span_id": null, "name": "root", "status": {"code": "STATUS_CODE_ERROR", "message": "no"}, "attributes": {"mlflow.spanType": "\\"LLM\\"", "mlflow.spanInputs": "{\\"a\\": 1}"}, "start_time_unix_nano": 1700000000000000000, "end_time_unix_nano": 1700000001500000000, "events": []}]}',
    );
    assert.deepEqual(
      [now!.id, now!.parent, now!.name, now!.type, now!.status, now!.message, now!.end! - now!.start],
      ['YQ==', undefined, 'root', 'LLM', 'ERROR', 'no', 1500],
    );
    assert.deepEqual(attributeValue(now!.attributes.get('mlflow.spanInputs')!), { a: 1 });
    const [old] = spansOf(
      '{"spans": [{"context": {"span_id": "0x2"}, "parent_id": "0x1", "name": "child", "status_code": "OK", "status_message": "", "attributes": {"mlflow.spanType": "\\"TOOL\\""}, "start_time": 1700000000000000000, "end_time": null, "events": []}], "request": "{}"}',
    );
    assert.deepEqual([old!.id, old!.parent, old!.name, old!.type, old!.status, old!.end], ['0x2', '0x1', 'child', 'TOOL', 'OK', undefined]);
  });

  it('of a file that lies are refused, or shown as far as they go', async () => {
    for (const text of ['', 'no JSON', '[]', '{"spans": 5}', 'null']) assert.throws(() => spansOf(text), /can not be read/);
    assert.deepEqual(
      spansOf('{"spans": [null, 5, {"attributes": "x", "events": 7, "start_time_unix_nano": "soon"}]}').map(({ id, start }) => [id, start]),
      [
        ['span 0', 0],
        ['span 1', 0],
        ['span 2', 0],
      ],
    );
    const megabyte = new Uint8Array(1024 * 1024).fill(32);
    let sent = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => (sent++ < 1000 ? controller.enqueue(megabyte) : controller.close()),
    });
    await assert.rejects(readSpans(new Response(endless)), /larger than 64 MB/);
    assert.ok(sent < 100, `${sent} MB were read`);
  });

  it('are a tree by their parents, siblings by their start', () => {
    const spans = [span('late', 'root', 5), span('root', undefined, 0, 10), span('early', 'root', 1, 4), span('inner', 'early', 2)];
    assert.deepEqual(rows(spans), ['root 1 1/1', 'early 2 1/2', 'inner 3 1/1', 'late 2 2/2']);
    assert.deepEqual(rows(spans, 'early'), ['root 1 1/1', 'early 2 1/2', 'late 2 2/2']);
    const { from, to } = spanTree(spans);
    assert.deepEqual([from, to], [0, 10]);
  });

  it('are all there without a parent, in a circle, and as deep as there are many', () => {
    assert.deepEqual(rows([span('lost', 'gone', 1), span('own', 'own', 2)]), ['lost 1 1/2', 'own 1 2/2']);
    assert.deepEqual(rows([span('a', 'b', 1), span('b', 'a', 2)]), ['a 1 1/1', 'b 2 1/1']);
    const deep = Array.from({ length: 10_000 }, (_, at) => span(String(at), at ? String(at - 1) : undefined, at));
    assert.equal(rows(deep).at(-1), '9999 10000 1/1');
    assert.deepEqual(rows([]), []);
  });

  it('have values that are texts, JSON, or JSON in a text', () => {
    assert.equal(attributeValue('why?'), 'why?');
    assert.equal(attributeValue('"why?"'), 'why?');
    assert.deepEqual(attributeValue('"{\\"a\\": 1}"'), { a: 1 });
    assert.equal(attributeValue('"{curly}"'), '{curly}');
  });

  it('have tokens and times in words', () => {
    assert.deepEqual(tokenCount('{"input_tokens": 1200, "output_tokens": 34}'), { input: 1200, output: 34, total: 1234 });
    for (const none of [undefined, 'x', '5', null, {}, { total_tokens: 'many' }]) assert.equal(tokenCount(none), undefined);
    assert.equal(tokenParts({ input: 1200, output: 34, total: 1234 }), '1,200 in, 34 out');
    const longer = () => 'long';
    assert.deepEqual(
      [0, 0.25, 0.9998, 7.25, 328.4, 1000].map((ms) => spanDuration(ms, longer)),
      ['0 ms', '0.25 ms', '1.0 ms', '7.3 ms', '328 ms', 'long'],
    );
    assert.equal(iconOfSpan('constructor'), 'symbol-method');
  });
});

describe('a search for traces', () => {
  it('is by a filter, or by words', () => {
    assert.equal(traceFilter(['a'], ' '), "run_id = 'a'");
    assert.equal(traceFilter(['a', "b'c"], "status = 'OK'"), "run_id IN ('a', 'b''c') AND status = 'OK'");
    assert.equal(traceFilter(['a'], "what is it's"), "run_id = 'a' AND text ILIKE '%what is it''s%'");
    assert.equal(traceFilter(['a'], 'name IS NOT NULL'), "run_id = 'a' AND name IS NOT NULL");
  });
});

describe("a machine's charts", () => {
  it('are by its parts', () => {
    const keys = ['loss', 'system/gpu_0_x', 'system/cpu_x', 'system/system_memory_x', 'system/disk_x', 'system/network_x', 'system/else'];
    const sections = chartSections(keys, { matches: () => true, pinned: [], own: {}, moves: [], groups: systemGroups });
    assert.deepEqual(
      sections.map(({ title }) => title),
      ['Metrics', 'CPU', 'Memory', 'Disk', 'Network', 'GPU', 'Other'],
    );
  });
});
