import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { after, before, describe, it } from 'mocha';
import { workspacePath } from '../../src/protocol/arm.ts';
import { type StoryPlane, storyPlanes } from './storyPlanes.ts';

const shared = path.resolve(import.meta.dirname, '../../../shared');
const lines = (file: string): any[] => {
  const bytes = readFileSync(path.join(shared, file));
  return (file.endsWith('.gz') ? gunzipSync(bytes) : bytes)
    .toString('utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
};

/** The success codes that the SDK takes, by verb, where its calls differ from the rule. Source: contract/arm/accepted-status-codes.json. */
const accepted = (verb: string, url: string): number[] => {
  if (/\/connections\/[^/]+$/.test(url) && verb === 'PUT') return [200];
  return { GET: [200], HEAD: [200, 404], PUT: [200, 201], POST: [200, 202], DELETE: [200, 202, 204], PATCH: [200, 202] }[verb]!;
};

/** The refusals that docs/azure.md tells of, each with what it says. */
const refusals: Record<string, RegExp> = {
  '400 UnsupportedKind': /does not run on this machine yet|is no type of a step/,
  // The corpus has templates: `<VERSION>`, `<ATTACHED_SPARK_POOL_NAME>`.
  '400 InvalidRequest': /^"[^"]*<[^"]*" is no valid \w+(?: \w+)? name\./,
  // The recording's server said yes to whatever the SDK looked up.
  '404 AssetNotFound': /names the data asset "[^"]+", which is not in the workspace|does not have Azure's public registry "azureml"/,
  '404 NotFound': /^There is no registry "[\w<>-]+" here\.$/,
  // Files of several examples use one name and version for different content; the recording's server kept nothing.
  '409 Conflict': /already exists, with other content/,
};

interface Recorded {
  verb: string;
  path: string;
  query: Record<string, string>;
  body: unknown;
  status: number;
}

for (const place of storyPlanes())
  describe(`recorded requests on ${place.name}`, () => {
    let plane: StoryPlane;
    let workspace: string;
    before(async () => {
      plane = await place.start({ withRunner: false, roles: ['AzureML Compute Operator'] });
      workspace = workspacePath(plane.client.workspace);
    });
    after(() => plane?.remove());

    it('of azure-ai-ml: each is answered as the SDK accepts it, or refused as docs/azure.md says', async () => {
      const documented = readFileSync(path.resolve(import.meta.dirname, '../../docs/azure.md'), 'utf8');
      const outcomes = new Map<string, number>();
      const wrong: string[] = [];
      let sent = 0;
      // Cases go side by side, as clients do; their writes then share flushes to disk.
      const cases = lines('corpora/azure-ai-ml-wire/yaml-to-http.jsonl.gz') as { yaml: string; requests: Recorded[] }[];
      await Promise.all(
        Array.from({ length: 24 }, async () => {
          for (let next = cases.shift(); next; next = cases.shift()) await replay(next);
        }),
      );
      async function replay({ yaml, requests }: { yaml: string; requests: Recorded[] }) {
        // What the answers of this plane put in place of those of the recording: the container of an upload, the poll address of an operation.
        let upload = '';
        let operation = '';
        const blobs = await signedContainer();
        for (const request of requests) {
          sent++;
          await prepare(request);
          const text = (value: string) => value.replaceAll('{WS}', workspace);
          let url = text(request.path);
          let query = new URLSearchParams(request.query);
          if (/\/mfeOperationsStatus\//.test(url) && operation === '') {
            // The write before was done when it was answered, without an address to ask: no client would send this.
            outcomes.set('not asked', (outcomes.get('not asked') ?? 0) + 1);
            continue;
          }
          if (/\/mfeOperationsStatus\//.test(url)) [url, query] = [new URL(operation).pathname, new URLSearchParams()];
          else if (url.startsWith('/store.blob.')) [url, query] = [url.replace(/^\/store\.blob\.[^/]+/, ''), merged(request.query, blobs)];
          else if (url.startsWith('/store/'))
            [url, query] = [url.replace(/^\/store\/[^/]+/, new URL(upload).pathname), merged(request.query, new URL(upload).search)];
          const isBlob = url.startsWith('/azureml');
          const body =
            request.body === '<bytes>'
              ? 'bytes'
              : request.body === null || request.verb === 'GET'
                ? undefined
                : text(JSON.stringify(request.body)).replace(/https:\/\/localhost:\d+\/store\/[^/"]+/g, upload.split('?')[0]!);
          const response = await fetch(
            `${plane.client.http.url}${url
              .split('/')
              .map((part) => encodeURIComponent(decodeURIComponent(part)))
              .join('/')}?${query}`,
            {
              method: request.verb,
              headers: isBlob
                ? { 'x-ms-version': '2026-10-06', ...(query.has('comp') ? {} : { 'x-ms-blob-type': 'BlockBlob' }) }
                : { authorization: `Bearer ${plane.token}`, 'content-type': 'application/json' },
              ...(body === undefined || request.verb === 'HEAD' ? {} : { body }),
            },
          );
          const answer = await response.text();
          if (request.verb !== 'GET') operation = response.headers.get('azure-asyncoperation') ?? '';
          if (url.endsWith('/startPendingUpload')) upload = JSON.parse(answer).blobReferenceForConsumption.credential.sasUri;
          const ok = accepted(request.verb, url).includes(response.status);
          if (ok) {
            outcomes.set('accepted', (outcomes.get('accepted') ?? 0) + 1);
            continue;
          }
          const { code, message } = JSON.parse(answer).error;
          const kind = `${response.status} ${code}`;
          outcomes.set(kind, (outcomes.get(kind) ?? 0) + 1);
          // What is not there is not there: to the SDK that is an answer too.
          if (request.verb === 'GET' && response.status === 404) continue;
          const isExpected = refusals[kind]?.test(message) && documented.includes(`\`${kind}\``);
          if (!isExpected) wrong.push(`${yaml}: ${request.verb} ${url.slice(-120)} -> ${kind} ${message}`);
        }
      }
      assert.deepEqual(wrong.slice(0, 10), []);
      assert.equal(sent, 4108);
      console.log(`      ${[...outcomes].map(([kind, count]) => `${count} ${kind}`).join(', ')}`);
    });

    it("of the TypeScript client's own examples: none is a defect of ours, and each error has ARM's shape", async () => {
      const statuses = new Map<number, number>();
      for (const { verb, path: recorded, query, body } of lines('corpora/arm-examples-2022-10-01/requests.jsonl') as Recorded[]) {
        const url = recorded.replace(
          /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.MachineLearningServices\/workspaces\/[^/]+(?=\/)/i,
          workspace,
        );
        const response = await fetch(`${plane.client.http.url}${url}?${new URLSearchParams(query)}`, {
          method: verb,
          headers: { authorization: `Bearer ${plane.token}`, 'content-type': 'application/json' },
          ...(body ? { body: JSON.stringify(body) } : {}),
        });
        const text = await response.text();
        statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
        assert.ok(response.status < 500, `${verb} ${url}: ${response.status} ${text}`);
        if (response.status < 400) continue;
        const { error } = JSON.parse(text);
        assert.equal(typeof error.code, 'string');
        assert.ok(error.message.length > 0);
      }
      console.log(
        `      ${[...statuses]
          .sort()
          .map(([status, count]) => `${count} x ${status}`)
          .join(', ')}`,
      );
    });

    /** The recording's server had every endpoint that it was asked for. */
    async function prepare({ verb, path: url, status }: Recorded): Promise<void> {
      const endpoint = /^\{WS\}(\/(online|batch)Endpoints\/[A-Za-z][A-Za-z0-9-]+)$/.exec(url);
      if (verb !== 'GET' || status !== 200 || !endpoint) return;
      const authMode = endpoint[2] === 'online' ? 'Key' : 'AADToken';
      await plane.client.http.json('PUT', `${workspace}${endpoint[1]}`, { location: 'local', properties: { authMode } });
    }

    async function signedContainer(): Promise<string> {
      const { sasToken } = await plane.client.http.json<{ sasToken: string }>(
        'POST',
        `${workspace}/datastores/workspaceblobstore/listSecrets`,
        {},
      );
      return `?${sasToken}`;
    }
  });

/** The recorded query with the signature of ours in place of the recorded one. */
function merged(recorded: Record<string, string>, signature: string): URLSearchParams {
  const query = new URLSearchParams(
    Object.entries(recorded).filter(([key]) => !['sv', 'sr', 'sp', 'se', 'sig', 'spr', 'st'].includes(key)),
  );
  for (const [key, value] of new URLSearchParams(signature)) query.set(key, value);
  return query;
}
