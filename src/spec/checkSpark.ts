import { codes, type DiagnosticCode } from './codes.ts';
import type { FileSource } from './diagnostic.ts';
import type { SpecDocument } from './document.ts';
import { expressionsIn } from './expression.ts';
import { beside, isLocalPath } from './paths.ts';
import { isDataType, isMapValue } from './signature.ts';

type Map = Record<string, any>;

const sizes = ['driver.cores', 'driver.memory', 'executor.cores', 'executor.memory'].map((key) => `spark.${key}`);
const minimum = 'spark.dynamicAllocation.minExecutors';
const maximum = 'spark.dynamicAllocation.maxExecutors';

/** Checks what Azure's client wants of Spark: settings of driver and executors, where it runs, how data is handed over. `path` leads to the job, or to the step with its component. */
export function checkSpark(document: SpecDocument, path: string[], work: Map, files: FileSource, component?: Map): void {
  const report = (at: string[], code: DiagnosticCode, message: string, hint?: string) =>
    document.report(
      document.pair([...path, ...at.slice(0, -1)], at.at(-1)!) ??
        (path.length ? document.pair(path.slice(0, -1), path.at(-1)!) : document.pair([], 'type')),
      code,
      message,
      hint,
      codes[code].severity,
    );
  checkConf(isMapValue(work.conf) ? work.conf : isMapValue(component?.conf) ? component.conf : {}, (message, hint) =>
    report(['conf'], 'MissingField', message, hint),
  );
  if (work.compute === undefined && work.resources === undefined)
    report(
      ['resources'],
      'MissingField',
      'Spark needs a pool or machines of its own.',
      'Add "resources:", or "compute:" with an attached pool.',
    );
  else if (work.compute !== undefined && work.resources !== undefined)
    report(
      ['compute'],
      'InvalidValue',
      'Spark runs on a pool or on machines of its own, not on both.',
      'Remove "compute:" or "resources:".',
    );
  if (path.length > 0) return;
  checkEntry(document, work, files);
  for (const kind of ['inputs', 'outputs'])
    for (const [name, each] of Object.entries<any>(isMapValue(work[kind]) ? work[kind] : {})) {
      const isData = isMapValue(each) ? isDataType(String(each.type ?? 'uri_folder')) && each.value === undefined : kind === 'outputs';
      if (isData && String(each?.mode).toLowerCase() !== 'direct' && name !== 'default')
        report(
          [kind, name],
          'InvalidValue',
          `Spark reads and writes data at its own address: "${name}" needs the mode direct.`,
          'Add "mode: direct".',
        );
    }
}

function checkConf(conf: Map, missing: (message: string, hint?: string) => void): void {
  const has = (key: string) => conf[key] !== undefined && conf[key] !== null && conf[key] !== '' && conf[key] !== 0;
  const isDynamic = /^true$/i.test(String(conf['spark.dynamicAllocation.enabled']));
  const needed = [...sizes, ...(isDynamic ? [minimum, maximum] : ['spark.executor.instances'])].filter((key) => !has(key));
  if (needed.length > 0) return missing(`Spark needs ${needed.join(', ')} in "conf".`, `Add "${needed[0]}:".`);
  const [least, most, instances] = [conf[minimum], conf[maximum], conf['spark.executor.instances']].map(Number) as [number, number, number];
  if (!isDynamic && (has(minimum) || has(maximum)))
    return missing(
      `"${has(minimum) ? minimum : maximum}" has a meaning only when executors come and go.`,
      'Add "spark.dynamicAllocation.enabled: true", or remove it.',
    );
  if (isDynamic && !(least > 0 && least <= most))
    missing(`"${minimum}" must be at least 1 and at most "${maximum}".`, 'Change one of the two.');
  else if (isDynamic && instances && (instances > most || instances < least))
    missing(`"spark.executor.instances" must lie between "${minimum}" and "${maximum}".`, 'Change it, or leave it out.');
}

/** The file that Spark starts must be in the code folder. */
function checkEntry(document: SpecDocument, { code, entry }: Map, files: FileSource): void {
  const file = isMapValue(entry) ? entry.file : undefined;
  if (typeof code !== 'string' || typeof file !== 'string' || !isLocalPath(code) || expressionsIn(file).length > 0) return;
  const folder = beside(document.file, code);
  if (files.kind(folder) !== 'folder' || files.kind(`${folder}/${file}`) === 'file') return;
  document.report(
    document.at(['entry', 'file']),
    'MissingFile',
    `The entry ${file} is not in the code folder ${code}.`,
    'It is relative to the code folder.',
    codes.MissingFile.severity,
  );
}
