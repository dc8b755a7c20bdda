/** Chooses one of the steps, by pointer or by keys. */
export function StepSlider({
  name,
  steps,
  step,
  onChange,
}: {
  name: string;
  steps: readonly number[];
  step: number;
  onChange(step: number): void;
}) {
  const at = Math.max(
    0,
    steps.findLastIndex((each) => each <= step),
  );
  return (
    <label className="step-slider">
      <input
        type="range"
        min={0}
        max={steps.length - 1}
        step={1}
        value={at}
        aria-label={`Step of ${name}`}
        aria-valuetext={`step ${steps[at]}`}
        onChange={(event) => onChange(steps[Number(event.target.value)]!)}
      />
      <output>
        step {steps[at]} <span className="dim">of {steps.at(-1)}</span>
      </output>
    </label>
  );
}
