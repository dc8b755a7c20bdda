import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { FileSource } from '../../../src/spec/diagnostic.ts';
import { loadSpec } from '../../../src/spec/load.ts';
import { armBodyOf } from '../../../src/spec/rest.ts';

/** What azure-ai-ml 1.35.2 makes of the same files (`load_connection(…)._to_rest_object().as_dict()`). */
const cases: [yaml: string, properties: Record<string, unknown>][] = [
  [
    'type: api_key\napi_base: http://127.0.0.1:9/v1\napi_key: secret',
    { target: 'http://127.0.0.1:9/v1', credentials: { key: 'secret' }, metadata: {}, category: 'ApiKey', authType: 'ApiKey' },
  ],
  [
    'type: azure_open_ai\nazure_endpoint: https://my.openai.azure.com/\napi_key: secret\napi_version: "2024-10-21"',
    {
      target: 'https://my.openai.azure.com/',
      credentials: { key: 'secret' },
      metadata: { ApiVersion: '2024-10-21', ApiType: 'Azure' },
      category: 'AzureOpenAi',
      authType: 'ApiKey',
    },
  ],
  [
    'type: azure_open_ai\nazure_endpoint: https://my.openai.azure.com/',
    { target: 'https://my.openai.azure.com/', metadata: { ApiType: 'Azure' }, category: 'AzureOpenAi', authType: 'AAD' },
  ],
  [
    'type: serverless\nendpoint: https://x.example.org\napi_key: secret',
    { target: 'https://x.example.org', credentials: { key: 'secret' }, metadata: {}, category: 'Serverless', authType: 'ApiKey' },
  ],
  ['type: open_ai\napi_key: secret', { credentials: { key: 'secret' }, metadata: {}, category: 'OpenAi', authType: 'ApiKey' }],
  [
    'type: azure_ai_search\nendpoint: https://x.example.org\napi_key: secret',
    { target: 'https://x.example.org', credentials: { key: 'secret' }, metadata: {}, category: 'CognitiveSearch', authType: 'ApiKey' },
  ],
  [
    'type: azure_ai_services\nendpoint: https://x.example.org\napi_key: secret\nai_services_resource_id: /subscriptions/x',
    {
      target: 'https://x.example.org',
      credentials: { key: 'secret' },
      metadata: { ResourceId: '/subscriptions/x' },
      category: 'AIServices',
      authType: 'ApiKey',
    },
  ],
  [
    'type: azure_blob\nurl: https://a.blob.core.windows.net/c\ncontainer_name: c\naccount_name: a\ncredentials: {type: account_key, account_key: k}',
    {
      target: 'https://a.blob.core.windows.net/c',
      credentials: { sas: 'k' },
      metadata: { ContainerName: 'c', AccountName: 'a' },
      category: 'AzureBlob',
      authType: 'AccountKey',
    },
  ],
  [
    'type: git\ntarget: https://github.com/x/y\ncredentials: {type: pat, pat: p}',
    { target: 'https://github.com/x/y', credentials: { pat: 'p' }, metadata: {}, category: 'Git', authType: 'PAT' },
  ],
];

describe('the body of a connection', () => {
  for (const [yaml, properties] of cases)
    it(`has address and key as Azure's client sends them: ${yaml.split('\n', 1)[0]}`, () => {
      const text = `name: c\n${yaml}\n`;
      const files = { readText: () => text } as unknown as FileSource;
      const { spec, diagnostics } = loadSpec('/r/c.yml', files);
      assert.ok(spec, JSON.stringify(diagnostics));
      assert.deepEqual(armBodyOf(spec, files), { properties: { ...properties, isSharedToAll: true } });
    });
});
