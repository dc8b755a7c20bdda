import { useState } from 'react';
import { formatBytes, formatDuration } from '../../src/base/text.ts';
import { measureModel, removeModel } from '../../src/client/localModels.ts';
import type { LocalModel } from '../../src/protocol/localModels.ts';
import { useHost } from '../shared/host/host.ts';
import { Confirm } from '../shared/ui/Confirm.tsx';
import { CopyButton } from '../shared/ui/CopyButton.tsx';
import { ExternalLink } from '../shared/ui/ExternalLink.tsx';
import { Facts } from '../shared/ui/Facts.tsx';
import { Icon } from '../shared/ui/Icon.tsx';
import { plainText } from '../shared/ui/plainText.ts';
import { Failure } from '../shared/ui/states.tsx';
import { ToolButton } from '../shared/ui/ToolButton.tsx';
import { useAction } from '../shared/ui/useAction.ts';
import { When } from '../shared/ui/When.tsx';
import { ModelRow } from './ModelRow.tsx';
import { estimateDetail, estimateText, factsLine, fitLook, type Look, speedDetail, taskText, tokensText } from './modelTexts.ts';

/** A model that is on the machine. */
export function LocalModelRow({
  model,
  canMeasure,
  isCompared,
  onCompare,
  onRemoved,
}: {
  model: LocalModel;
  /** Whether there is the program that runs it. */
  canMeasure: boolean;
  isCompared: boolean;
  onCompare(): void;
  /** Tells how many bytes are free again. */
  onRemoved(bytes: number): void;
}) {
  const { client, open } = useHost();
  const { run, error, isRunning } = useAction();
  const [isAsking, ask] = useState(false);
  const { name, task, fit, measured, estimate } = model;
  const shown = plainText(name, 120);
  // An ONNX file that makes no vectors of texts is served behind endpoints alone.
  const answers = fit.runs !== false && task !== undefined && task !== 'adapter';
  return (
    <>
      <ModelRow
        name={name}
        badge={taskText(task)}
        line={factsLine(model)}
        look={lookOf(model)}
        speed={<SpeedLine model={model} />}
        isCompared={isCompared}
        onCompare={onCompare}
        actions={
          <>
            {answers && task !== 'embeddings' && (
              <ToolButton
                icon="comment-discussion"
                label={`Open ${shown} in the playground`}
                onClick={() => open({ page: 'playground', name: '', state: { models: [name] } })}
              />
            )}
            {task === 'chat' && model.format === 'gguf' && (
              <ToolButton
                icon="mortar-board"
                label={`Fine-tune ${shown}`}
                onClick={() => open({ page: 'finetuning', name: '', state: { model: name } })}
              />
            )}
            {answers && (
              <ToolButton
                icon="dashboard"
                label={canMeasure ? `Measure the speed of ${shown}` : 'To measure speed, the program that runs models is needed'}
                disabled={!canMeasure || model.isMeasuring || isRunning}
                onClick={() => run(() => measureModel(client.http, name))}
              />
            )}
            <CopyButton text={name} label={`Copy the name of ${shown}`} />
            {model.isOwn && <ToolButton icon="trash" label={`Remove ${shown}`} disabled={isRunning} onClick={() => ask(true)} />}
          </>
        }
      >
        <Facts
          facts={[
            ['Title', model.title && plainText(model.title, 200)],
            ['Task', taskText(task)],
            ['Architecture', model.architecture && plainText(model.architecture, 80)],
            ['Format', model.format],
            ['Context', model.contextLength && tokensText(model.contextLength)],
            ['Memory', fit.needs && formatBytes(fit.needs)],
            ['Languages', model.languages && plainText(model.languages.join(', '), 300)],
            ['Licence', model.license && <LicenseFact license={model.license} url={model.licenseUrl} />],
            ['Speed', measured?.speed ? speedDetail(measured.speed) : estimate && estimateDetail(estimate)],
            ['Measured', measured && <When at={measured.at} />],
            ['Load', measured?.loadMs !== undefined && formatDuration(measured.loadMs)],
            ['Source', model.source && plainText(model.source, 300)],
            ['In', plainText(model.place, 300)],
            ['SHA-256', model.sha256 && <code>{model.sha256}</code>],
            ['Files', <FileList key="files" files={model.files} />],
          ]}
        />
      </ModelRow>
      {isAsking && (
        <li>
          <Confirm
            question={`Remove ${shown}?`}
            detail={`It frees ${formatBytes(model.bytes)}, and is gone for all workspaces.${model.source ? ' It can be got again.' : ''}`}
            action="Remove"
            otherwise="Keep"
            onAnswer={(isSure) => {
              ask(false);
              if (isSure) run(async () => onRemoved(await removeModel(client.http, name)));
            }}
          />
        </li>
      )}
      {error && (
        <li>
          <Failure error={error} />
        </li>
      )}
    </>
  );
}

/** What a load has proven counts more than what its header promises. */
function lookOf({ measured, fit }: LocalModel): Look {
  const problem = measured?.problem;
  return problem === undefined ? fitLook(fit) : { icon: 'error', tone: 'tone-failed', text: 'Could not be loaded', why: problem };
}

function SpeedLine({ model: { measured, estimate, isMeasuring } }: { model: LocalModel }) {
  if (isMeasuring)
    return (
      <p className="status-text">
        <Icon name="loading" spin />
        <span>Its speed is being measured</span>
      </p>
    );
  if (measured?.speed) return <p>{speedDetail(measured.speed)}, measured</p>;
  return estimate ? (
    <p className="dim" title={estimateDetail(estimate)}>
      {estimateText(estimate)}
    </p>
  ) : null;
}

function LicenseFact({ license, url }: { license: string; url: string | undefined }) {
  const text = plainText(license, 100);
  return url ? <ExternalLink href={url}>{text}</ExternalLink> : text;
}

function FileList({ files }: { files: readonly string[] }) {
  return (
    <ul>
      {files.slice(0, 20).map((file) => (
        <li key={file}>{plainText(file, 300)}</li>
      ))}
      {files.length > 20 && <li>and {files.length - 20} more</li>}
    </ul>
  );
}
