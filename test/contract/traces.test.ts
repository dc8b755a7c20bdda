import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { Logger } from '../../src/base/logger.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { configOf } from '../../src/server/config.ts';
import { traceSettings } from '../../src/server/tracing/settings.ts';
import { readTraceContext } from '../../src/server/tracing/traceContext.ts';
import { Tracer } from '../../src/server/tracing/tracer.ts';
import { TraceSender } from '../../src/server/tracing/traceSender.ts';
import { mlflowCalls } from './hookCalls.ts';
import { type HookReceiver, type Received, startReceiver } from './hookReceiver.ts';
import { startPlane } from './plane.ts';
import { startTeam, type TeamPlane } from './team.ts';

interface SentSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  traceState?: string;
  name: string;
  kind: number;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes: { key: string; value: { stringValue?: string; intValue?: string } }[];
  status?: { code: number };
}

const spansOf = (received: Received[]): SentSpan[] =>
  received.flatMap(({ body }) => body.resourceSpans.flatMap((each: any) => each.scopeSpans.flatMap((scope: any) => scope.spans)));
const fieldsOf = ({ attributes }: Pick<SentSpan, 'attributes'>): Record<string, string> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue ?? value.intValue!]));
const traceId = 'aaaabbbbccccddddeeeeffff00001111';
const parentId = '1234567890abcdef';
const isOfTrace = (span: SentSpan) => span.traceId === traceId;
/** Soon, instead of after five seconds. */
const soon = { OTEL_BSP_SCHEDULE_DELAY: '1' };

describe('traces of the control plane itself', () => {
  let receiver: HookReceiver;
  let plane: TeamPlane | undefined;
  beforeEach(async () => {
    receiver = await startReceiver();
    receiver.answer((response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{}'));
  });
  afterEach(async () => {
    await plane?.remove();
    plane = undefined;
    await receiver.close();
  });
  const start = (more: Record<string, string> = {}) =>
    startTeam(undefined, undefined, {
      environment: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...soon, ...more },
      allowHooksTo: ['127.0.0.1'],
    });
  const spanWhen = async (test: (span: SentSpan) => boolean): Promise<SentSpan> =>
    spansOf(await receiver.until((received) => spansOf(received).some(test))).find(test)!;

  it('have the route, the status and the writes of a request, in the trace of its caller, and nothing of what it said', async () => {
    plane = await start({
      OTEL_SERVICE_NAME: 'plane of the lab',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test,team=a%20b',
      OTEL_EXPORTER_OTLP_HEADERS: 'x-key=k%3D1',
    });
    const ann = await plane.add('ann@example.org', 'Contributor');
    const traceparent = `00-${traceId}-${parentId}-01`;
    const secret = 'sesame-in-a-body';
    const answer = await plane.as(ann.token.token)(
      'POST',
      `/api/2.0/mlflow/experiments/create?token=sesame-in-a-query`,
      { name: secret },
      { traceparent, tracestate: 'vendor=1' },
    );
    assert.equal(answer.status, 200);
    const request = await spanWhen((span) => isOfTrace(span) && span.kind === 2);
    const write = await spanWhen((span) => isOfTrace(span) && span.kind === 3);
    assert.equal(request.name, 'POST /api/:version/mlflow/experiments/create');
    assert.deepEqual(fieldsOf(request), {
      'http.request.method': 'POST',
      'http.route': '/api/:version/mlflow/experiments/create',
      'http.response.status_code': '200',
    });
    assert.equal(request.parentSpanId, parentId);
    assert.equal(request.traceState, 'vendor=1');
    assert.equal(write.parentSpanId, request.spanId);
    assert.equal(fieldsOf(write)['db.operation.name'], 'write');
    assert.match(fieldsOf(write)['db.system.name']!, /^(?:sqlite|postgresql)$/);
    assert.ok(BigInt(write.endTimeUnixNano) > BigInt(write.startTimeUnixNano));
    assert.ok(BigInt(request.startTimeUnixNano) <= BigInt(write.startTimeUnixNano));
    const { path, headers, body, text } = receiver.received[0]!;
    assert.deepEqual([path, headers['x-key'], headers['content-type']], ['/v1/traces', 'k=1', 'application/json']);
    const resource = fieldsOf(body.resourceSpans[0].resource);
    assert.equal(resource['service.name'], 'plane of the lab');
    assert.equal(resource.team, 'a b');
    assert.match(resource['service.instance.id']!, /^[\w-]{36}$/);
    assert.match(text, /"name":"updraft"/);
    await plane.stop();
    const all = receiver.received.map((each) => each.text).join();
    for (const hidden of ['sesame', plane.token, ann.token.token, 'ann@example.org']) assert.ok(!all.includes(hidden), hidden);
  });

  it('have a route with its parameters unnamed, what fails, and the short way of metrics', async () => {
    plane = await start();
    const traceparent = `00-${traceId}-${parentId}-01`;
    const mlflow = mlflowCalls(plane);
    const { run } = await mlflow.ok('POST', 'runs/create', { experiment_id: '0', start_time: 1 });
    await plane.send('GET', '/updraft/webhooks/no-such-one/deliveries', undefined, { traceparent });
    await plane.send('GET', '/nothing/here', undefined, { traceparent });
    const metric = { run_id: run.info.run_id, key: 'loss', value: 1, timestamp: 1, step: 1 };
    await plane.send('POST', '/api/2.0/mlflow/runs/log-metric', metric, { traceparent });
    const named = await spanWhen((span) => isOfTrace(span) && span.name.includes('deliveries'));
    assert.equal(named.name, 'GET /updraft/webhooks/:id/deliveries');
    assert.equal(fieldsOf(named)['http.response.status_code'], '404');
    const unknown = await spanWhen((span) => isOfTrace(span) && span.name === 'GET');
    assert.deepEqual(fieldsOf(unknown), { 'http.request.method': 'GET', 'http.response.status_code': '404' });
    const quick = await spanWhen((span) => span.name === 'POST /api/2.0/mlflow/runs/log-metric');
    assert.equal(quick.parentSpanId, parentId);
    const append = await spanWhen((span) => isOfTrace(span) && fieldsOf(span)['db.operation.name'] === 'append metrics');
    assert.equal(append.parentSpanId, quick.spanId);
  });

  it('have deliveries, whose receivers are told the trace, and other work that nobody asks for', async () => {
    plane = await start();
    const hooks = await startReceiver();
    try {
      const mlflow = mlflowCalls(plane);
      await mlflow.createWebhook(hooks.url, ['registered_model.created']);
      await mlflow.createModel('digits');
      const [delivered] = await hooks.until((received) => received.length > 0);
      const parent = readTraceContext(delivered!.headers.traceparent as string, undefined)!;
      const posted = await spanWhen(({ spanId }) => spanId === parent.spanId);
      assert.deepEqual(fieldsOf(posted), { 'http.request.method': 'POST', 'http.response.status_code': '204' });
      const delivery = await spanWhen(({ spanId }) => spanId === posted.parentSpanId);
      assert.equal(delivery.name, 'delivery');
      await spanWhen(({ name }) => name.startsWith('tidy up: '));
      await spanWhen(({ name }) => name === 'leases of jobs');
    } finally {
      await hooks.close();
    }
  });

  it('are made of the part that was asked for, and of what a caller has decided', async () => {
    plane = await start({ OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' });
    await plane.send('GET', '/status');
    await plane.send('GET', '/updraft/team/members', undefined, { traceparent: `00-${traceId}-${parentId}-00` });
    await plane.send('GET', '/updraft/team/tokens', undefined, { traceparent: `00-${traceId}-${parentId}-01` });
    await spanWhen(isOfTrace);
    await plane.stop();
    assert.deepEqual(
      spansOf(receiver.received).map(({ name }) => name),
      ['GET /updraft/team/tokens'],
    );
  });

  it('are not made where nobody gave an address, nor by a plane that an editor has started', async () => {
    const one = await startPlane({}, undefined, { ...soon });
    assert.equal((await fetch(`${one.url}/health`)).status, 200);
    await one.remove();
    assert.equal(receiver.received.length, 0);
    const of = (more: Record<string, string>) => configOf({}, { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...more });
    assert.equal(of({ UPDRAFT_OWN_VARIABLES: '' }).traces, undefined);
    assert.equal(of({ OTEL_SDK_DISABLED: 'true' }).traces, undefined);
    assert.equal(of({}).traces?.url, `${receiver.url}/v1/traces`);
    const withKey = of({ OTEL_EXPORTER_OTLP_HEADERS: 'key=1', OTHER: '2' });
    assert.deepEqual([withKey.environment.OTEL_EXPORTER_OTLP_HEADERS, withKey.environment.OTHER], [undefined, '2']);
  });

  it('keep nobody waiting while their receiver is slow or fails, and leave one warning', async () => {
    const warnings: string[] = [];
    const told: string[] = [];
    const logger: Logger = { ...silentLogger, warn: (text: string) => warnings.push(text), info: (text: string) => told.push(text) };
    const settings = traceSettings(receiver.url, { ...soon, OTEL_BSP_MAX_QUEUE_SIZE: '50', OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '10' })!;
    const sender = new TraceSender({ settings, server: {}, version: '0', logger });
    const tracer = new Tracer({ sampler: () => true, send: sender.add });
    const held: (() => void)[] = [];
    receiver.answer((response) => held.push(() => response.writeHead(503).end()));
    const since = performance.now();
    for (let i = 0; i < 1000; i++) await tracer.run(`work ${i}`, 'internal', async () => {});
    // Two seconds for what takes some milliseconds.
    assert.ok(performance.now() - since < 2000);
    await receiver.until((received) => received.length === 1);
    held[0]!();
    receiver.answer((response) => response.writeHead(200).end('{}'));
    await receiver.until((received) => spansOf(received.slice(1)).length === 50);
    await sender.end();
    assert.deepEqual(
      spansOf(receiver.received.slice(1)).map(({ name }) => name),
      Array.from({ length: 50 }, (_, i) => `work ${i}`),
    );
    assert.equal(warnings.length, 1);
    assert.match(warnings[0]!, /answers 503/);
    assert.match(told[0]!, /950 spans were dropped/);
  });

  it('end in time where nobody takes them', async () => {
    const warnings: string[] = [];
    const logger: Logger = { ...silentLogger, warn: (text: string) => warnings.push(text) };
    const { url } = receiver;
    await receiver.close();
    const sender = new TraceSender({ settings: traceSettings(url, soon)!, server: {}, version: '0', logger });
    const tracer = new Tracer({ sampler: () => true, send: sender.add });
    for (let i = 0; i < 10; i++) await tracer.run('work', 'internal', async () => {});
    await sender.end();
    assert.equal(warnings.length, 1);
    receiver = await startReceiver();
    receiver.answer(() => {});
    const silent = new TraceSender({ settings: traceSettings(receiver.url, soon)!, server: {}, version: '0', logger: silentLogger });
    await new Tracer({ sampler: () => true, send: silent.add }).run('work', 'internal', async () => {});
    await receiver.until((received) => received.length === 1);
    const since = performance.now();
    await silent.end();
    assert.ok(performance.now() - since < 8000);
  });

  it('are told by settings that can be meant, each fault with its place', () => {
    const wrong: [string | undefined, Record<string, string>, RegExp][] = [
      ['no address', {}, /is no address/],
      ['http://ann:secret@127.0.0.1:4318', {}, /has a password in it/],
      ['http://127.0.0.1:4318', { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, /asks for grpc/],
      ['http://127.0.0.1:4318', { OTEL_TRACES_SAMPLER: 'jaeger_remote' }, /no sampler "jaeger_remote"/],
      ['http://127.0.0.1:4318', { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '2' }, /OTEL_TRACES_SAMPLER_ARG is "2"/],
      ['http://127.0.0.1:4318', { OTEL_RESOURCE_ATTRIBUTES: 'a=%' }, /OTEL_RESOURCE_ATTRIBUTES can't be read/],
      [
        'http://127.0.0.1:4318',
        { OTEL_EXPORTER_OTLP_HEADERS: 'key=a%0Ab' },
        /^UserError: OTEL_EXPORTER_OTLP_HEADERS has what no header can be\.$/,
      ],
      ['http://127.0.0.1:4318', { OTEL_BSP_MAX_QUEUE_SIZE: '-1' }, /OTEL_BSP_MAX_QUEUE_SIZE/],
    ];
    for (const [endpoint, environment, message] of wrong) assert.throws(() => traceSettings(endpoint, environment), message);
    assert.equal(traceSettings('https://host/base/', {})?.url, 'https://host/base/v1/traces');
    assert.equal(traceSettings(undefined, { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://h:1/own' })?.url, 'http://h:1/own');
    for (const text of [
      '',
      '00',
      `00-${traceId}-${parentId}-zz`,
      `ff-${traceId}-${parentId}-01`,
      `00-${'0'.repeat(32)}-${parentId}-01`,
      `00-${traceId}-${parentId}-01-more`,
    ])
      assert.equal(readTraceContext(text, undefined), undefined, text);
    assert.ok(readTraceContext(`01-${traceId}-${parentId}-01-more`, undefined));
  });
});
