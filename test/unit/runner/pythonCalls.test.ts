import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { pythonArguments } from '../../../src/runner/debug/pythonArguments.ts';
import { blamedCall, pythonCalls } from '../../../src/runner/debug/pythonCalls.ts';

/** Each call as the text that its Python is called with, or why it can't be started by itself. */
const callsOf = (line: string) => pythonCalls(line).map(({ end, callEnd, obstacle }) => obstacle ?? line.slice(end, callEnd).trim());

describe('calls of Python in a command line', () => {
  const cases: [line: string, ...calls: string[]][] = [
    ['python train.py --lr 0.1', 'train.py --lr 0.1'],
    ['pip install x && python3.11 -u "my train.py" "a && b"; echo done', '-u "my train.py" "a && b"'],
    ['A=1 B="x y" exec /usr/bin/python3 -m train', '-m train'],
    ['env A=1 nice -n 5 python train.py', 'train.py'],
    ['timeout 60s python train.py', 'train.py'],
    ['python train.py 2>&1 | tee log.txt', 'train.py 2>&1'],
    ['python train.py > out.txt && cp out.txt x', 'train.py > out.txt'],
    ['python a.py\npython b.py & wait', 'a.py', 'b.py'],
    [
      'python train.py \\\n  --lr $(echo "1; 2" | head) `date` ${X:-a;b} # python not.py',
      'train.py \\\n  --lr $(echo "1; 2" | head) `date` ${X:-a;b} # python not.py',
    ],
    ["echo 'python no.py' && echo python no.py"],
    ['cat data | python train.py', 'input'],
    ['python train.py < data', 'input'],
    ["python - <<'END'\npython no.py\nEND\npython yes.py", 'input', 'yes.py'],
    ['for n in 1 2; do python train.py $n; done; python last.py', 'block', 'last.py'],
    ['if true; then python a.py; fi && python b.py', 'block', 'b.py'],
    ['(cd sub && python a.py) && python b.py', 'block', 'b.py'],
    ['{ python a.py; }', 'block'],
    ['bash run.sh python'],
    ['pythonic.py'],
    [''],
    ['python "never closed'],
    ['&& ) ; python x.py', 'x.py'],
  ];
  for (const [line, ...calls] of cases)
    it(JSON.stringify(line), () => assert.deepEqual(callsOf(line), line.includes('never closed') ? ['"never closed'] : calls));

  it('blames the one whose script the last lines name, else the last', () => {
    const calls = pythonCalls('python src/a.py && python -m pkg.b && python c.py');
    const blamed = (...lines: string[]) => blamedCall(calls, lines)?.words.join(' ');
    assert.equal(blamed('  File "/jobs/x/code/src/a.py", line 3, in <module>'), 'src/a.py');
    assert.equal(blamed('  File "/jobs/x/code/pkg/b.py", line 3, in <module>'), '-m pkg.b');
    assert.equal(blamed('nothing of the kind'), 'c.py');
    assert.equal(blamedCall([], []), undefined);
  });
});

describe('the arguments of Python', () => {
  it('are read as Python reads them', () => {
    const program = (pythonArgs: string[], runs: unknown, args: string[]) => ({ pythonArgs, runs, args });
    assert.deepEqual(
      pythonArguments(['-u', '-X', 'dev', '-Wignore', 'a.py', '-m', 'b']),
      program(['-u', '-X', 'dev', '-W', 'ignore'], { program: 'a.py' }, ['-m', 'b']),
    );
    assert.deepEqual(pythonArguments(['-um', 'pkg.train', '-x']), program(['-u'], { module: 'pkg.train' }, ['-x']));
    assert.deepEqual(pythonArguments(['-c', 'print(1)', 'a']), program([], { code: 'print(1)' }, ['a']));
    assert.deepEqual(pythonArguments(['-']), program([], undefined, []));
    assert.deepEqual(pythonArguments([]), program([], undefined, []));
    assert.deepEqual(pythonArguments(['-m']), program([], undefined, []));
  });
});
