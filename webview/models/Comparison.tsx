import { formatBytes, formatCount } from '../../src/base/text.ts';
import type { LocalModel, ModelToGet } from '../../src/protocol/localModels.ts';
import { plainText } from '../shared/ui/plainText.ts';
import { estimateDetail, fitLook, speedDetail, taskText, tokensText } from './modelTexts.ts';

type Model = LocalModel | ModelToGet;
const isLocal = (model: Model): model is LocalModel => 'place' in model;

const rows: readonly (readonly [string, (model: Model) => string | undefined])[] = [
  ['Where', (model) => (isLocal(model) ? model.place : 'to get')],
  ['Task', (model) => (isLocal(model) ? taskText(model.task) : undefined)],
  ['Weights', ({ parameters }) => (typeof parameters === 'number' ? formatCount(parameters) : parameters)],
  ['Quantization', ({ quantization }) => quantization],
  ['Size', ({ bytes }) => formatBytes(bytes)],
  ['Context', (model) => (isLocal(model) && model.contextLength ? tokensText(model.contextLength) : undefined)],
  ['Memory', ({ fit }) => (fit.needs ? formatBytes(fit.needs) : undefined)],
  ['This machine', ({ fit }) => fitLook(fit).text],
  [
    'Speed',
    (model) => {
      const measured = isLocal(model) ? model.measured?.speed : undefined;
      return measured ? speedDetail(measured) : model.estimate && estimateDetail(model.estimate);
    },
  ],
  ['Languages', (model) => (isLocal(model) ? model.languages?.join(', ') : undefined)],
  ['Licence', ({ license }) => license],
];

/** Two models side by side. What differs stands out. */
export function Comparison({ models }: { models: readonly [Model, Model] }) {
  return (
    <table className="model-comparison" aria-label="Comparison of two models">
      <thead>
        <tr>
          <td />
          {models.map(({ name }) => (
            <th key={name} scope="col">
              {plainText(name, 80)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(([label, of]) => {
          const [left, right] = [of(models[0]), of(models[1])];
          if (left === undefined && right === undefined) return null;
          return (
            <tr key={label} className={left === right ? undefined : 'differs'}>
              <th scope="row">{label}</th>
              {[left, right].map((value, at) => (
                <td key={models[at]!.name}>{value === undefined ? <span className="dim">not known</span> : plainText(value, 200)}</td>
              ))}
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
