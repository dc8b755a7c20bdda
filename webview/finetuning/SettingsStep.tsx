import { useId } from 'react';
import { Section } from '../shared/ui/Section.tsx';
import { faultOf, type Setting, settings, settingValue, type Values } from './settings.ts';

/** How it is trained: what matters, and behind "More" what hardly anyone needs. */
export function SettingsStep({
  values,
  modules,
  models,
  isMoreShown,
  onChange,
  onMore,
}: {
  values: Values;
  /** Names of layers of the base model. */
  modules: readonly string[];
  /** Language models of this machine. */
  models: readonly string[];
  isMoreShown: boolean;
  onChange(name: string, value: string): void;
  onMore(isShown: boolean): void;
}) {
  const shown = (isRare: boolean) =>
    settings
      .filter((each) => each.isRare === isRare)
      .map((each) => (
        <SettingField
          key={each.name}
          setting={each}
          value={settingValue(values, each)}
          note={each.name === 'target_modules' && modules.length > 0 ? `This model has ${modules.join(', ')}.` : undefined}
          suggestions={each.name === 'judge_model' ? models : []}
          onChange={(value) => onChange(each.name, value)}
        />
      ));
  const isChanged = settings.some((each) => each.isRare && settingValue(values, each).trim() !== each.value);
  return (
    <Section title="3. Settings">
      <div className="settings">{shown(false)}</div>
      <details className="more-settings" open={isMoreShown} onToggle={({ currentTarget }) => onMore(currentTarget.open)}>
        <summary>More{isChanged ? ', some of which are changed' : ''}</summary>
        <div className="settings">{shown(true)}</div>
      </details>
    </Section>
  );
}

const longNames: ReadonlySet<string> = new Set(['target_modules', 'judge_model', 'judge_url']);

function SettingField({
  setting,
  value,
  note,
  suggestions,
  onChange,
}: {
  setting: Setting;
  value: string;
  note: string | undefined;
  suggestions: readonly string[];
  onChange(value: string): void;
}) {
  const id = useId();
  const { name, kind, oneOf, label, help } = setting;
  const fault = faultOf(setting, value);
  const described = { id, 'aria-describedby': `${id}-help`, ...(fault ? { 'aria-invalid': true } : {}) };
  return (
    <div className={`setting${longNames.has(name) ? ' is-long' : ''}`}>
      {kind === 'yes' ? (
        <label className="check" htmlFor={id}>
          <input
            {...described}
            type="checkbox"
            checked={value === 'true'}
            onChange={({ currentTarget }) => onChange(String(currentTarget.checked))}
          />
          {label}
        </label>
      ) : (
        <label htmlFor={id}>{label}</label>
      )}
      {oneOf && (
        <select {...described} className="edit" value={value} onChange={({ currentTarget }) => onChange(currentTarget.value)}>
          {oneOf.map((each) => (
            <option key={each}>{each}</option>
          ))}
        </select>
      )}
      {kind !== 'yes' && !oneOf && (
        <input
          {...described}
          className="edit"
          value={value}
          spellCheck={false}
          inputMode={kind === 'text' ? 'text' : 'decimal'}
          {...(suggestions.length > 0 ? { list: `${id}-list` } : {})}
          onInput={({ currentTarget }) => onChange(currentTarget.value)}
        />
      )}
      {suggestions.length > 0 && (
        <datalist id={`${id}-list`}>
          {suggestions.map((each) => (
            <option key={each} value={each} />
          ))}
        </datalist>
      )}
      <p id={`${id}-help`} className={fault ? 'tone-failed' : 'dim'}>
        {fault ?? help} {!fault && note}
      </p>
    </div>
  );
}
