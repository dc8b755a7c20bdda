import { Html, html } from '../../base/html.ts';
import { formatBytes } from '../../base/text.ts';
import type { AuditLine } from '../../protocol/audit.ts';
import { type Job, jobProperty, titleOf } from '../../protocol/job.ts';
import { isSystemMetric } from '../../protocol/systemMetric.ts';
import type { ModelReport, ReportFiles, ReportJob } from './readReport.ts';

const style = `
:root { color-scheme: light dark; }
body { font: 14px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1, h2, h3 { line-height: 1.25; }
h2 { margin-top: 2.5rem; border-bottom: 1px solid #8884; padding-bottom: .25rem; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0; }
th, td { text-align: left; vertical-align: top; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid #8883; overflow-wrap: anywhere; }
th { font-weight: 600; }
.facts th { width: 12rem; font-weight: normal; opacity: .75; }
pre { unicode-bidi: isolate; }
code, pre { font: 12px/1.5 ui-monospace, monospace; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; background: #8881; padding: .75rem; }
.dim { opacity: .75; }
details { margin: .5rem 0; }
@media print { details > * { display: block; } }
`;

/** A page of its own, with nothing to be fetched: how a version of a model came to be. `at` is when it was made, `plane` where. */
export function reportHtml(report: ModelReport, { at, plane, version: program }: { at: string; plane: string; version: string }): string {
  const { name, version } = report;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${name} ${version.name}</title>
<style>${new Html(style)}</style>
</head>
<body>
<h1>Model ${name}, version ${version.name}</h1>
<p class="dim">How it came to be, as the control plane ${plane} had it at ${at}. Made by Updraft ${program}.</p>
${aboutModel(report)}
${evaluations(report)}
<h2>What made it</h2>
${report.origin ? origin(report.origin) : html`<p>It was registered from files: no job of this control plane made it, or the job was deleted.</p>`}
${report.jobs.map(oneJob)}
${people(report)}
${comments(report)}
${audit(report.audit)}
</body>
</html>
`.text;
}

const facts = (rows: [string, unknown][]): Html =>
  html`<table class="facts"><tbody>${rows.filter(([, value]) => value !== undefined && value !== '').map(([name, value]) => html`<tr><th scope="row">${name}</th><td>${value}</td></tr>`)}</tbody></table>`;

function aboutModel({ version, files }: ModelReport): Html {
  const { description, tags, aliases, stage, modelType, modelUri, isArchived } = version.properties;
  return html`<h2>The model</h2>${facts([
    ['Description', description],
    ['Type', modelType],
    ['Aliases', aliases?.join(', ')],
    ['Stage', stage ?? undefined],
    ['Archived', isArchived ? 'yes' : undefined],
    ['Tags', pairs(Object.entries(tags ?? {}))],
    ['Place', html`<code>${modelUri}</code>`],
    ['Registered', version.systemData?.createdAt],
  ])}${fileTable('Files of the model', files)}`;
}

function evaluations({ jobs }: ModelReport): Html {
  const rows = jobs.flatMap(({ job, metrics }) =>
    metrics.filter(([key]) => !isSystemMetric(key)).map(([key, value]) => [titleOf(job), key, value] as const),
  );
  if (rows.length === 0) return html`<h2>Evaluations</h2><p>No metric was logged.</p>`;
  return html`<h2>Evaluations</h2><table><thead><tr><th scope="col">Step</th><th scope="col">Metric</th><th scope="col">Last value</th></tr></thead><tbody>${rows.map(
    ([step, key, value]) => html`<tr><td>${step}</td><td>${key}</td><td>${value}</td></tr>`,
  )}</tbody></table>`;
}

function origin(job: Job): Html {
  const { properties, systemData } = job;
  const kept = properties.properties ?? {};
  return facts([
    [properties.jobType === 'Pipeline' ? 'Pipeline' : 'Job', `${titleOf(job)} (${job.name})`],
    ['Status', properties.status],
    ['Submitted by', systemData?.createdBy],
    ['Submitted', systemData?.createdAt],
    ['Ended', properties.endedAt],
    [
      'Commit',
      kept[jobProperty.gitCommit] &&
        `${kept[jobProperty.gitCommit]}${kept[jobProperty.gitDirty] === 'true' ? ', with changes that were not committed' : ''}`,
    ],
    ['Branch', kept[jobProperty.gitBranch]],
    ['Repository', kept[jobProperty.gitRepository]],
  ]);
}

function oneJob({ job, params, inputs, code, environment, packages }: ReportJob): Html {
  const { properties } = job;
  const { image, condaFile } = environment?.properties ?? {};
  return html`<h3>${titleOf(job)}</h3>${facts([
    ['Job', job.name],
    ['Status', properties.status],
    ['Reused from', properties.properties?.[jobProperty.reusedFrom]],
    ['Began', properties.startedAt],
    ['Ended', properties.endedAt],
    ['Command', properties.jobType === 'Command' ? html`<code>${properties.command}</code>` : undefined],
    ['Parameters', pairs(params)],
    ['Environment', environment && `${environment.id.split('/').slice(-3, -2)[0]}, version ${environment.name}`],
    ['Image', image],
  ])}${inputs.map(({ name, uri, files }) => fileTable(`Data: ${name}`, files, uri))}${code.count > 0 ? fileTable('Code', code) : ''}${text('Packages that were asked for', condaFile)}${text('Packages that it had', packages)}`;
}

const text = (title: string, content: string | null | undefined): Html | string =>
  content ? html`<details><summary>${title}</summary><pre>${content}</pre></details>` : '';

const pairs = (entries: [string, string][]): Html | undefined =>
  entries.length > 0 ? html`${entries.map(([key, value]) => html`<div>${key} = ${value}</div>`)}` : undefined;

function fileTable(title: string, { files, count, note }: ReportFiles, uri?: string): Html {
  const place = uri ? html`<p class="dim"><code>${uri}</code></p>` : '';
  if (files.length === 0) return html`<details><summary>${title}</summary>${place}<p>${note ?? 'No files.'}</p></details>`;
  const more = count > files.length ? html`<p>And ${count - files.length} more.</p>` : '';
  return html`<details><summary>${title}: ${count === 1 ? '1 file' : `${count} files`}</summary>${place}<table><thead><tr><th scope="col">File</th><th scope="col">Size</th><th scope="col">SHA-256</th></tr></thead><tbody>${files.map(
    ({ path, size, sha256 }) =>
      html`<tr><td>${path || uri?.split('/').at(-1) || 'the file'}</td><td>${size === undefined ? '' : formatBytes(size)}</td><td><code>${sha256 ?? 'not known'}</code></td></tr>`,
  )}</tbody></table>${more}</details>`;
}

function people({ version, origin: job, audit: lines }: ModelReport): Html {
  const roles = new Map<string, Set<string>>();
  const add = (who: string | undefined, what: string) => {
    if (who) roles.set(who, (roles.get(who) ?? new Set()).add(what));
  };
  add(version.systemData?.createdBy, 'registered it');
  add(version.systemData?.lastModifiedBy, 'changed its description, tags or aliases last');
  add(job?.systemData?.createdBy, 'submitted the job that made it');
  if (Array.isArray(lines)) for (const { who, outcome } of lines) if (outcome === 'done') add(who?.name, 'is in the audit log below');
  return html`<h2>People</h2><table><tbody>${[...roles].map(([who, what]) => html`<tr><th scope="row">${who}</th><td>${[...what].join('; ')}</td></tr>`)}</tbody></table>`;
}

/** As people wrote them: Markdown stays as it is. */
function comments({ comments: all, version }: ModelReport): Html {
  if (all.length === 0) return html`<h2>Comments</h2><p>Nobody has commented on it.</p>`;
  return html`<h2>Comments</h2><p class="dim">On the model, and on version ${version.name}, as people wrote them.</p>${all.map(
    ({ by, at, editedAt, on, text: written }) =>
      html`<h3>${by.agent === undefined ? by.name : `${by.agent} for ${by.name}`}</h3><p class="dim">${at}${editedAt === undefined ? '' : `, edited ${editedAt}`}${on.version === undefined ? '' : `, on version ${on.version}`}</p><pre dir="auto">${written}</pre>`,
  )}`;
}

function audit(lines: AuditLine[] | string): Html {
  if (typeof lines === 'string') return html`<h2>Audit</h2><p>${lines}</p>`;
  if (lines.length === 0) return html`<h2>Audit</h2><p>The audit log names it nowhere.</p>`;
  return html`<h2>Audit</h2><p class="dim">Lines of the audit log that name it, the newest first. "updraft audit verify" says whether the log is whole.</p><table><thead><tr><th scope="col">Line</th><th scope="col">When</th><th scope="col">Who</th><th scope="col">What</th><th scope="col">Outcome</th></tr></thead><tbody>${lines.map(
    ({ seq, at, who, action, about, path, outcome }) =>
      html`<tr><td>${seq}</td><td>${at}</td><td>${who?.name ?? 'unknown'}</td><td>${action}<div class="dim">${Object.entries(about ?? { path }).map(([key, value]) => `${key}: ${value} `)}</div></td><td>${outcome}</td></tr>`,
  )}</tbody></table>`;
}
