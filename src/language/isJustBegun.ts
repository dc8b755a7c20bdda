/** Whether a text is so little that it may become any file: comments, the two keys that say what a file is, or one word. */
export function isJustBegun(text: string): boolean {
  if (text.length > 5000) return false;
  const lines = text.split('\n').filter((line) => !/^\s*(?:#.*|---\s*)?$/.test(line));
  const isWord = lines.length === 1 && /^[$\w][\w ]*$/.test(lines[0]!.trimEnd());
  return isWord || lines.every((line) => /^(?:\$schema|type)\s*:/.test(line) && !isForeignSchema(line));
}

const isForeignSchema = (line: string): boolean => /:\/\/\S+\.json/.test(line) && !/azureml|promptflow/i.test(line);
