import type { ModelVersion } from '../../src/protocol/asset.ts';
import type { FileNode } from '../shared/files/fileNode.ts';
import { artifactsNode, uriNode } from '../shared/files/sources.ts';

/** The files of a version, wherever it was registered from; undefined for a place that the plane does not keep. */
export function modelFiles(version: ModelVersion): FileNode | undefined {
  const { modelUri } = version.properties;
  const run = /^(?:runs:\/+|mlflow-artifacts:\/+(?:[^/]*:\d+\/)?\d+\/)([^/]+)(?:\/artifacts)?(?:\/(.*))?$/.exec(modelUri);
  if (run) return artifactsNode(run[1]!, 'Model', (run[2] ?? '').replace(/\/+$/, ''));
  return uriNode(modelUri, 'Model', false);
}
