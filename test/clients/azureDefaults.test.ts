import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { describe, it } from 'mocha';
import { azureAiMl } from '../../scripts/pythonClients.ts';
import { type Field, follow } from '../../src/spec/field.ts';
import { type Kind, kindFacts } from '../../src/spec/kinds/all.ts';
import { flatten } from '../../src/spec/variant.ts';
import { root } from '../contract/updraft.ts';
import { classOf } from '../unit/spec/clientClasses.ts';

/** Defaults of which the client knows nothing: the service, or what runs in the job, has them. By the end of their key path. */
const ofService: Record<string, string[]> = {
  '1': ['resources.instance_count', 'process_count_per_instance', 'limits.max_concurrent_trials', 'limits.max_trials', 'instance_count'],
  '10': ['mini_batch_size'],
  '2': ['retry_settings.max_retries'],
  '5': ['ensemble_model_download_timeout_minutes'],
  '60': ['retry_settings.timeout'],
  '360': ['limits.timeout_minutes'],
  '1000': ['limits.max_trials'],
  '6379': ['distribution.port'],
  '8265': ['distribution.dashboard_port'],
  '10080': ['limits.timeout_minutes'],
  '5184000': ['limits.timeout'],
  '-1': ['error_threshold', 'mini_batch_error_threshold', 'limits.max_cores_per_trial'],
  '2g': ['resources.shm_size'],
  Dockerfile: ['build.dockerfile_path'],
  INFO: ['logging_level'],
  command: ['type'],
  'core.windows.net': ['endpoint'],
  dedicated: ['tier'],
  linux: ['os_type'],
  random: ['sampling_algorithm'],
  ro_mount: ['mode'],
  rw_mount: ['mode'],
  false: [
    'settings.continue_on_step_failure',
    'settings.force_rerun',
    'enable_dnn_featurization',
    'enable_dnn_training',
    'enable_onnx_compatible_models',
    'optional',
  ],
  true: ['settings.continue_on_failed_optional_input', 'enable_model_explainability', 'enable_vote_ensemble', 'is_deterministic'],
};

describe('The defaults that hover, completion and the pages show', () => {
  it('are those of Azure’s client', async function () {
    // The first run on a machine installs the client.
    this.timeout(900_000);
    const python = await azureAiMl();
    const wanted = [...new Set(Object.values(classOf).flat())].map((name) => `${name}Schema`);
    const { stdout, stderr, status } = spawnSync(python, [path.join(root, 'test/fixtures/azure-ai-ml/defaults.py')], {
      input: JSON.stringify(wanted),
      encoding: 'utf8',
      maxBuffer: 100_000_000,
    });
    assert.equal(status, 0, stderr);
    const theirs = JSON.parse(stdout) as Record<string, Record<string, string[]>>;
    const wrong = new Set<string>();
    for (const [kind, names] of Object.entries(classOf) as [Kind, string[]][])
      for (const [index, variant] of flatten(kindFacts[kind].schema).entries()) {
        const defaults = theirs[`${names[index]}Schema`];
        assert.ok(defaults, names[index]);
        for (const [at, value] of defaultsOf(variant)) {
          // Steps are the kinds of jobs and components again.
          if (/^(?:job_definition\.)?jobs\./.test(at)) continue;
          const known = (defaults[at] ?? []).map((each) => JSON.parse(each)).filter((each) => each !== null);
          const same = known.some((each) => String(each).toLowerCase() === String(value).toLowerCase());
          if (!same && (known.length > 0 || !(ofService[String(value)] ?? []).some((end) => `.${at}`.endsWith(`.${end}`))))
            wrong.add(`${kind} ${at}: ${JSON.stringify(value)} here, ${known.length ? known.join(' or ') : 'none'} there`);
        }
      }
    assert.deepEqual([...wrong], []);
  });
});

/** Every default below a field, by key path: `*` for a free key, `[]` for an item. */
function defaultsOf(given: Field, at = '', depth = 0, found: [string, unknown][] = []): [string, unknown][] {
  const field = follow(given);
  if (depth > 9) return found;
  if (field.default !== undefined) found.push([at, field.default]);
  for (const [key, each] of Object.entries(field.properties ?? {})) defaultsOf(each, at ? `${at}.${key}` : key, depth + 1, found);
  if (typeof field.additionalProperties === 'object') defaultsOf(field.additionalProperties, `${at}.*`, depth + 1, found);
  if (field.items) defaultsOf(field.items, `${at}[]`, depth + 1, found);
  for (const each of field.anyOf ?? []) defaultsOf(each, at, depth, found);
  return found;
}
