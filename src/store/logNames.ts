import { UserError } from '../base/userError.ts';

/** @throws {UserError} for what is no name of a job. */
export function checkJobOfLog(job: string): void {
  if (job === '' || job === '.' || job === '..' || /[/\\\0]/.test(job))
    throw new UserError('InvalidRequest', `"${job.slice(0, 100)}" is no name of a job.`);
}

/** The parts of a log's path. @throws {UserError} for what is none. */
export function partsOfLog(file: string): string[] {
  const parts = file.split('/');
  if (parts.some((part) => part === '' || part === '.' || part === '..' || /[\\\0]/.test(part)))
    throw new UserError('InvalidRequest', `"${file.slice(0, 200)}" is no path of a log.`, 'Give a path relative to the job, without "..".');
  return parts;
}

export const tooLong = (file: string): UserError =>
  new UserError('InvalidRequest', `The path of the log "${file.slice(0, 100)}…" is too long.`);

/** @throws {UserError} for what is no place in a log. */
export function checkOffset(offset: number): void {
  if (!Number.isSafeInteger(offset) || offset < 0)
    throw new UserError('InvalidRequest', `The offset of an append must be a whole number of bytes, not ${offset}.`);
}

export const hole = (job: string, file: string, size: number, offset: number): UserError =>
  new UserError('Conflict', `The log ${file} of ${job} has ${size} bytes; an append at ${offset} would leave a hole.`);

export const logAndFolder = (file: string): UserError =>
  new UserError('Conflict', `The log "${file.slice(0, 200)}" can't be a log and a folder of logs at the same time.`);

export const noLog = (job: string, file: string): UserError =>
  new UserError('NotFound', `The job ${job} has no log "${file.slice(0, 200)}".`);
