import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { parse } from 'yaml';
import { loadSpec } from '../../src/spec/load.ts';
import { armBodyOf } from '../../src/spec/rest.ts';
import { corpus, type Verdict } from './corpus.ts';

/** Fields that can't be equal: hashes, and what the service fills in by itself. */
const notCompared = /\/(?:client_component_hash|isArchived|isAnonymous)$|environment\/version$/;

/** What is uploaded has the Python object, or the component's YAML, in its place in the recording; or nothing at all. */
const isUpload = (key: string, theirs: unknown): boolean =>
  /\/(?:codeId|environmentId|componentId|assetId|model)$/.test(key) && (theirs === undefined || /^\w+\(\{|\n/.test(String(theirs)));

/** What the client makes up where a file says nothing: the name, and the experiment, for which it takes the folder in which it is called. */
const madeUp: Record<string, string> = { '/properties/displayName': 'display_name', '/properties/experimentName': 'experiment_name' };

/** Files of each kind whose body is equal field by field, of how many. The others are explained in docs/checks.md. */
const expected = {
  Command: [41, 41],
  PipelineJob: [117, 122],
  SweepJob: [3, 3],
  Spark: [6, 6],
  ClassificationJob: [2, 2],
  ForecastingJob: [3, 3],
  RegressionJob: [1, 1],
  ImageClassificationJob: [2, 2],
  ImageClassificationMultilabelJob: [2, 2],
  ImageInstanceSegmentationJob: [2, 2],
  ImageObjectDetectionJob: [2, 2],
  TextClassificationJob: [1, 1],
  TextClassificationMultilabelJob: [1, 1],
  TextNerJob: [2, 2],
  CommandComponent: [110, 110],
  PipelineComponent: [9, 9],
  SparkComponent: [6, 6],
  Data: [20, 20],
  Environment: [16, 16],
  Model: [5, 5],
  ModelPackage: [5, 5],
  DataImport: [4, 4],
  FeatureSet: [5, 5],
  FeatureStoreEntity: [1, 1],
  BatchEndpoint: [9, 9],
  ManagedOnlineDeployment: [31, 31],
  ModelBatchDeployment: [9, 9],
  PipelineComponentBatchDeployment: [5, 5],
  JobSchedule: [3, 3],
  ImportDataSchedule: [2, 2],
  MonitorSchedule: [3, 3],
  AmlCompute: [7, 7],
  ComputeInstance: [3, 3],
  VirtualMachineCompute: [1, 1],
  AzureBlobDatastore: [5, 5],
  AzureFileDatastore: [2, 2],
  AzureDataLakeGen1Datastore: [2, 2],
  AzureDataLakeGen2Datastore: [2, 2],
  Workspace: [3, 3],
  FeatureStore: [2, 2],
  WorkspaceConnection: [3, 3],
};

describe('The JSON of azureml-examples', () => {
  it('is what Azure’s client sends', () => {
    const files = corpus.files();
    const counts: Record<string, [number, number]> = {};
    for (const verdict of corpus.verdicts().values()) {
      const { entity = '' } = verdict;
      if (!verdict.rest) continue;
      counts[entity] ??= [0, 0];
      counts[entity][1]++;
      const { spec } = loadSpec(`/r/${verdict.path}`, files);
      assert.ok(spec, verdict.path);
      const found = differences(verdict, armBodyOf(spec, files), spec.value);
      if (found.length === 0) counts[entity][0]++;
      else if (process.env.UPDATE_GOLDEN) console.log(entity, verdict.path, found.slice(0, 12));
    }
    if (process.env.UPDATE_GOLDEN) console.log(counts);
    assert.deepEqual(counts, expected);
  });
});

function differences({ rest }: Verdict, ours: unknown, value: Record<string, unknown>): string[] {
  const [theirs, mine] = [leaves(rest), leaves(ours)];
  return [...new Set([...theirs.keys(), ...mine.keys()])].filter(
    (key) =>
      !notCompared.test(key) &&
      !isUpload(key, theirs.get(key)) && !(madeUp[key] !== undefined && value[madeUp[key]] === undefined) && theirs.get(key) !== mine.get(key),
  );
}

/** Every leaf by its path; empty maps and lists are nothing, conda files count by what they say, paths of the checkout are alike. */
function leaves(value: unknown, at = '', found = new Map<string, unknown>()): Map<string, unknown> {
  if (at.endsWith('/condaFile') && typeof value === 'string') return leaves(parse(value), at, found);
  if (typeof value === 'object' && value !== null) for (const [key, each] of Object.entries(value)) leaves(each, `${at}/${key}`, found);
  else if (value !== null && value !== undefined) found.set(at, typeof value === 'string' ? value.replace('${ROOT}/', '/r/').replace(/\/$/, '') : value);
  return found;
}
