/** What stands in the folder of an export for whoever opens it. */
export const readmeText = `# A workspace of Updraft, exported

Everything here can be read without Updraft.

| path | what |
| --- | --- |
| \`manifest.json\` | The version of this format, how much there is, when it was exported, and by whom. It is written last: \`"complete": true\` says that all is here. |
| \`SHA256SUMS\` | The SHA-256 of every other file. \`sha256sum -c SHA256SUMS\` checks them. |
| \`experiments.json\` | The experiments, with their tags. |
| \`jobs/NAME/\` | A job, or a step of one: \`job.yml\` is Azure ML's YAML, with which it can be submitted again. A run that a script made by itself has none. |
| \`jobs/NAME/metrics.parquet\` | All points of its metrics: \`key\`, \`step\`, \`timestamp\` in milliseconds since 1970, \`value\`. |
| \`jobs/NAME/artifacts/\`, \`outputs/\`, \`logs/\` | Its files. |
| \`codes\`, \`components\`, \`data\`, \`environments\`, \`models\` | \`NAME/VERSION/\` is a version of an asset, with its YAML, and its files in \`files/\`. |
| \`models/NAME/record.json\` | The description and tags of a registered model. Its aliases are in the records of its versions. |
| \`record.json\` in each folder | What YAML can't carry, as JSON in the words of Azure's REST API: status, times, error, tags, parameters, where data came from. |
| \`created.jsonl\` | Who made each thing, and when. |

Names that a disk can't have are written with \`%\`, and \`names\` in \`record.json\` says what they are called.
Ids in records name a workspace called \`exported\`, in place of the one that this came from.

\`updraft import FOLDER\` brings it into a workspace.
`;
