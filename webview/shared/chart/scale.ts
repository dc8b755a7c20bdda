/** A range of values along some pixels. `size` is in pixels; `isDown` when greater values are further up the screen, as on a vertical axis. */
export interface Scale {
  min: number;
  max: number;
  start: number;
  size: number;
  isLog: boolean;
  isDown: boolean;
}

export function toPixel({ min, max, start, size, isLog, isDown }: Scale, value: number): number {
  const part = isLog ? Math.log(value / min) / Math.log(max / min) : (value - min) / (max - min);
  return start + size * (isDown ? 1 - part : part);
}

export function toValue({ min, max, start, size, isLog, isDown }: Scale, pixel: number): number {
  const along = (pixel - start) / size;
  const part = isDown ? 1 - along : along;
  return isLog ? min * (max / min) ** part : min + (max - min) * part;
}

/** A range with some room around it; one around a single value, which has none of its own. */
export function roomy(min: number, max: number, isLog: boolean): [number, number] {
  if (!(min <= max)) return isLog ? [0.1, 1] : [0, 1];
  if (isLog) {
    const room = min === max ? 2 : (max / min) ** 0.05;
    return [min / room, max * room];
  }
  const room = min === max ? Math.abs(min) * 0.1 || 1 : (max - min) * 0.06;
  return [min - room, max + room];
}

/** The range moved by a part of itself, or made larger (`by` above 1) around a place of it. */
export function moved(scale: Scale, part: number): [number, number] {
  const shift = scale.size * part;
  return [toValue(scale, scale.start + shift), toValue(scale, scale.start + scale.size + shift)];
}

export function zoomed(scale: Scale, around: number, by: number): [number, number] {
  const pixel = toPixel(scale, around);
  return [toValue(scale, pixel - (pixel - scale.start) * by), toValue(scale, pixel + (scale.start + scale.size - pixel) * by)];
}
