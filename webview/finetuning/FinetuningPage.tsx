import { useState } from 'react';
import type { ExampleFile, PlanRequest, TokenCounts } from '../../src/protocol/finetuningForm.ts';
import { EngineNotice } from '../shared/engine/EngineNotice.tsx';
import { useEngines } from '../shared/engine/useEngines.ts';
import { usePageState } from '../shared/host/pageState.ts';
import { useDelayed } from '../shared/live/useDelayed.ts';
import { BaseStep } from './BaseStep.tsx';
import { DataStep } from './DataStep.tsx';
import { EstimateStep } from './EstimateStep.tsx';
import { jobYaml } from './jobYaml.ts';
import { type Lengths, lengthsOf } from './lengths.ts';
import { isWholePath, nameOfFile, withoutEnd } from './paths.ts';
import { SettingsStep } from './SettingsStep.tsx';
import { hasFault, numberOf, settingNamed, settingValue, type Values } from './settings.ts';
import { useBases, useExamples, useTokens, useTrainingPlan } from './useFinetuning.ts';
import { YamlPane } from './YamlPane.tsx';

const noValues: Values = {};
const valuesLike: Values = { '': '' };
/** Characters of a token, where tokens are not counted. */
const charactersOfToken = 3.5;

/** Guides to the YAML of a fine-tuning job: base model, data, settings, and what it takes on this machine. */
export function FinetuningPage() {
  const [chosen, choose] = usePageState('model', '');
  const [training, setTraining] = usePageState('training', '');
  const [validation, setValidation] = usePageState('validation', '');
  const [values, setValues] = usePageState('settings', noValues, valuesLike);
  const [isMoreShown, showMore] = usePageState('more', false);
  const [name, setName] = usePageState('register', '');
  const [looks, setLooks] = useState(0);
  const bases = useBases();
  const engines = useEngines();

  const usable = bases.value?.filter(({ reasons }) => reasons.length === 0);
  // The only one there is needs no choice.
  const wanted = chosen === '' && usable?.length === 1 ? usable[0]!.name : chosen;
  const base = usable?.find((each) => each.name === wanted);

  const paths = useDelayed(
    JSON.stringify([withoutEnd(training), withoutEnd(validation)].map((each) => (isWholePath(each) ? each : ''))),
    300,
  );
  const [file = '', validationFile = ''] = JSON.parse(paths) as string[];
  const examples = useExamples(file, validationFile, looks);
  const found = examples.isCurrent ? examples.value : undefined;
  const read = found && 'rows' in found.training ? found.training : undefined;
  const readValidation = found?.validation && 'rows' in found.validation ? found.validation : undefined;
  const readTest = found?.test && 'rows' in found.test ? found.test : undefined;

  const canCount = engines.of('gguf')?.isInstalled === true && base !== undefined && read !== undefined && read.rows > 0;
  const tokens = useTokens(
    canCount ? { model: base.name, training: file, validation: readValidation ? validationFile : '' } : undefined,
    looks,
  );
  const counts = tokens.isCurrent ? tokens.value : undefined;
  const mostTokens = numberOf(values, 'max_seq_length');
  const batchSize = numberOf(values, 'per_device_train_batch_size');
  const lengths = counts && lengthsOf(counts.training, mostTokens, batchSize);
  const validationLengths = counts?.validation && lengthsOf(counts.validation, mostTokens, batchSize);
  const testLengths = counts?.test && lengthsOf(counts.test, mostTokens, batchSize);

  const isFaulty = hasFault(values);
  const guessed = read && read.rows > 0 ? Math.ceil(read.characters / read.rows / charactersOfToken) + 8 : 0;
  const request: PlanRequest | undefined =
    base && read && !isFaulty
      ? {
          model: base.name,
          training: fittingRows(read, lengths, counts?.training),
          ...(readValidation ? { validation: fittingRows(readValidation, validationLengths, counts?.validation) } : {}),
          ...(readTest ? { test: fittingRows(readTest, testLengths, counts?.test) } : {}),
          tokens: {
            mean: lengths?.padded ?? guessed,
            longest: Math.min(lengths?.longest ?? 2 * guessed, mostTokens),
          },
          epochs: numberOf(values, 'num_train_epochs'),
          batchSize,
          rank: numberOf(values, 'lora_r'),
          targetModules: settingValue(values, settingNamed('target_modules')).trim(),
        }
      : undefined;
  const asked = useDelayed(request && JSON.stringify(request), 300);
  const plan = useTrainingPlan(asked === undefined ? undefined : (JSON.parse(asked) as PlanRequest));

  const suggestedName = `${shortName(base?.name ?? 'model')}-tuned`;
  const registered = name.trim() || suggestedName;
  const nameFault = /^[A-Za-z0-9][\w.-]{0,254}$/.test(registered) ? undefined : 'Letters, digits, dots, hyphens and underscores.';
  const set = (key: string, value: string) => {
    const { [key]: _old, ...rest } = values;
    setValues(value === settingNamed(key).value ? rest : { ...rest, [key]: value });
  };
  const skipsBadRows = settingValue(values, settingNamed('skip_bad_rows')) === 'true';
  const obstacle = !base
    ? 'Choose a base model first.'
    : !isWholePath(training)
      ? 'Choose training data first.'
      : validation !== '' && !isWholePath(validation)
        ? 'The path of the validation data is not whole.'
        : isFaulty
          ? 'A setting is wrong.'
          : nameFault
            ? 'The name is wrong.'
            : undefined;
  const yaml = jobYaml({
    model: base?.file ?? base?.name ?? '',
    training: withoutEnd(training),
    validation: withoutEnd(validation),
    settings: values,
    name: registered,
  });

  return (
    <main className="page finetuning">
      <header className="finetuning-header">
        <h1>Fine-tune a language model</h1>
        <p className="dim">
          A small adapter is trained on your examples, compared with the base model on rows that neither has seen, and registered.
          {settingValue(values, settingNamed('judge_url')).trim() === '' && ' Everything stays on this machine.'}
        </p>
      </header>
      <div className="finetuning-body">
        <div className="finetuning-steps">
          <BaseStep bases={bases.value} error={bases.error} chosen={wanted} onChoose={choose} />
          <DataStep
            training={training}
            validation={validation}
            onTraining={setTraining}
            onValidation={setValidation}
            onLookAgain={() => setLooks((count) => count + 1)}
            examples={found}
            error={examples.isCurrent ? examples.error : undefined}
            counts={counts?.training}
            validationCounts={counts?.validation}
            lengths={lengths}
            validationLengths={validationLengths}
            testCounts={counts?.test}
            testLengths={testLengths}
            mostTokens={mostTokens}
            contextLength={base?.contextLength}
            tokensNote={
              canCount ? 'Its tokens are being counted.' : !base ? 'Its tokens are counted when a base model is chosen.' : undefined
            }
            tokensError={tokens.isCurrent ? tokens.error : undefined}
            skipsBadRows={skipsBadRows}
            onSkipBadRows={(skips) => set('skip_bad_rows', String(skips))}
          />
          {read && base && <EngineNotice engines={engines} format="gguf" />}
          <SettingsStep
            values={values}
            modules={base?.modules ?? []}
            models={(bases.value ?? []).map((each) => each.name).filter((each) => !each.startsWith('azureml:'))}
            isMoreShown={isMoreShown}
            onChange={set}
            onMore={showMore}
          />
          <EstimateStep
            plan={request && plan.value}
            error={request && plan.error}
            missing={
              !base || !file
                ? 'It is told when a base model and training data are chosen.'
                : !read
                  ? 'It is told when the training data can be read.'
                  : isFaulty
                    ? 'It is told when all settings are right.'
                    : undefined
            }
            areTokensGuessed={!lengths}
          />
        </div>
        <YamlPane
          yaml={yaml}
          training={withoutEnd(training)}
          name={name}
          suggestedName={suggestedName}
          nameFault={nameFault}
          obstacle={obstacle}
          onName={setName}
        />
      </div>
    </main>
  );
}

/** Rows that can be learned from, as far as it is known. */
const fittingRows = ({ rows }: ExampleFile, lengths: Lengths | undefined, counts: TokenCounts | undefined): number =>
  rows - (lengths?.tooLongCount ?? 0) - (counts?.refused.length ?? 0);

/** The name of a model without folders, ending and quantization, as a registered model may be called. */
const shortName = (name: string): string =>
  nameOfFile(name)
    .replace(/\.gguf$/i, '')
    .replace(/[.-](?:I?Q\d\w*|BF16|F16|F32)$/i, '')
    .replace(/[^\w.-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .toLowerCase()
    .slice(0, 80) || 'model';
