import { type Field, follow } from '../../spec/field.ts';
import { flatten } from '../../spec/variant.ts';

/** Text with tab stops in the editor's snippet language. `column` is where the key stands that it follows. */
export class Snippet {
  private next = 1;
  text = '';

  add(text: string): this {
    this.text += text.replace(/[\\$}]/g, '\\$&');
    return this;
  }

  stop(placeholder = ''): this {
    this.text += placeholder ? `\${${this.next++}:${placeholder.replace(/[\\$}]/g, '\\$&')}}` : `$${this.next++}`;
    return this;
  }

  choice(values: readonly string[]): this {
    this.text += `\${${this.next++}|${values.map((each) => each.replace(/[\\$},|]/g, '\\$&')).join(',')}|}`;
    return this;
  }

  /** `: value` for a key at `column`, with what the value must have. */
  value(given: Field, column: number, inFlow: boolean, depth = 0): this {
    const field = follow(given);
    const options = flatten(field);
    const scalar = options.find((each) => each.type !== 'object' && each.type !== 'array' && each.type !== 'null');
    const map = options.find((each) => each.type === 'object');
    if (map && !inFlow && (!scalar || (field.discriminator && map.required?.length))) {
      const required = map.required ?? [];
      this.add(':');
      const inner = column + 2;
      if (required.length === 0 || depth > 3) {
        this.add(`\n${' '.repeat(inner)}`).stop();
        return this;
      }
      for (const key of required) {
        this.add(`\n${' '.repeat(inner)}${key}`);
        this.value(map.properties?.[key] ?? {}, inner, false, depth + 1);
      }
      return this;
    }
    const list = options.find((each) => each.type === 'array');
    if (list && !scalar && !inFlow) return this.add(`:\n${' '.repeat(column + 2)}- `).stop();
    this.add(': ');
    if (list && !scalar) return this.add('[').stop().add(']');
    if (map && !scalar) return this.add('{').stop().add('}');
    if (!scalar) return this.stop();
    return this.scalar(field, options);
  }

  private scalar(field: Field, options: Field[]): this {
    const words = options.flatMap((each) => each.enum ?? (each.const === undefined ? [] : [each.const])).map(String);
    if (words.length === 1 && options.length === 1) return this.add(words[0]!);
    const byDefault = field.default === undefined || typeof field.default === 'object' ? undefined : String(field.default);
    if (words.length > 1)
      return this.choice(byDefault && words.includes(byDefault) ? [byDefault, ...words.filter((each) => each !== byDefault)] : words);
    if (options.some((each) => each.type === 'boolean')) return this.choice(byDefault === 'true' ? ['false', 'true'] : ['true', 'false']);
    return this.stop(byDefault ?? '');
  }
}
