import type { ModelVersion } from '../../src/protocol/asset.ts';
import { metricTexts } from '../runs/compare/metricTexts.ts';
import { fieldsOf, signatureParts } from './signature.ts';
import { metricsOf, paramsOf, type VersionFacts } from './versionFacts.ts';

/** A version with what is known of it. */
export interface ToldVersion {
  version: ModelVersion;
  facts: VersionFacts;
}

/** What versions have under one name: a text each, undefined for one that has it not. */
export interface VersionRow {
  label: string;
  texts: (string | undefined)[];
  differs: boolean;
}

export interface VersionSection {
  title: string;
  rows: VersionRow[];
}

/** What versions are compared by, in sections that are not empty. What differs comes first. */
export function versionSections(versions: readonly ToldVersion[]): VersionSection[] {
  const section = (title: string, mapOf: (of: ToldVersion) => ReadonlyMap<string, string>): VersionSection => {
    const maps = versions.map(mapOf);
    const labels = new Set(maps.flatMap((map) => [...map.keys()]));
    const rows = [...labels].map((label) => {
      const texts = maps.map((map) => map.get(label));
      return { label, texts, differs: new Set(texts).size > 1 };
    });
    return { title, rows: rows.sort((a, b) => Number(b.differs) - Number(a.differs)) };
  };
  return [
    withNumbers(section('Metrics', ({ facts }) => new Map([...metricsOf(facts)].map(([key, value]) => [key, String(value)])))),
    section('Parameters', ({ facts }) => paramsOf(facts)),
    ...signatureParts.map((part) => section(titles[part], ({ facts }) => signatureCells(facts, part))),
    section('Details', ({ version: { properties }, facts: { file } }) => {
      const facts: [string, string | undefined | null][] = [
        ['Aliases', properties.aliases?.map((alias) => `@${alias}`).join(' ')],
        ['Description', properties.description],
        ['Type', properties.modelType],
        ['Stage', properties.stage === 'None' ? '' : properties.stage],
        ['Flavors', file && [...file.flavors.keys()].join(', ')],
        ['MLflow', file?.mlflowVersion],
      ];
      return new Map(facts.flatMap(([label, text]): [string, string][] => (text ? [[label, text]] : [])));
    }),
    section('Tags', ({ version }) => new Map(Object.entries(version.properties.tags ?? {}))),
  ].filter(({ rows }) => rows.length > 0);
}

/** Numbers as people read them, with as many digits as show a difference. */
const withNumbers = ({ title, rows }: VersionSection): VersionSection => ({
  title,
  rows: rows.map((row) => ({ ...row, texts: metricTexts(row.texts.map((text) => (text === undefined ? undefined : Number(text)))) })),
});

const titles = { inputs: 'Inputs of the model', outputs: 'Outputs of the model', params: 'Parameters of predictions' } as const;

/** A field by its name; one without a name by its place. */
const signatureCells = ({ file }: VersionFacts, part: (typeof signatureParts)[number]): Map<string, string> =>
  new Map(
    (file ? (fieldsOf(file, part) ?? []) : []).map(({ name, type, note }, index) => [
      name || `field ${index + 1}`,
      note ? `${type}, ${note}` : type,
    ]),
  );
