import { UserError } from '../base/userError.ts';
import { fileField } from './fileField.ts';
import { fields } from './jobField.ts';
import { problemsText } from './problemsText.ts';
import { tool } from './tool.ts';

export const checkJobFile = tool({
  name: 'check_job_file',
  title: 'Check the file of a job',
  what:
    "Checks a job's YAML file and tells what would run if it were submitted now: the job with references and defaults resolved, which steps of a pipeline are reused and why, and what would be uploaded. " +
    'A file with errors is answered with their lines and what to do. Nothing is sent or started.',
  schema: fields({ file: fileField }),
  async run({ file }, { client, pathOf }) {
    const path = pathOf(file);
    const { ValidationFailed } = await import('../submit/validationFailed.ts');
    const { previewJob } = await import('../submit/preview/previewJob.ts');
    try {
      return (await previewJob(client, path)).text;
    } catch (error) {
      if (!(error instanceof ValidationFailed)) throw error;
      throw new UserError(error.code, `The file can't be submitted.\n${problemsText(path, error.diagnostics)}`);
    }
  },
});
