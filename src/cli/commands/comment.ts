import type { Command } from '../command.ts';
import { flag, limited, path, text } from '../options.ts';
import { atServer } from '../serverOf.ts';

const comments = () => import('../work/comments.ts');

/** What a comment is about: one of the two. */
const on = {
  job: text('The job.', { value: 'NAME' }),
  model: text('The model, or one of its versions.', { value: 'NAME[:VERSION]' }),
};
const written = {
  text: text('What it says: plain text, in which a little Markdown is understood.', { value: 'TEXT' }),
  file: path('A file that has the text; - reads the standard input.', { short: 'f', value: 'FILE' }),
};
const one = { id: text('Its id, as "updraft comment list" shows it.', { value: 'ID' }) };

/** What people write about jobs and models, and where they are mentioned. */
export const commentCommands: Command[] = [
  {
    names: ['comment list'],
    what: 'Lists the comments on a job or a model, the newest first.',
    inWorkspace: true,
    options: { ...on, ...limited },
    run: async (parsed) => (await comments()).listThem(parsed),
  },
  {
    names: ['comment add'],
    what: 'Writes a comment on a job or a model. On the plane of a team @ann@example.org mentions somebody.',
    inWorkspace: true,
    options: { ...on, ...written },
    run: async (parsed) => (await comments()).addOne(parsed),
  },
  {
    names: ['comment update'],
    what: 'Gives a comment of yours another text.',
    inWorkspace: true,
    options: { ...on, ...one, ...written },
    run: async (parsed) => (await comments()).updateOne(parsed),
  },
  {
    names: ['comment delete'],
    what: 'Deletes a comment: your own, or as an Owner or a Contributor any.',
    inWorkspace: true,
    options: { ...on, ...one },
    run: async (parsed) => (await comments()).deleteOne(parsed),
  },
  {
    names: ['mentions'],
    what: 'Lists the comments that mention you and that you have not read, in all workspaces.',
    options: {
      all: flag('Lists those that you have read, too.'),
      'mark-read': flag('Marks all as read, after they are listed.'),
      ...limited,
      ...atServer,
    },
    run: async (parsed) => (await comments()).showMentions(parsed),
  },
];
