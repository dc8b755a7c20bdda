import { parseAssetId } from '../../../src/protocol/arm.ts';
import { pageOfAssetId } from '../../../src/protocol/assetPage.ts';
import { isTerminal, type JobInput, type JobOutput, type JobStatus } from '../../../src/protocol/job.ts';
import type { PageAddress } from '../../../src/protocol/webview.ts';
import { CopyButton } from '../../shared/ui/CopyButton.tsx';
import { Facts } from '../../shared/ui/Facts.tsx';
import { PageLink } from '../../shared/ui/PageLink.tsx';

/** Inputs or outputs of a job by name: values as they are, data by where it is. `status` is the job's, which says whether outputs were registered. */
export function Values({ values, status }: { values: Readonly<Record<string, JobInput | JobOutput>>; status: JobStatus | undefined }) {
  return (
    <Facts facts={Object.entries(values).map(([name, value]) => [name, <Value key={name} value={value} status={status} />] as const)} />
  );
}

function Value({ value, status }: { value: JobInput | JobOutput; status: JobStatus | undefined }) {
  if ('jobInputType' in value && value.jobInputType === 'literal') return <code className="literal">{value.value ?? ''}</code>;
  const type = 'jobInputType' in value ? value.jobInputType : value.jobOutputType;
  const named =
    'assetName' in value && value.assetName ? `${value.assetName}${value.assetVersion ? `:${value.assetVersion}` : ''}` : undefined;
  return (
    <span className="data-value">
      <span className="badge">{type}</span>
      {named && status === 'Completed' && (
        <span>
          registered as <PageLink to={registeredPage(type, named)}>{named}</PageLink>
        </span>
      )}
      {named && status !== 'Completed' && (
        <span className="dim">{isTerminal(status ?? 'Unknown') ? `not registered as ${named}` : `to be registered as ${named}`}</span>
      )}
      {value.uri && <Uri uri={value.uri} />}
    </span>
  );
}

/** Where data is, as short as it is still clear; whole in the tooltip and on the clipboard. */
export function Uri({ uri }: { uri: string }) {
  const asset = parseAssetId(uri);
  const short = asset ? `${asset.name}:${asset.version}` : uri.replace(/^azureml:\/\/(?:.*\/)?datastores\/([^/]+)\/paths\//, '$1: ');
  const to = pageOfAssetId(uri);
  return (
    <span className="uri" title={uri}>
      {to ? <PageLink to={to}>{short}</PageLink> : <code>{short}</code>}
      <CopyButton text={uri} label="Copy the address" />
    </span>
  );
}

/** The page of what an output was registered as, `name` or `name:version`. */
function registeredPage(type: string, named: string): PageAddress {
  const [name = '', version] = named.split(':');
  return { page: type.endsWith('_model') ? 'model' : 'data', name, ...(version ? { version } : {}) };
}
