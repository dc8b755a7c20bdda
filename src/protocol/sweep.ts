import type { Static, TSchema } from 'typebox';
import * as Type from 'typebox';

const Scalar = Type.Union([Type.String(), Type.Number(), Type.Boolean()]);
const distribution = <T extends string>(name: T, ...parameters: TSchema[]) => Type.Tuple([Type.Literal(name), Type.Tuple(parameters)]);
const n = Type.Number();

/**
 * One hyperparameter as ARM writes it: `["uniform", [0.01, 0.9]]`, `["choice", [["a", "b"]]]`. In brackets: `[min, max]`, `[min, max, q]`, `[mu, sigma]`,
 * `[mu, sigma, q]`, `[upper]`. Source: https://learn.microsoft.com/azure/machine-learning/reference-yaml-job-sweep
 */
export const Distribution = Type.Unsafe<Distribution>(
  Type.Union([
    Type.Tuple([Type.Literal('choice'), Type.Tuple([Type.Array(Scalar, { minItems: 1 })])]),
    distribution('randint', Type.Integer({ minimum: 1 })),
    distribution('uniform', n, n),
    distribution('loguniform', n, n),
    distribution('quniform', n, n, Type.Number({ exclusiveMinimum: 0 })),
    distribution('qloguniform', n, n, Type.Number({ exclusiveMinimum: 0 })),
    distribution('normal', n, Type.Number({ exclusiveMinimum: 0 })),
    distribution('lognormal', n, Type.Number({ exclusiveMinimum: 0 })),
    distribution('qnormal', n, Type.Number({ exclusiveMinimum: 0 }), Type.Number({ exclusiveMinimum: 0 })),
    distribution('qlognormal', n, Type.Number({ exclusiveMinimum: 0 }), Type.Number({ exclusiveMinimum: 0 })),
  ]),
);

/** What a trial is given for one hyperparameter. */
export type TrialValue = Static<typeof Scalar>;

/** The distribution's name and what is in its brackets. */
export type Distribution = [kind: string, parameters: unknown[]];

const word = (...words: string[]) => Type.Enum(words.flatMap((each) => [each, each.toLowerCase()]));

export const SamplingAlgorithm = Type.Object({
  samplingAlgorithmType: word('Random', 'Grid', 'Bayesian'),
  rule: Type.Optional(word('Random', 'Sobol')),
  seed: Type.Optional(Type.Integer()),
});

const Intervals = {
  /** Reports of the primary metric between two looks at a trial. */
  evaluationInterval: Type.Optional(Type.Integer({ minimum: 0 })),
  /** Reports before the first look. */
  delayEvaluation: Type.Optional(Type.Integer({ minimum: 0 })),
};
export const EarlyTermination = Type.Union([
  Type.Object({
    policyType: Type.Literal('Bandit'),
    slackFactor: Type.Optional(Type.Number({ minimum: 0 })),
    slackAmount: Type.Optional(Type.Number({ minimum: 0 })),
    ...Intervals,
  }),
  Type.Object({ policyType: Type.Literal('MedianStopping'), ...Intervals }),
  Type.Object({
    policyType: Type.Literal('TruncationSelection'),
    truncationPercentage: Type.Integer({ minimum: 1, maximum: 99 }),
    excludeFinishedJobs: Type.Optional(Type.Boolean()),
    ...Intervals,
  }),
]);
export type EarlyTermination = Static<typeof EarlyTermination>;

/** Durations are ISO-8601 text. At most 1,000 trials, as in Azure. */
export const SweepLimits = Type.Object({
  jobLimitsType: Type.Optional(Type.String()),
  maxTotalTrials: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
  maxConcurrentTrials: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
  timeout: Type.Optional(Type.String()),
  trialTimeout: Type.Optional(Type.String()),
});

/** What makes a job a sweep, besides what every job has. */
export const sweepFields = {
  /** The command of each trial: `${{search_space.x}}` in it is the trial's value. */
  trial: Type.Object({
    command: Type.String({ minLength: 1 }),
    codeId: Type.Optional(Type.String()),
    environmentId: Type.String({ minLength: 1 }),
    environmentVariables: Type.Optional(Type.Record(Type.String(), Type.String())),
    resources: Type.Optional(Type.Unknown()),
    distribution: Type.Optional(Type.Unknown()),
  }),
  searchSpace: Type.Record(Type.String(), Distribution),
  samplingAlgorithm: SamplingAlgorithm,
  objective: Type.Object({ goal: word('Minimize', 'Maximize'), primaryMetric: Type.String({ minLength: 1 }) }),
  limits: Type.Optional(SweepLimits),
  earlyTermination: Type.Optional(EarlyTermination),
};
