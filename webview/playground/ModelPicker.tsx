import { useState } from 'react';
import type { OpenAiModel } from '../../src/protocol/openAi.ts';
import { Checkbox } from '../shared/ui/fields.tsx';
import { Icon } from '../shared/ui/Icon.tsx';
import { Popover } from '../shared/ui/Popover.tsx';
import { plainText } from '../shared/ui/plainText.ts';
import { nameOfModel } from './nameOfModel.ts';

/** Which models answer: one, or several side by side. */
export function ModelPicker({
  models,
  chosen,
  onChange,
  onRefresh,
}: {
  models: readonly OpenAiModel[];
  chosen: readonly string[];
  onChange(models: string[]): void;
  onRefresh(): void;
}) {
  const [named, setNamed] = useState('');
  const missing = chosen.filter((name) => !models.some(({ id, other_ids = [] }) => id === name || other_ids.includes(name)));
  const toggle = (id: string, isOn: boolean) => onChange(isOn ? [...chosen, id] : chosen.filter((each) => each !== id));
  const text = chosen.length === 1 ? nameOfModel(chosen[0]!) : `${chosen.length} models`;
  return (
    <Popover icon="hubot" label="Choose the models" text={text}>
      <div className="choices model-choices">
        {models.map(({ id, owned_by, context_length, host, adapter_of, other_ids = [], problem }) => {
          // It may have been chosen by another of its names.
          const own = chosen.find((name) => other_ids.includes(name)) ?? id;
          return (
            <div key={id}>
              <Checkbox label={plainText(own, 120)} checked={chosen.includes(own)} onChange={(isOn) => toggle(own, isOn)} />
              <p className="dim">
                {plainText(adapter_of ? `adapter of ${adapter_of}` : host ? `${owned_by}, on ${host}` : owned_by, 80)}
                {context_length ? `, ${context_length.toLocaleString('en')} tokens of context` : ''}
              </p>
              {problem && (
                <p className="status-text">
                  <Icon name="warning" className="tone-warning" />
                  <span>Does not run here. {plainText(problem, 400)}</span>
                </p>
              )}
            </div>
          );
        })}
        {missing.map((id) => (
          <div key={id}>
            <Checkbox label={plainText(id, 120)} checked onChange={(isOn) => toggle(id, isOn)} />
            <p className="dim">
              {models.some((each) => id.startsWith(`${each.id}+`)) ? 'with an adapter' : 'is not among the models of this machine'}
            </p>
          </div>
        ))}
      </div>
      <form
        className="model-by-name"
        onSubmit={(event) => {
          event.preventDefault();
          const name = named.trim();
          if (name && !chosen.includes(name)) onChange([...chosen, name]);
          setNamed('');
        }}
      >
        <input
          className="edit"
          aria-label="A model by its name"
          placeholder="MODEL+ADAPTER"
          value={named}
          onInput={({ currentTarget }) => setNamed(currentTarget.value)}
        />
        <button type="submit" className="link" disabled={named.trim() === ''}>
          Add
        </button>
      </form>
      <button type="button" className="link" onClick={onRefresh}>
        Look for models again
      </button>
    </Popover>
  );
}
