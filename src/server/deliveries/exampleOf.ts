import type { Occurrence } from './occurrence.ts';

const [name, version, key, value] = ['example_model', '1', 'example_key', 'example_value'];
const [prompt, alias, tags] = ['example_prompt', 'example_alias', { [key]: value }];
const job = (status: string) => ({
  name: 'example_job',
  display_name: 'Example job',
  experiment_name: 'example',
  job_type: 'Command',
  status,
  user: 'somebody',
  start_time: null,
  end_time: null,
  error: status === 'Failed' ? { code: 'CommandFailed', message: 'The command ended with exit code 1.' } : null,
});

/** What is sent to try a webhook or a notice out; MLflow's own examples where MLflow has the event: mlflow/webhooks/types.py. */
const examples: Record<Occurrence['event'], Record<string, unknown>> = {
  'registered_model.created': { name, tags, description: 'An example registered model' },
  'model_version.created': {
    name,
    version,
    source: 'models:/123',
    run_id: 'abcd1234abcd5678',
    tags,
    description: 'An example model version',
  },
  'model_version_tag.set': { name, version, key, value },
  'model_version_tag.deleted': { name, version, key },
  'model_version_alias.created': { name, alias, version },
  'model_version_alias.deleted': { name, alias },
  'prompt.created': { name: prompt, tags, description: 'An example prompt' },
  'prompt_version.created': {
    name: prompt,
    version,
    template: 'Hello {{name}}!',
    tags,
    description: 'An example prompt version',
  },
  'prompt_tag.set': { name: prompt, key, value },
  'prompt_tag.deleted': { name: prompt, key },
  'prompt_version_tag.set': { name: prompt, version, key, value },
  'prompt_version_tag.deleted': { name: prompt, version, key },
  'prompt_alias.created': { name: prompt, alias, version },
  'prompt_alias.deleted': { name: prompt, alias },
  'job.completed': job('Completed'),
  'job.failed': job('Failed'),
  'job.canceled': job('Canceled'),
  'comment.mention': {
    comment: '00000000-0000-4000-8000-000000000000',
    on: { kind: 'jobs', name: 'example_job' },
    by: 'somebody',
    text: 'An example comment.',
  },
  'webhook.disabled': { name: 'example', reason: 'This is an example.' },
};

export const exampleOf = (event: Occurrence['event']): Record<string, unknown> => examples[event];
