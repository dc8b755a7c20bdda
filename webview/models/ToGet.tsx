import { useState } from 'react';
import { searchModels } from '../../src/client/localModels.ts';
import type { FoundOnHub, ModelToGet } from '../../src/protocol/localModels.ts';
import { useHost } from '../shared/host/host.ts';
import { Button, TextField } from '../shared/ui/fields.tsx';
import { plainText } from '../shared/ui/plainText.ts';
import { Failure, Loading } from '../shared/ui/states.tsx';
import { ToolButton } from '../shared/ui/ToolButton.tsx';
import { useAction } from '../shared/ui/useAction.ts';
import { ModelRow } from './ModelRow.tsx';
import { estimateDetail, estimateText, factsLineToGet, fitLook } from './modelTexts.ts';

/** What is written so is looked up at once; everything else is searched for. */
const isAddress = (text: string): boolean => /^(?:hf|pypi|npm|https?):/i.test(text);

/** Models that can be got: those of the list, and what the Hugging Face Hub has. */
export function ToGet({
  models,
  compared,
  onCompare,
  onGet,
}: {
  models: readonly ModelToGet[];
  compared: readonly string[];
  onCompare(name: string): void;
  onGet(model: string): void;
}) {
  const { client } = useHost();
  const [words, setWords] = useState('');
  const [hits, setHits] = useState<{ words: string; found: FoundOnHub }>();
  const { run, error, isRunning } = useAction();
  const wanted = words.trim();
  const search = () => {
    if (!wanted || isRunning) return;
    if (isAddress(wanted)) return onGet(wanted);
    setHits(undefined);
    run(async () => setHits({ words: wanted, found: await searchModels(client.http, wanted) }));
  };
  return (
    <>
      <search className="bar model-search" aria-label="The Hugging Face Hub">
        <TextField
          label="Words to search the Hugging Face Hub for, or the address of a model"
          placeholder="Search the Hugging Face Hub, or hf:ORG/REPO, https://…"
          value={words}
          onChange={setWords}
          onKeyDown={(event) => event.key === 'Enter' && search()}
        />
        <Button secondary disabled={!wanted || isRunning} onClick={search}>
          {isAddress(wanted) ? 'Look it up' : 'Search'}
        </Button>
      </search>
      {isRunning && <Loading what="what the hub has" />}
      {error && <Failure error={error} />}
      {hits && (
        <>
          <h3>
            {hits.found.length > 0
              ? `On the hub, for “${plainText(hits.words, 60)}”`
              : `The hub has no GGUF model for “${plainText(hits.words, 60)}”.`}
          </h3>
          <ul className="model-list" aria-label="Models of the Hugging Face Hub">
            {hits.found.map(({ model, downloads, license, isGated }) => (
              <ModelRow
                key={model}
                name={model.replace(/^hf:/, '')}
                line={[
                  `${downloads.toLocaleString('en')} downloads`,
                  license,
                  isGated ? 'asks for its terms to be accepted on the hub' : undefined,
                ]
                  .filter(Boolean)
                  .map((each) => plainText(each!, 80))
                  .join(' · ')}
                actions={<GetButton name={model.replace(/^hf:/, '')} onGet={() => onGet(model)} />}
              />
            ))}
          </ul>
          <h3>The list</h3>
        </>
      )}
      <ul className="model-list" aria-label="Models to get">
        {models.map((model) => (
          <ModelRow
            key={model.name}
            name={model.name}
            line={`${factsLineToGet(model)} · ${model.what}`}
            look={fitLook(model.fit)}
            speed={
              model.estimate && (
                <p className="dim" title={estimateDetail(model.estimate)}>
                  {estimateText(model.estimate)}
                </p>
              )
            }
            isCompared={compared.includes(model.name)}
            onCompare={() => onCompare(model.name)}
            actions={<GetButton name={model.name} onGet={() => onGet(model.name)} />}
          />
        ))}
      </ul>
    </>
  );
}

function GetButton({ name, onGet }: { name: string; onGet(): void }) {
  return <ToolButton icon="cloud-download" label={`Get ${plainText(name, 120)}`} text="Get" onClick={onGet} />;
}
