import type { Static } from 'typebox';
import * as Type from 'typebox';

/** Cases that a workspace keeps, and characters of each as JSON. */
export const mostPromptCases = 500;
export const mostPromptCaseText = 200_000;

const Message = Type.Object({
  role: Type.Union([Type.Literal('system'), Type.Literal('user'), Type.Literal('assistant'), Type.Literal('tool')]),
  content: Type.String(),
  tool_calls: Type.Optional(
    Type.Array(
      Type.Object({
        id: Type.String(),
        type: Type.Literal('function'),
        function: Type.Object({ name: Type.String(), arguments: Type.String() }),
      }),
    ),
  ),
  tool_call_id: Type.Optional(Type.String()),
});

/** What is kept to ask models the same again, and to see whether they answer as expected: the body of `POST /updraft/prompt-cases`. */
export const PromptCaseBody = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 200 }),
  /** The last one is the person's. */
  messages: Type.Array(Message, { minItems: 1 }),
  /** How the model is asked, as a chat completion has it: `temperature`, `seed`, `response_format` and so on. */
  settings: Type.Object({}),
  /** Empty: the answer is only looked at. */
  expected: Type.String(),
});
export type PromptCaseBody = Static<typeof PromptCaseBody>;

/** A row of `GET /updraft/prompt-cases`, the newest first. */
export const PromptCase = Type.Object({ ...PromptCaseBody.properties, id: Type.String(), at: Type.String() });
export type PromptCase = Static<typeof PromptCase>;
