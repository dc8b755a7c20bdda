import { window, workspace } from 'vscode';
import { UserError } from '../../base/userError.ts';
import { parseDatastoreUri } from '../../protocol/asset.ts';
import { jobProperty, titleOf } from '../../protocol/job.ts';
import { jobUri } from '../documents/jobUri.ts';
import { jobArgument } from './arguments.ts';
import type { Command } from './command.ts';

export const jobOpenYaml: Command = {
  id: 'updraft.job.openYaml',
  async run(app, argument) {
    let job = await jobArgument(app, argument, 'Open the YAML that was submitted');
    // A step has none of its own: its pipeline has.
    while (job.properties.parentJobName && !job.properties.properties?.[jobProperty.submittedYaml])
      job = await (await app.plane.client()).getJob(job.properties.parentJobName);
    const place = parseDatastoreUri(job.properties.properties?.[jobProperty.submittedYaml] ?? '');
    if (!place)
      throw new UserError(
        'NotFound',
        `${titleOf(job)} was not submitted from a YAML file.`,
        'It was made by a script, the SDK or a rerun of such a job.',
      );
    const document = await workspace.openTextDocument(jobUri(job.name, 'submitted', place.path.split('/').pop()!));
    await window.showTextDocument(document);
  },
};
