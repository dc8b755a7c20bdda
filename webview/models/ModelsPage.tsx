import { useState } from 'react';
import { formatBytes } from '../../src/base/text.ts';
import { engineFormats } from '../../src/protocol/inferenceEngine.ts';
import type { LocalModel, ModelToGet } from '../../src/protocol/localModels.ts';
import { EngineNotice } from '../shared/engine/EngineNotice.tsx';
import { useEngines } from '../shared/engine/useEngines.ts';
import { usePageState } from '../shared/host/pageState.ts';
import { Checkbox, Select, TextField } from '../shared/ui/fields.tsx';
import { plainText } from '../shared/ui/plainText.ts';
import { Section } from '../shared/ui/Section.tsx';
import { Empty, Loading, ReadFailure } from '../shared/ui/states.tsx';
import { ToolButton } from '../shared/ui/ToolButton.tsx';
import { Comparison } from './Comparison.tsx';
import { DownloadRow } from './DownloadRow.tsx';
import { GetDialog } from './GetDialog.tsx';
import { LocalModelRow } from './LocalModelRow.tsx';
import { RegisteredModels } from './RegisteredModels.tsx';
import { orders, sortedModels } from './sortedModels.ts';
import { ToGet } from './ToGet.tsx';
import { useModels } from './useModels.ts';

const none: string[] = [];

/** Models in files of this machine, registered models of the workspace, and models to get. */
export function ModelsPage() {
  const { list, error, lookAgain } = useModels();
  const engines = useEngines();
  const [search, setSearch] = usePageState('search', '');
  const [order, setOrder] = usePageState('order', 'name');
  const [onlyRunning, setOnlyRunning] = usePageState('running', false);
  const [compared, setCompared] = usePageState('compared', none);
  const [wanted, setWanted] = useState<string>();
  // What a link asks for: only what is in the list, since nobody here has written it.
  const [linked, setLinked] = usePageState('wanted', '');
  const [announcement, announce] = useState('');

  const filter = { text: search, onlyRunning, order };
  const models = sortedModels(list?.models ?? [], filter);
  const toGet = sortedModels(list?.toGet ?? [], filter);
  const downloads = list?.downloads ?? [];
  const getting = wanted ?? (list?.toGet.some(({ name }) => name === linked) ? linked : undefined);
  const all: (LocalModel | ModelToGet)[] = list ? [...list.models, ...list.toGet] : [];
  const pair = compared.flatMap((name) => all.find((each) => each.name === name) ?? []);
  // The third takes the place of the first.
  const compare = (name: string) =>
    setCompared(compared.includes(name) ? compared.filter((each) => each !== name) : [...compared, name].slice(-2));
  const advice = engines.of('gguf')?.advice;
  const freed = (bytes: number) => announce(`${formatBytes(bytes)} are free again.`);
  return (
    <main className="page models-page">
      <h1>Models</h1>
      <search className="bar" aria-label="Models">
        <TextField label="Search by name" value={search} onChange={setSearch} />
        <Select label="Order" value={order} options={orders} onChange={setOrder} />
        <Checkbox label="Only what runs here" checked={onlyRunning} onChange={setOnlyRunning} />
        <ToolButton icon="refresh" label="Look for models on this machine again" onClick={lookAgain} />
      </search>
      {pair.length === 2 && (
        <Section
          title="Comparison"
          actions={
            <button type="button" className="link" onClick={() => setCompared([])}>
              Close
            </button>
          }
        >
          <Comparison models={[pair[0]!, pair[1]!]} />
        </Section>
      )}
      {pair.length === 1 && <p className="dim models-note">Choose a second model to compare {pair[0]!.name} with.</p>}
      <Section title="On this machine">
        {error && <ReadFailure error={error} />}
        {!list && !error && <Loading what="models" />}
        {engineFormats.map((format) => (
          <EngineNotice key={format} engines={engines} format={format} isQuiet={!models.some((model) => model.format === format)} />
        ))}
        {advice && <p className="dim">{plainText(advice)}</p>}
        {list && list.models.length === 0 && downloads.length === 0 && (
          <p className="dim">
            No model is in Updraft's store or in those of Hugging Face, Ollama and LM Studio. Get one below, or name a folder of yours in{' '}
            <code>UPDRAFT_MODEL_FOLDERS</code>.
          </p>
        )}
        {list && list.models.length > 0 && models.length === 0 && (
          <Empty title="No model on this machine matches.">
            <button
              type="button"
              className="link"
              onClick={() => {
                setSearch('');
                setOnlyRunning(false);
              }}
            >
              Show all
            </button>
          </Empty>
        )}
        {(models.length > 0 || downloads.length > 0) && (
          <ul className="model-list" aria-label="Models on this machine">
            {downloads.map((download) => (
              <DownloadRow
                key={`download ${download.name}`}
                download={download}
                onResume={() => setWanted(download.asked)}
                onRemoved={freed}
              />
            ))}
            {models.map((model) => (
              <LocalModelRow
                key={`${model.place} ${model.name}`}
                model={model}
                canMeasure={engines.of(model.format === 'onnx' ? 'onnx' : 'gguf')?.isInstalled === true}
                isCompared={compared.includes(model.name)}
                onCompare={() => compare(model.name)}
                onRemoved={freed}
              />
            ))}
          </ul>
        )}
      </Section>
      <Section title="Registered in the workspace">
        <RegisteredModels search={search} onClear={() => setSearch('')} />
      </Section>
      <Section title="To get">
        <ToGet models={toGet} compared={compared} onCompare={compare} onGet={setWanted} />
      </Section>
      {getting !== undefined && (
        <GetDialog
          key={getting}
          model={getting}
          onClose={() => {
            setWanted(undefined);
            setLinked('');
          }}
        />
      )}
      <p className="visually-hidden" role="status">
        {announcement}
      </p>
    </main>
  );
}
