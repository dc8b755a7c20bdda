import { randomUUID } from 'node:crypto';
import { Hono } from 'hono';
import { UserError } from '../../base/userError.ts';
import { check } from '../../protocol/check.ts';
import { mostPromptCases, mostPromptCaseText, type PromptCase, PromptCaseBody } from '../../protocol/promptCase.ts';
import { safeName } from '../paths.ts';
import { jsonBody } from './arm/request.ts';

const address = '/updraft/prompt-cases';

/** Prompts that people keep as test cases, in a workspace. */
export function promptCaseRoutes(): Hono {
  return new Hono()
    .get(address, async (c) => {
      const found = await c.get('asked').store.entities.list('promptCase', '', 0, mostPromptCases);
      return c.json({ value: found.map(({ body }) => body as PromptCase) });
    })
    .post(address, async (c) => {
      const body = check(PromptCaseBody, await jsonBody(c), 'The test case');
      if (JSON.stringify(body).length > mostPromptCaseText)
        throw new UserError(
          'InvalidRequest',
          `The test case has more than ${mostPromptCaseText} characters.`,
          'Keep a shorter conversation.',
        );
      const now = Date.now();
      const kept: PromptCase = { ...body, id: randomUUID(), at: new Date(now).toISOString() };
      await c.get('asked').store.write(async (writer) => {
        if ((await writer.entities.count('promptCase', '')) >= mostPromptCases)
          throw new UserError('Conflict', `The workspace keeps ${mostPromptCases} test cases already.`, 'Delete some of them first.');
        await writer.entities.put({ kind: 'promptCase', id: kept.id, scope: '', at: now, body: kept });
      });
      return c.json(kept);
    })
    .delete(`${address}/:id`, async (c) => {
      const id = safeName(c.req.param('id'), 'test case');
      await c.get('asked').store.write((writer) => writer.entities.delete('promptCase', id));
      return c.body(null, 204);
    });
}
