import { compile, TreeInterpreter } from '@jmespath-community/jmespath';
import { messageOf, UserError } from '../../base/userError.ts';

/** What a query makes of an answer. */
export type Query = (value: unknown) => unknown;

/** Reads a JMESPath expression. Throws `InvalidArgument` for one that is none, so that it is said before anything is done. */
export function readQuery(expression: string): Query {
  const wrong = (error: unknown) =>
    new UserError('InvalidArgument', `--query "${expression}": ${messageOf(error)}`, 'It is a JMESPath expression: https://jmespath.org.');
  const tree = compiled();
  return (value) => {
    try {
      return TreeInterpreter.search(tree, value as never);
    } catch (error) {
      throw wrong(error);
    }
  };

  function compiled() {
    try {
      // Azure's queries are full of `Completed` without quotes inside.
      return compile(expression, { enable_legacy_literals: true });
    } catch (error) {
      throw wrong(error);
    }
  }
}
