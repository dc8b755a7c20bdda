import path from 'node:path';
import { permit } from '../../access/roles.ts';
import { formatBytes, plural } from '../../base/text.ts';
import { UserError } from '../../base/userError.ts';
import { assetId, assetNouns, parseAssetId } from '../../protocol/arm.ts';
import { blobUri } from '../../protocol/asset.ts';
import type { FileSource } from '../../spec/diagnostic.ts';
import type { ComparedAsset } from '../../sync/assets/compareAsset.ts';
import { resolveAsset } from '../assetReference.ts';
import { PlannedDestination, type PlannedUpload } from '../destination.ts';
import { type JobPreview, previewJob } from '../preview/previewJob.ts';
import { Computes, type ComputeUse } from './computes.ts';
import { Promotions } from './promotions.ts';
import { quotaRemarks } from './quotaRemarks.ts';
import { type Target, targetName } from './target.ts';

/** An asset that goes along. Sizes in bytes are of the files that are not there. */
export interface PromotedAsset {
  kind: ComparedAsset['kind'];
  name: string;
  version: string;
  files: number;
  bytes: number;
}

/** What a submission to another plane would do. */
export interface SubmissionPlan extends Pick<JobPreview, 'text' | 'steps' | 'uploads'> {
  promoted: PromotedAsset[];
  computes: ComputeUse[];
  /** Computes of the target, to choose from. */
  presentComputes: readonly string[];
  /** What keeps it from being submitted. */
  problems: UserError[];
  /** What the plan comes to, in sentences for a person. */
  summary: string[];
}

const mayWriteJobs = 'Microsoft.MachineLearningServices/workspaces/jobs/write';

/** Works out what would run on the target, and what goes there with it. Sends nothing. Throws `ValidationFailed` as a submission does. */
export async function planSubmission(
  target: Target,
  file: string,
  { files, overrides = [], signal }: { files?: FileSource; overrides?: string[]; signal?: AbortSignal } = {},
): Promise<SubmissionPlan> {
  const { client, origin } = target;
  const destination = new PlannedDestination(client);
  const promotions = origin && new Promotions(client, origin, { signal, onWanted: (asset) => plan(destination, target, asset) });
  const [permissions, computes, quotas] = await Promise.all([client.permissions(), Computes.of(target, file), quotaRemarks(client)]);
  const problems = () => [
    ...(permit(permissions, mayWriteJobs) ? [] : [mayNotSubmit(target)]),
    ...computes.problems(target),
    ...(promotions?.conflicts ?? []),
  ];
  const promoted = () => (promotions?.wanted ?? []).map(promotedAsset);
  const summary = (environments: JobPreview['environments']) => [
    ...promotedText(promoted()),
    ...computesText([...computes.uses.values()]),
    ...environmentsText(environments),
    ...quotas,
  ];
  const preview = await previewJob(client, file, {
    files,
    overrides,
    destination,
    names: {
      asset: (kind, reference) => (promotions ? promotions.look(kind, reference) : resolveAsset(client, kind, reference)),
      compute: (name) => computes.nameThere(name),
    },
    where: `in ${targetName(target)}`,
    remarks: (environments) => [...summary(environments), ...problems().map(({ message }) => `Can't be submitted: ${message}`)],
  });
  const { text, steps, uploads, environments } = preview;
  return {
    text,
    steps,
    uploads,
    promoted: promoted(),
    computes: [...computes.uses.values()],
    presentComputes: computes.present,
    problems: problems(),
    summary: [...uploadsText(uploads, destination.present), ...summary(environments)],
  };
}

/** Throws where there is a problem: all of them, the first one's way out last. */
export function mustBePossible({ problems }: SubmissionPlan): void {
  const [first, ...others] = problems;
  if (!first) return;
  throw others.length === 0
    ? first
    : new UserError(
        first.code,
        [first, ...others].map(({ message }) => message).join('\n'),
        `Nothing was sent. ${first.hint ?? ''}`.trim(),
      );
}

const mayNotSubmit = (target: Target): UserError =>
  new UserError(
    'AuthorizationFailed',
    `Your roles do not let you submit jobs in ${targetName(target)}.`,
    'Ask an Owner there for a role that does, such as "AzureML Data Scientist".',
  );

/** Makes the plan know what will be there. */
function plan(destination: PlannedDestination, { client }: Target, { kind, name, version, properties, places }: ComparedAsset): void {
  const id = assetId(client.workspace, kind, name, version);
  destination.assets[id] = properties;
  for (const { container, path: at, files } of places) destination.files[blobUri(container, at)] = files;
  if (kind === 'codes') destination.promotedCode.set(id, places[0]?.files.map(({ path: each, size = 0 }) => ({ path: each, size })) ?? []);
}

function promotedAsset({ kind, name, version, places }: ComparedAsset): PromotedAsset {
  const missing = places.flatMap((each) => each.missing);
  return { kind, name, version, files: missing.length, bytes: missing.reduce((sum, { size = 0 }) => sum + size, 0) };
}

function uploadsText(uploads: readonly PlannedUpload[], present: readonly PlannedUpload[]): string[] {
  return [
    uploads.length === 0 ? 'Nothing has to be uploaded from this machine.' : `Uploaded from this machine: ${filesText(uploads)}.`,
    ...(present.length === 0 ? [] : [`There already: ${filesText(present)}.`]),
  ];
}

function filesText(all: readonly PlannedUpload[]): string {
  const files = all.flatMap((each) => each.files);
  const size = files.reduce((sum, each) => sum + each.size, 0);
  return `${plural(files.length, 'file')}, ${formatBytes(size)} (${all.map(({ local }) => path.basename(local)).join(', ')})`;
}

/** A snapshot of code is no name that a person knows. */
function promotedText(all: readonly PromotedAsset[]): string[] {
  if (all.length === 0) return [];
  const files = all.reduce((sum, each) => sum + each.files, 0);
  const bytes = all.reduce((sum, each) => sum + each.bytes, 0);
  const named = all.filter(({ kind }) => kind !== 'codes').map(({ kind, name, version }) => `${assetNouns[kind]} ${name}:${version}`);
  return [
    `Promoted with it: ${named.join(', ') || 'code'} (${files === 0 ? 'no files' : `${plural(files, 'file')}, ${formatBytes(bytes)}`}).`,
  ];
}

function computesText(uses: readonly ComputeUse[]): string[] {
  const known = uses.filter(({ there }) => there !== undefined);
  if (known.length === 0) return [];
  return [`Compute: ${known.map(({ here, there }) => (here === there ? here : `${there} (for ${here})`)).join(', ')}.`];
}

/** Planes run nothing in containers: of an image alone, no more than its name is used. */
function environmentsText(environments: JobPreview['environments']): string[] {
  const texts = [...environments].map(([id, { image, condaFile, build }]) => {
    const asset = parseAssetId(id);
    const isUnnamed = !asset || asset.name === 'CliV2AnonymousEnvironment';
    const what = condaFile
      ? 'conda'
      : build
        ? 'Dockerfile'
        : image
          ? `image ${image}: the Python of the machine is used`
          : 'nothing but its name';
    return `${isUnnamed ? 'of the file' : `${asset.name}:${asset.version}`} (${what})`;
  });
  return texts.length === 0 ? [] : [`${texts.length === 1 ? 'Environment' : 'Environments'}: ${texts.join(', ')}.`];
}
