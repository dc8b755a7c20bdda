import { window } from 'vscode';
import { aside } from '../../base/aside.ts';
import { UserError } from '../../base/userError.ts';
import type { Kind } from '../../spec/kinds/all.ts';
import { openFiles } from '../editor/openFiles.ts';
import type { NamedKind } from '../state/assets.ts';
import { requireTrust, specArgument } from './arguments.ts';
import type { Command } from './command.ts';

const assetOf: Partial<Record<Kind, NamedKind>> = {
  data: 'data',
  environment: 'environments',
  commandComponent: 'components',
  pipelineComponent: 'components',
  model: 'models',
};

const isAssetFile = ({ kind }: { kind?: string }): boolean => kind !== undefined && Object.hasOwn(assetOf, kind);

/** Makes a new version of the asset that a YAML file describes. */
export const assetCreate: Command = {
  id: 'updraft.asset.create',
  async run(app, argument) {
    requireTrust('Creating an asset');
    const uri = await specArgument(app, argument, 'Create an asset from YAML', isAssetFile, 'an asset');
    const { loadSpec } = await import('../../spec/load.ts');
    const { kindFacts } = await import('../../spec/kinds/all.ts');
    const { spec } = loadSpec(uri.fsPath, openFiles, { mustBeOurs: true });
    const kind = spec && assetOf[spec.kind];
    if (spec && !kind)
      throw new UserError('InvalidArgument', `This file is ${kindFacts[spec.kind].title}, not an asset.`, 'Submit it instead.');
    const { createAsset } = await import('../../submit/createAsset.ts');
    const made = await createAsset(await app.plane.client(), uri.fsPath, kind ?? 'data');
    aside('message', window.showInformationMessage(`Created version ${made.name} of ${String(spec?.value.name ?? '')}.`), app.log);
  },
};
