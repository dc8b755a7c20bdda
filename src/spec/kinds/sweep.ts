import { define, either, exactly, type Field, fields, integer, list, mapOf, number, oneOf, text, variants } from '../field.ts';
import { commandComponentInPlace } from './command.ts';
import {
  code,
  commandText,
  componentReference,
  distribution,
  environment,
  environmentVariables,
  jobFields,
  jobInputs,
  jobOutputs,
  queueSettings,
  reference,
  resources,
} from './shared.ts';

const low = number('Smallest value.');
const high = number('Largest value.');
const step = number('Values are rounded to multiples of this.');
const mean = number('Mean.');
const deviation = number('Standard deviation.');
/** A family of distributions and its plain name. */
const family = (words: Record<string, string>) => oneOf('Distribution of the values.', words);

const uniform = () =>
  fields('Values between two bounds.', {
    type: family({ uniform: 'Evenly between the bounds.', loguniform: 'Evenly in their logarithm: exp(min_value) to exp(max_value).' }),
    min_value: low,
    max_value: high,
  });
const quniform = () =>
  fields('Rounded values between two bounds.', {
    type: family({ quniform: 'Evenly, rounded to `q`.', qloguniform: 'Evenly in their logarithm, rounded to `q`.' }),
    min_value: low,
    max_value: high,
    q: step,
  });
const normal = () =>
  fields('Values around a mean.', {
    type: family({ normal: 'Normal distribution.', lognormal: 'Their logarithm is normal.' }),
    mu: mean,
    sigma: deviation,
  });
const qnormal = () =>
  fields('Rounded values around a mean.', {
    type: family({ qnormal: 'Normal distribution, rounded to `q`.', qlognormal: 'Their logarithm is normal; rounded to `q`.' }),
    mu: mean,
    sigma: deviation,
    q: step,
  });
const randint = () =>
  fields('Whole numbers from 0.', {
    type: exactly('randint', 'Each whole number is as likely.'),
    upper: integer('One above the largest value.', { minimum: 1 }),
  });

/** One hyperparameter of a sweep: how its values are drawn. */
export const hyperparameter: Field = define('hyperparameter', () =>
  variants('How the values of one hyperparameter are drawn; the command reads it as `${{search_space.NAME}}`.', 'type', [
    fields(
      'One of some values.',
      { type: exactly('choice', 'One of some values.') },
      {
        values: list(
          'The values.',
          either(
            'A value, or a map whose hyperparameters are drawn with it.',
            number('A number.'),
            text('Text.'),
            mapOf(
              'Hyperparameters that are drawn together.',
              either('A value or a distribution.', number('A number.'), text('Text.'), { type: 'boolean' }, hyperparameter),
            ),
          ),
          { minItems: 1 },
        ),
      },
    ),
    uniform(),
    quniform(),
    normal(),
    qnormal(),
    randint(),
  ]),
);

/** A hyperparameter of an AutoML search space: a value, or how values are drawn. */
export const drawn = define('drawn', () =>
  variants('A value, or how values are drawn.', 'type', [
    number('A number.'),
    { type: 'boolean', description: 'Yes or no.' },
    text('Text.'),
    fields(
      'One of some values.',
      { type: exactly('choice', 'One of some values.') },
      { values: list('The values.', either('A value.', number('A number.'), text('Text.'), { type: 'boolean' })) },
    ),
    uniform(),
    quniform(),
    normal(),
    qnormal(),
    randint(),
  ]),
);

export const samplingAlgorithm = define('samplingAlgorithm', () =>
  variants(
    'How the next values are picked.',
    'type',
    [
      oneOf('By name.', {
        random: 'At random.',
        grid: 'Every combination; for `choice` alone.',
        bayesian: 'By what earlier trials gave; for `choice`, `uniform` and `quniform`.',
      }),
      fields(
        'At random.',
        { type: exactly('random', 'At random.') },
        {
          seed: integer('Makes the picks the same each time.'),
          rule: oneOf('How evenly the space is covered.', { random: 'By chance alone.', sobol: 'By a Sobol sequence, evenly.' }),
          logbase: either('Base of the logarithm of a Sobol sequence.', number('A number.'), text('A number as text, such as `e`.')),
        },
      ),
      fields('Every combination.', { type: exactly('grid', 'Every combination.') }),
      fields('By what earlier trials gave.', { type: exactly('bayesian', 'By what earlier trials gave.') }),
    ],
    { default: 'random' },
  ),
);

const interval = either('How many reports of the metric lie between two looks.', integer('A number of reports.', { minimum: 0 }), {
  type: 'null',
});
const delay = either('Reports after which the first look is taken.', integer('A number of reports.', { minimum: 0 }), { type: 'null' });
const looks = { evaluation_interval: interval, delay_evaluation: delay };
export const earlyTermination = define('earlyTermination', () =>
  variants('Ends trials that will not win.', 'type', [
    fields(
      'Ends trials that fall behind the best by more than a slack.',
      { type: exactly('bandit', 'Behind the best by a slack.') },
      {
        ...looks,
        slack_factor: either('Slack as a part of the best metric.', number('A part, such as 0.2.', { minimum: 0 }), { type: 'null' }),
        slack_amount: either('Slack in the metric itself.', number('An amount.', { minimum: 0 }), { type: 'null' }),
      },
    ),
    fields(
      'Ends trials whose best metric is worse than the median of the averages.',
      { type: exactly('median_stopping', 'Worse than the median.') },
      looks,
    ),
    fields(
      'Ends the worst trials at each look.',
      {
        type: exactly('truncation_selection', 'The worst at each look.'),
        truncation_percentage: integer('Part of the trials that is ended, in percent.', { minimum: 1, maximum: 99 }),
      },
      looks,
    ),
  ]),
);

export const sweepParts = {
  objective: fields('What the sweep is after.', {
    goal: oneOf('Direction.', { minimize: 'The smaller the better.', maximize: 'The larger the better.' }),
    primary_metric: text('Metric that the command logs under exactly this name.', { examples: ['validation_loss'] }),
  }),
  limits: fields(
    'How much is tried.',
    { max_total_trials: integer('Trials in all.', { minimum: 1, maximum: 1000 }) },
    {
      max_concurrent_trials: integer('Trials at the same time; as many as there are when absent.', { minimum: 1, maximum: 1000 }),
      timeout: integer('Seconds after which the sweep is ended.', { minimum: 0, default: 5184000 }),
      trial_timeout: integer('Seconds after which a trial is ended.', { minimum: 0 }),
    },
  ),
  search_space: mapOf('Hyperparameters by name.', hyperparameter, {
    examples: [{ learning_rate: { type: 'loguniform', min_value: -6, max_value: -1 } }],
  }),
  sampling_algorithm: samplingAlgorithm,
  early_termination: earlyTermination,
  queue_settings: queueSettings,
  resources,
};

export const sweepJob = define('sweepJob', () =>
  fields(
    'Runs a command with many values of its hyperparameters and keeps the best.',
    {
      type: exactly('sweep', 'A sweep job.'),
      trial: fields(
        'The command of each trial.',
        {
          command: commandText('What the shell runs in each trial. `${{search_space.NAME}}` stands for the value that was drawn.'),
          environment,
        },
        { code: code(), environment_variables: environmentVariables, distribution, resources, queue_settings: queueSettings },
      ),
      objective: sweepParts.objective,
      limits: sweepParts.limits,
    },
    {
      search_space: sweepParts.search_space,
      sampling_algorithm: samplingAlgorithm,
      early_termination: earlyTermination,
      inputs: jobInputs,
      outputs: jobOutputs,
      queue_settings: queueSettings,
      resources,
      ...jobFields,
    },
    { docLink: reference('job-sweep') },
  ),
);

/** What a step of type sweep has beside the facts of every step. */
export const sweepStep = (shared: Record<string, Field>): Field =>
  fields(
    'Runs a component with many values of its hyperparameters.',
    {
      type: exactly('sweep', 'A sweep.'),
      trial: componentReference('The command component of each trial.', commandComponentInPlace),
      objective: sweepParts.objective,
      limits: sweepParts.limits,
    },
    {
      search_space: sweepParts.search_space,
      sampling_algorithm: samplingAlgorithm,
      early_termination: earlyTermination,
      queue_settings: queueSettings,
      resources,
      ...shared,
    },
    { additionalProperties: true },
  );
