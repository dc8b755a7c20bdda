import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { jsonLogger, lineLogger } from '../../../src/base/logger.ts';

const clock = () => new Date('2026-01-02T03:04:05.006Z');

describe('a log', () => {
  it('of lines says when, how grave and what', () => {
    const lines: string[] = [];
    const logger = lineLogger((line) => lines.push(line), clock);
    logger.info('listening');
    logger.error('feed', 'gone');
    assert.deepEqual(lines, ['2026-01-02T03:04:05.006Z info listening', '2026-01-02T03:04:05.006Z error feed: gone']);
  });

  it('of JSON is one object a line, whatever a message has in it', () => {
    const lines: string[] = [];
    const logger = jsonLogger((line) => lines.push(line), clock);
    logger.warn('two\nlines and "quotes"');
    logger.error('feed', new Error('gone'));
    assert.ok(lines.every((line) => !line.includes('\n')));
    const [first, second] = lines.map((line) => JSON.parse(line));
    assert.deepEqual(first, { time: '2026-01-02T03:04:05.006Z', level: 'warn', message: 'two\nlines and "quotes"' });
    assert.deepEqual([second.message, second.error], ['feed', 'gone']);
    assert.match(second.stack, /^Error: gone\n/);
  });
});
