import { useId } from 'react';
import { Checkbox, Select, TextField } from '../ui/fields.tsx';
import { Popover } from '../ui/Popover.tsx';
import { ToolButton } from '../ui/ToolButton.tsx';
import { type CardSize, type ChartSettings, cardSizes } from './chartSettings.ts';
import { KeyPicker } from './KeyPicker.tsx';
import type { Axis } from './line.ts';

const axisOptions = [
  { value: 'step', label: 'Step' },
  { value: 'relative', label: 'Relative time' },
  { value: 'time', label: 'Wall time' },
  { value: 'metric', label: 'Another metric' },
];
const sizeNames: Record<CardSize, string> = { small: 'Small charts', medium: 'Medium charts', large: 'Large charts' };
/** Names that a field for a metric offers. */
const mostOffered = 300;

/** What holds for all charts of a page. It stays in view while they scroll. */
export function ChartsToolbar({
  keys,
  settings,
  error,
  hasRuns,
  onNew,
}: {
  keys: readonly string[];
  settings: ChartSettings;
  /** What is wrong with the search. */
  error: string | undefined;
  hasRuns: boolean;
  onNew(): void;
}) {
  const { chosen, weight, axis } = settings;
  const list = useId();
  return (
    <div className="bar charts-bar" role="toolbar" aria-label="Charts">
      <div className="key-search">
        <TextField label="Search charts" value={settings.search} onChange={settings.setSearch} />
        <ToolButton
          icon="regex"
          label="Search by a regular expression"
          pressed={settings.isRegex}
          onClick={() => settings.setRegex(!settings.isRegex)}
        />
      </div>
      {error && (
        <span className="field-error" role="status">
          {error}
        </span>
      )}
      <Popover
        icon="list-filter"
        label="Choose metrics"
        text={chosen.length ? `${chosen.length} of ${keys.length} metrics` : 'All metrics'}
      >
        <KeyPicker keys={keys} chosen={chosen} onChange={settings.setChosen} />
      </Popover>
      <label className="slider" title="Smoothing: exponential moving average; the raw line stays behind it">
        <span>Smoothing</span>
        <input
          type="range"
          min={0}
          max={0.99}
          step={0.01}
          value={weight}
          aria-label="Smoothing"
          onChange={(event) => settings.setWeight(Number(event.target.value))}
        />
        <output>{weight.toFixed(2)}</output>
      </label>
      {weight > 0 && (
        <Select
          label="Smoothed by"
          value={settings.smoothing}
          options={[
            { value: 'points', label: 'by points' },
            { value: 'distance', label: 'by distance' },
          ]}
          onChange={(value) => settings.setSmoothing(value === 'distance' ? 'distance' : 'points')}
        />
      )}
      <Select label="Horizontal axis" value={axis} options={axisOptions} onChange={(value) => settings.setAxis(value as Axis)} />
      {axis === 'metric' && (
        <>
          <input
            className="edit"
            aria-label="Metric of the horizontal axis"
            placeholder="metric"
            list={list}
            defaultValue={settings.xMetric}
            onChange={(event) => keys.includes(event.target.value) && settings.setXMetric(event.target.value)}
          />
          <datalist id={list}>
            {keys.slice(0, mostOffered).map((key) => (
              <option key={key} value={key} />
            ))}
          </datalist>
        </>
      )}
      <Checkbox label="Log scale" checked={settings.isLog} onChange={settings.setLog} />
      {hasRuns && <Checkbox label="Mean and range" checked={settings.isBand} onChange={settings.setBand} />}
      <Select
        label="Size of charts"
        value={settings.size}
        options={cardSizes.map((value) => ({ value, label: sizeNames[value] }))}
        onChange={(value) => settings.setSize(value as CardSize)}
      />
      <ToolButton icon="add" label="A chart of several metrics" text="New chart" onClick={onNew} />
      {settings.xRange && (
        <ToolButton
          icon="screen-normal"
          label="Show all (Escape, or double-click a chart)"
          text="Reset zoom"
          onClick={() => settings.reset()}
        />
      )}
    </div>
  );
}
