import { useId } from 'react';
import { faultOf, type Settings } from './conversation.ts';

interface FieldProps {
  name: keyof Settings;
  label: string;
  placeholder: string;
  rows?: number;
}

const fields: readonly FieldProps[] = [
  { name: 'system', label: 'System prompt', placeholder: 'How the models are to answer', rows: 4 },
  { name: 'temperature', label: 'Temperature', placeholder: '0.8' },
  { name: 'topP', label: 'Top p', placeholder: '0.95' },
  { name: 'maxTokens', label: 'Max tokens', placeholder: 'As many as fit' },
  { name: 'seed', label: 'Seed', placeholder: 'Random' },
  {
    name: 'tools',
    label: 'Functions that the model may call, as JSON',
    placeholder: '{"name": "weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}',
    rows: 6,
  },
  { name: 'schema', label: 'JSON schema of the answer', placeholder: '{"type": "object", "properties": {}}', rows: 6 },
];

/** How the models are asked. */
export function SettingsPanel({ settings, onChange }: { settings: Settings; onChange(settings: Settings): void }) {
  return (
    <section className="playground-settings" aria-label="Settings">
      {fields.map((field) => (
        <Field
          key={field.name}
          {...field}
          value={settings[field.name]}
          onChange={(value) => onChange({ ...settings, [field.name]: value })}
        />
      ))}
    </section>
  );
}

function Field({ name, label, placeholder, rows, value, onChange }: FieldProps & { value: string; onChange(value: string): void }) {
  const id = useId();
  const fault = faultOf(name, value);
  const common = {
    id,
    className: `edit${name === 'schema' || name === 'tools' ? ' is-code' : ''}`,
    placeholder,
    value,
    spellCheck: false,
    ...(fault ? { 'aria-invalid': true, 'aria-describedby': `${id}-fault` } : {}),
  };
  return (
    <div className={`setting${rows ? ' is-long' : ''}`}>
      <label htmlFor={id}>{label}</label>
      {rows ? (
        <textarea {...common} rows={rows} onInput={({ currentTarget }) => onChange(currentTarget.value)} />
      ) : (
        <input {...common} inputMode="decimal" onInput={({ currentTarget }) => onChange(currentTarget.value)} />
      )}
      {fault && (
        <p id={`${id}-fault`} className="tone-failed">
          {fault}
        </p>
      )}
    </div>
  );
}
