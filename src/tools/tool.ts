import type { Static, TSchema } from 'typebox';
import type { PlaneClient } from '../client/planeClient.ts';

/** What a tool works with while one call of it runs. */
export interface ToolWork {
  /** Acts in the name of the agent; of a tool that changes something, for this call. */
  client: PlaneClient;
  /** The whole path of a file that the agent names. */
  pathOf(file: string): string;
  signal: AbortSignal;
}

/** What a person is asked before something is changed. */
export interface Question {
  /** `Submit train.yml` */
  title: string;
  /** What would happen, in a sentence or two. */
  message: string;
}

/** Something that an agent may do, declared once: for MCP and for VS Code's own agents. */
export interface Tool<Input = any> {
  /** `list_jobs` */
  name: string;
  /** For a person. */
  title: string;
  /** For a model: what it is good for, and what it answers. */
  what: string;
  /** Of the input. Each field has a description for a model. */
  schema: TSchema;
  /** It starts what a file of this machine says. */
  startsFile?: boolean;
  /** What a tool has that changes something; one without only reads. */
  changes?: {
    /** It ends or undoes something that was there. */
    isDestructive: boolean;
    question(input: Input, work: Pick<ToolWork, 'pathOf'>): Question;
  };
  /** Answers what a model reads. Throws a `UserError` where the model, or its person, can do better. */
  run(input: Input, work: ToolWork): Promise<string>;
}

/** A tool whose input has the type of its schema. */
export const tool = <S extends TSchema>(declared: Tool<Static<S>> & { schema: S }): Tool => declared;
