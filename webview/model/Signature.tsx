import type { ModelFile } from './modelFile.ts';
import { type Field, fieldsOf, signatureParts } from './signature.ts';

const titles = { inputs: 'Inputs', outputs: 'Outputs', params: 'Parameters' } as const;
/** Fields of a part that are shown. */
const mostShown = 200;

/** What a model takes and gives, as tables. */
export function Signature({ file }: { file: ModelFile | undefined }) {
  if (!file) return <p className="dim">This version has no MLmodel file, so its inputs and outputs are not known.</p>;
  const parts = signatureParts.flatMap((part) => {
    const fields = fieldsOf(file, part);
    return fields?.length ? [{ part, fields }] : [];
  });
  if (parts.length === 0)
    return (
      <p className="dim">
        The model was logged without a signature. <code>mlflow.models.infer_signature</code> makes one.
      </p>
    );
  return (
    <div className="signature">
      {parts.map(({ part, fields }) => (
        <table key={part} className="signature-part">
          <caption>{titles[part]}</caption>
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Type</th>
            </tr>
          </thead>
          <tbody>
            {fields.slice(0, mostShown).map((field, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: fields are told apart by their place, since tensors have no names
              <FieldRow key={index} field={field} />
            ))}
            {fields.length > mostShown && (
              <tr>
                <td colSpan={2} className="dim">
                  and {fields.length - mostShown} more
                </td>
              </tr>
            )}
          </tbody>
        </table>
      ))}
    </div>
  );
}

const FieldRow = ({ field: { name, type, note } }: { field: Field }) => (
  <tr>
    <th scope="row">{name || <span className="dim">no name</span>}</th>
    <td>
      <code>{type}</code> {note && <span className="dim">{note}</span>}
    </td>
  </tr>
);
