import * as Type from 'typebox';
import { UserError } from '../base/userError.ts';
import { fileField } from './fileField.ts';
import { inLine } from './inLine.ts';
import { fields } from './jobField.ts';
import { problemsText } from './problemsText.ts';
import { tool } from './tool.ts';

export const submitJob = tool({
  name: 'submit_job',
  title: 'Submit a job',
  what: "Submits a job's YAML file: checks it, uploads its code, and starts it. Answers the job's name at once; get_job with wait_seconds waits for its end. Check the file first with check_job_file.",
  schema: fields({
    file: fileField,
    set: Type.Optional(
      Type.Array(Type.String({ pattern: '^[^=]+=', maxLength: 2000 }), {
        description: 'Values over those of the file, such as: inputs.epochs=5',
        maxItems: 50,
      }),
    ),
    display_name: Type.Optional(Type.String({ description: 'A name for people.', maxLength: 200 })),
    experiment: Type.Optional(Type.String({ description: 'The experiment, over that of the file.', maxLength: 255 })),
  }),
  startsFile: true,
  changes: {
    isDestructive: false,
    question: ({ file, set }, { pathOf }) => ({
      title: 'Submit a job',
      message: `Run the job of ${inLine(pathOf(file), 500)}${set?.length ? ` with ${inLine(set.join(', '), 500)}` : ''}?`,
    }),
  },
  async run({ file, set, display_name: displayName, experiment }, { client, pathOf, signal }) {
    const path = pathOf(file);
    const { ValidationFailed } = await import('../submit/validationFailed.ts');
    const submission = await import('../submit/submitJob.ts');
    try {
      const { job, diagnostics } = await submission.submitJob({
        client,
        file: path,
        ...(set ? { overrides: set } : {}),
        ...(displayName ? { displayName } : {}),
        ...(experiment ? { experiment } : {}),
        signal,
      });
      const notes = diagnostics.length ? `\nThe file has remarks:\n${problemsText(path, diagnostics)}` : '';
      return `Submitted as ${job.name}; its status is ${job.properties.status}.${notes}`;
    } catch (error) {
      if (!(error instanceof ValidationFailed)) throw error;
      throw new UserError(error.code, `Nothing was submitted.\n${problemsText(path, error.diagnostics)}`);
    }
  },
});
