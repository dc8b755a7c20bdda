/** How much a line of a log matters. */
export type Level = 'error' | 'warning';

/** Python's own: the head of a traceback, the exception at its end, and `file.py:3: UserWarning: text`. */
const traceback = /^\s*Traceback \(most recent call last\):/;
const exception = /^(?:[A-Za-z_]\w*\.)*[A-Z]\w*(?:Error|Exception|Interrupt)(?::|$)/;
const pythonWarning = /(?:^|:\d+: )[A-Z]\w*Warning: /;
/** A level as loggers write it, near the start of a line, or as compilers begin one. In lower case the words stand in any text. */
const errorLevel = /^.{0,80}?(?<![\w-])(?:ERROR|CRITICAL|FATAL)(?![\w-])|^\s*(?:error|fatal)(?:\[[^\]]*\])?: /;
const warningLevel = /^.{0,80}?(?<![\w-])(?:WARNING|WARN)(?![\w-])|^\s*warning(?:\[[^\]]*\])?: /;

/** The level of a line without escape sequences; undefined for what is neither an error nor a warning. */
export function levelOf(text: string): Level | undefined {
  if (traceback.test(text) || exception.test(text) || errorLevel.test(text)) return 'error';
  return pythonWarning.test(text) || warningLevel.test(text) ? 'warning' : undefined;
}
