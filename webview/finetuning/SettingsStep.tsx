import { useId } from 'react';
import { Section } from '../shared/ui/Section.tsx';
import { faultOf, type Setting, settings, settingValue, type Values } from './settings.ts';

/** How it is trained: what matters, and behind "More" what hardly anyone needs. */
export function SettingsStep({
  values,
  modules,
  isMoreShown,
  onChange,
  onMore,
}: {
  values: Values;
  /** Names of layers of the base model. */
  modules: readonly string[];
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

function SettingField({
  setting,
  value,
  note,
  onChange,
}: {
  setting: Setting;
  value: string;
  note: string | undefined;
  onChange(value: string): void;
}) {
  const id = useId();
  const { name, kind, oneOf, label, help } = setting;
  const fault = faultOf(setting, value);
  const described = { id, 'aria-describedby': `${id}-help`, ...(fault ? { 'aria-invalid': true } : {}) };
  return (
    <div className={`setting${name === 'target_modules' ? ' is-long' : ''}`}>
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
          onInput={({ currentTarget }) => onChange(currentTarget.value)}
        />
      )}
      <p id={`${id}-help`} className={fault ? 'tone-failed' : 'dim'}>
        {fault ?? help} {!fault && note}
      </p>
    </div>
  );
}
