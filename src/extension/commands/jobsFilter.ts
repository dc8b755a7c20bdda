import { ask } from './arguments.ts';
import type { Command } from './command.ts';

/** Text, or `tag:key=value`; empty shows all again. */
export const jobsFilter: Command = {
  id: 'updraft.jobs.filter',
  async run(app, given) {
    const { search, tag } = app.jobs.filter;
    const text =
      typeof given === 'string'
        ? given
        : await ask('Filter jobs', {
            value: tag ? `tag:${tag}` : (search ?? ''),
            prompt: 'Part of a name, or tag:key=value. Empty shows all.',
          });
    const { search: _search, tag: _tag, ...rest } = app.jobs.filter;
    const wanted = text.trim();
    app.jobs.setFilter({ ...rest, ...(wanted.startsWith('tag:') ? { tag: wanted.slice(4).trim() } : wanted ? { search: wanted } : {}) });
    app.showFilters();
  },
};
