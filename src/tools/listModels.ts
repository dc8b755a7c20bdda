import * as Type from 'typebox';
import { fields } from './jobField.ts';
import { tableText } from './tableText.ts';
import { tool } from './tool.ts';

const most = 50;

export const listModels = tool({
  name: 'list_models',
  title: 'List models',
  what: 'Lists the registered models of the workspace, or with "model" the versions of one: type, the job that made it, aliases and stage.',
  schema: fields({
    model: Type.Optional(Type.String({ description: 'Lists the versions of this model.', minLength: 1, maxLength: 255 })),
    search: Type.Optional(Type.String({ description: 'Only models whose name has this text.', maxLength: 200 })),
  }),
  async run({ model, search }, { client }) {
    if (model !== undefined) {
      const { value, nextLink } = await client.listVersions('models', model);
      const rows = value
        .slice(0, most)
        .map(({ name, properties }) => [
          name,
          properties.modelType,
          properties.jobName,
          properties.aliases?.join(' '),
          properties.stage,
          properties.description,
        ]);
      if (rows.length === 0) return 'There is no such model.';
      const table = tableText(['version', 'type', 'made by job', 'aliases', 'stage', 'description'], rows);
      return value.length > most || nextLink ? `${table}\n(The newest ${rows.length} versions.)` : table;
    }
    const { value, nextLink } = await client.listContainers('models', search ? { search } : {});
    const rows = value.slice(0, most).map(({ name, properties }) => [name, properties.latestVersion, properties.description]);
    if (rows.length === 0) return 'There are no such models.';
    const table = tableText(['model', 'latest version', 'description'], rows);
    return value.length > most || nextLink ? `${table}\n(The first ${rows.length}; search for others.)` : table;
  },
});
